/* The table of clusters: a row each, its first cell a button that isolates the cluster everywhere. */
(function () {
  "use strict";

  const { dom, legend } = window.clusterfolio;

  /* `show` promises that the mean pictures are painted, too; `means` promises the canvases with the last ones. */
  function create(body, model, images, pick) {
    let painting = Promise.resolve();
    const noise = line(document.querySelector("#noise"));
    const rows = Array.from({ length: model.study.most }, (_, cluster) => make(cluster));

    function make(cluster) {
      const swatch = dom.el("span", { class: "swatch", "aria-hidden": "true" });
      const button = dom.el(
        "button",
        { type: "button", class: "plain", "aria-pressed": "false", title: "Show only this cluster" },
        swatch,
        String(cluster),
      );
      button.addEventListener("click", () => pick(cluster));
      const canvas = dom.el("canvas", { class: "mean", role: "img", "aria-label": `Mean image of cluster ${cluster}` });
      const size = dom.el("span", { class: "number" });
      const bar = dom.el("span", { class: "bar", "aria-hidden": "true" }, dom.el("span", {}));
      const cells = {};
      const flag = legend.chance();
      const row = dom.el("tr", {}, dom.el("th", { scope: "row" }, button, flag));
      if (model.study.pictures) {
        row.append(dom.el("td", {}, canvas)); /* Its heading stands even where pictures could not be loaded. */
      }
      if (model.names) row.append(cells.label = dom.el("td", { class: "label" }));
      row.append(dom.el("td", { class: "size" }, size, bar));
      for (const name of model.names ? ["purity", "entropy", "runner"] : []) {
        row.append(cells[name] = dom.el("td", { class: "number" }));
      }
      return { row, button, swatch, canvas, size, bar: bar.firstChild, cells, flag };
    }

    /* What is in no cluster has no row: a line says how many, and shows which. */
    function line(root) {
      const swatch = dom.el("span", { class: "swatch", "aria-hidden": "true" });
      dom.swatch(swatch, model.study.palette.none, "circle");
      const text = dom.el("span", {});
      const title = "Show only noise";
      const button = dom.el("button", { type: "button", class: "plain", "aria-pressed": "false", title }, swatch, text);
      button.addEventListener("click", () => pick(-1));
      root.prepend(button);
      return { root, button, text };
    }

    function show(setting, state) {
      const { noiseCount: count } = setting;
      noise.root.hidden = !count;
      dom.text(noise.text, `${dom.counted(count, "sample")} ${count === 1 ? "is" : "are"} noise`);
      const largest = Math.max(1, ...setting.stats.map((each) => each.size));
      setting.stats.forEach(function (each, cluster) {
        const { swatch, size, bar, cells, flag } = rows[cluster];
        flag.hidden = !(setting.vanished || []).includes(cluster);
        dom.swatch(swatch, setting.colors[cluster], setting.shapes[cluster]);
        dom.text(size, dom.count(each.size));
        bar.style.width = `${(100 * each.size) / largest}%`;
        bar.style.backgroundColor = setting.colors[cluster];
        if (!model.names) return;
        dom.text(cells.label, each.label === null ? "–" : model.labelName(each.label));
        dom.text(cells.purity, dom.fixed(each.purity, 3));
        dom.text(cells.entropy, dom.fixed(each.entropy, 3));
        dom.text(
          cells.runner,
          each.runner_up === null || each.runner_up === undefined
            ? "none"
            : `${model.labelName(each.runner_up)} (${dom.count(each.runner_up_size)})`,
        );
      });
      const used = rows.slice(0, setting.stats.length);
      if (body.children.length !== setting.stats.length) body.replaceChildren(...used.map((each) => each.row));
      mark(state);
      painting = images.means(setting, used.map((each) => each.canvas));
      return painting;
    }

    function mark(state) {
      dom.pressed(noise.button, state.cluster === -1);
      rows.forEach(function (each, cluster) {
        dom.pressed(each.button, state.cluster === cluster);
        each.row.classList.toggle("chosen", state.cluster === cluster);
      });
    }

    return { show, mark, means: () => painting.then(() => rows.map((each) => each.canvas)) };
  }

  window.clusterfolio.clusters = { create };
})();
