/* The legend under the map: a button per cluster or label that fades the others. */
(function () {
  "use strict";

  const { dom } = window.clusterfolio;

  /* The mark of a cluster that is an accident of this map, hidden until it is one. */
  function chance() {
    const title = "Unstable: not found again on most of the maps from other starts";
    return dom.el(
      "span",
      { class: "flag", title, hidden: true },
      dom.el("span", { "aria-hidden": "true" }, "◌"),
      dom.el("span", { class: "words" }, " unstable"),
    );
  }

  function create(element, model, pick) {
    const most = Math.max(model.study.most, model.names ? model.names.length : 0, 2) + 1;
    const items = Array.from({ length: most }, function (_, at) {
      const swatch = dom.el("span", { class: "swatch", "aria-hidden": "true" });
      const name = dom.el("span", { class: "name" });
      const count = dom.el("span", { class: "count" });
      const flag = chance();
      const button = dom.el(
        "button",
        { type: "button", class: "chip", "aria-pressed": "false" },
        swatch,
        name,
        count,
        flag,
      );
      button.addEventListener("click", () => pick(kind, shown[at].value));
      element.append(dom.el("li", {}, button));
      return { button, swatch, name, count, flag };
    });
    let kind = "cluster";
    let shown = [];

    /* What is grey: noise, or what has no label. */
    const none = (name, count) =>
      count ? [{ name, count, color: model.study.palette.none, shape: "circle", value: -1 }] : [];

    function entries(setting, color) {
      if (color === "right") {
        const wrong = setting.wrongCount;
        return [
          { name: "right", count: setting.counted - wrong, color: model.study.palette.right, shape: "circle" },
          { name: "wrong", count: wrong, color: model.study.palette.wrong, shape: "cross" },
          ...none(setting.noiseCount ? "noise, not counted" : "unlabelled, not counted", model.n - setting.counted),
        ];
      }
      if (color === "label") {
        const counts = new Array(model.names.length + 1).fill(0);
        for (const label of model.labels) counts[label] += 1;
        const { labels, shapes } = model.study.palette;
        const named = model.names.map((name, label) => ({
          name,
          count: counts[label],
          color: labels[label],
          shape: shapes[label],
          value: label,
        }));
        return [...named, ...none("unlabelled", counts[model.unlabelled])];
      }
      const clusters = setting.stats.map(function (each, cluster) {
        const name = each.label === null ? `cluster ${cluster}` : `mostly ${model.labelName(each.label)}`;
        return {
          name,
          count: each.size,
          color: setting.colors[cluster],
          shape: setting.shapes[cluster],
          title: `Cluster ${cluster}`,
          chance: (setting.vanished || []).includes(cluster),
          value: cluster,
        };
      });
      return [...clusters, ...none("noise", setting.noiseCount)];
    }

    function show(setting, state) {
      kind = state.color;
      shown = entries(setting, state.color);
      items.forEach(function (item, at) {
        const entry = shown[at];
        item.button.classList.toggle("unused", !entry);
        item.button.disabled = !entry || kind === "right";
        item.flag.hidden = !entry || !entry.chance;
        if (!entry) return;
        dom.swatch(item.swatch, entry.color, entry.shape);
        dom.text(item.name, entry.name);
        dom.text(item.count, `(${dom.count(entry.count)})`);
        item.button.title = entry.title || "";
      });
      mark(state);
    }

    function mark(state) {
      items.forEach((item, at) =>
        dom.pressed(item.button, kind !== "right" && at in shown && state[kind] === shown[at].value)
      );
    }

    return { show, mark };
  }

  window.clusterfolio.legend = { create, chance };
})();
