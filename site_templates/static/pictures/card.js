/* The sample card beside the maps, and the small tip at the pointer. */
(function () {
  "use strict";

  const { dom } = window.clusterfolio;
  const VERDICTS = ["● right", "✕ misclassified", "○ not counted"]; /* By verdict (model.js). */

  function create(root, model, images) {
    const at = (name) => root.querySelector(`[data-card="${name}"]`);
    const parts = {
      tile: at("tile"),
      title: at("title"),
      label: at("label"),
      cluster: at("cluster"),
      verdict: at("verdict"),
      unpin: at("unpin"),
      hint: at("hint"),
      facts: at("facts"),
    };

    /* `sample` null shows the hint instead. */
    function show(sample, setting, pinned) {
      const empty = sample === null || !setting;
      parts.hint.hidden = !empty;
      parts.facts.hidden = empty;
      parts.tile.hidden = empty || !images.has;
      parts.unpin.hidden = !pinned;
      dom.text(parts.title, empty ? "No sample chosen" : `Sample ${model.id(sample)}`);
      if (empty) return;
      images.place(parts.tile, sample);
      const cluster = setting.clusters[sample];
      if (parts.label) dom.text(parts.label, model.labelName(model.labels[sample]));
      dom.text(parts.cluster, model.clusterText(setting, cluster));
      if (parts.verdict) {
        dom.text(parts.verdict, VERDICTS[setting.verdict[sample]]);
        parts.verdict.dataset.wrong = String(setting.isWrong[sample] === 1);
      }
    }

    return { show };
  }

  /* The tip follows the hovered point on the map under the pointer. */
  function tip(model, images) {
    const picture = dom.el("span", { class: "tile" });
    const title = dom.el("strong", {});
    const line = dom.el("span", {});
    const node = dom.el(
      "div",
      { class: "tip", "aria-hidden": "true", hidden: true },
      picture,
      dom.el("span", { class: "lines" }, title, line),
    );

    function show(map, sample, setting, [x, y]) {
      if (node.parentNode !== map) map.append(node);
      images.place(picture, sample);
      picture.hidden = !images.has;
      const cluster = setting.clusters[sample];
      const label = model.labels ? `true ${model.labelName(model.labels[sample])}, ` : "";
      dom.text(title, `Sample ${model.id(sample)}`);
      dom.text(
        line,
        `${label}${cluster === setting.noise ? "" : "cluster "}${model.clusterText(setting, cluster)}`,
      );
      node.hidden = false;
      const left = x + 16 + node.offsetWidth > map.clientWidth ? x - 16 - node.offsetWidth : x + 16;
      const top = y + 16 + node.offsetHeight > map.clientHeight ? y - 16 - node.offsetHeight : y + 16;
      node.style.transform = `translate(${Math.round(Math.max(0, left))}px, ${Math.round(Math.max(0, top))}px)`;
    }

    function hide() {
      node.hidden = true;
    }

    return { show, hide };
  }

  window.clusterfolio.card = { create, tip, VERDICTS };
})();
