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
    const most = Math.max(model.study.most, model.names ? model.names.length : 0, 2);
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
      button.addEventListener("click", () => pick(kind, at));
      element.append(dom.el("li", {}, button));
      return { button, swatch, name, count, flag };
    });
    let kind = "cluster";

    function entries(setting, color) {
      if (color === "right") {
        const wrong = setting.wrongCount;
        return [
          { name: "right", count: model.n - wrong, color: model.study.palette.right, shape: "circle" },
          { name: "wrong", count: wrong, color: model.study.palette.wrong, shape: "cross" },
        ];
      }
      if (color === "label") {
        const counts = new Array(model.names.length).fill(0);
        for (const label of model.labels) counts[label] += 1;
        const { labels, shapes } = model.study.palette;
        return model.names.map((name, label) => ({
          name,
          count: counts[label],
          color: labels[label],
          shape: shapes[label],
        }));
      }
      return setting.stats.map(function (each, cluster) {
        const name = each.label === null ? `cluster ${cluster}` : `mostly ${model.labelName(each.label)}`;
        return {
          name,
          count: each.size,
          color: setting.colors[cluster],
          shape: setting.shapes[cluster],
          title: `Cluster ${cluster}`,
          chance: (setting.vanished || []).includes(cluster),
        };
      });
    }

    function show(setting, state) {
      kind = state.color;
      const shown = entries(setting, state.color);
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
      items.forEach((item, at) => dom.pressed(item.button, state[kind] === at && kind !== "right"));
    }

    return { show, mark };
  }

  window.clusterfolio.legend = { create, chance };
})();
