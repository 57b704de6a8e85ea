/* Save menus: each view as a picture, as Vega-Lite with its data, and as the rows behind it. */
(function () {
  "use strict";

  const app = window.clusterfolio;
  const { dom } = app;
  const LIVE = { map: "#map .canvas", pca: "#pca .canvas", variance: "#variance .canvas" };
  const CHARTS = { map: "maps", pca: "maps", numbers: "metrics", clusters: "clusters", confusion: "confusion", variance: "variance" };
  const TYPES = { png: "image/png", svg: "image/svg+xml", json: "application/json", csv: "text/csv" };
  const SCALE = 2; /* Pixels of a picture for each pixel of the page. */
  const KEEP = 60000; /* ms until the browser may forget what was saved */

  function save(name, type, parts) {
    const address = URL.createObjectURL(new Blob(parts, { type }));
    const link = dom.el("a", { href: address, download: name, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    window.setTimeout(() => URL.revokeObjectURL(address), KEEP);
  }

  function blob(canvas) {
    return new Promise((resolve, reject) => canvas.toBlob((found) => (found ? resolve(found) : reject(new Error("The browser could not make the picture."))), "image/png"));
  }

  /* A view of the page or of a chart to take away, on an opaque ground. */
  async function picture(view, as, ground) {
    const before = view.background();
    view.background(ground);
    try {
      await view.runAsync();
      return as === "svg" ? await view.toSVG() : await blob(await view.toCanvas(SCALE));
    } finally {
      await view.background(before).runAsync();
    }
  }

  /* `now()` gives {state, setting, mask}, setting null where there is none. */
  function create(model, plane, notices, now) {
    const { study } = model;
    const menus = Array.from(document.querySelectorAll("[data-save]"));

    /* The chart to take away, with its widgets where the page's are. */
    async function chart(name, state) {
      const spec = await model.chunk(`chart-${name}`);
      const given = spec.usermeta ? spec.usermeta.perplexities : study.axes.perplexity;
      const here = { perplexity: app.state.nearest(given, state.perplexity), k: state.k, space: state.space };
      if (state.color !== "right") here.color = state.color;
      const params = (spec.params || []).map((each) => (here[each.name] === undefined ? each : Object.assign({}, each, { value: here[each.name] })));
      return Object.assign({}, spec, spec.params ? { params } : {});
    }

    async function portrait(name, state, as) {
      const spec = await chart(name, state);
      const { view } = await window.vegaEmbed(document.createElement("div"), spec, {
        mode: "vega-lite", ast: true, actions: false, defaultStyle: false, tooltip: { disableDefaultStyle: true }, renderer: "canvas", logLevel: 1,
      });
      try {
        return await picture(view, as, "white");
      } finally {
        view.finalize();
      }
    }

    function ground() {
      return getComputedStyle(document.documentElement).getPropertyValue("--paper").trim();
    }

    async function made(view, as) {
      const at = now();
      if (as === "json") return JSON.stringify(await chart(CHARTS[view], at.state));
      if (!at.setting && view !== "variance") throw new Error("There is nothing to save at this setting.");
      if (as === "csv") return app.csv.text(app.rows[view](model, plane, at), study.formula);
      /* Where the page draws the points itself, the chart's view is without them. */
      if (view === "variance" || (LIVE[view] && study.points === "marks")) return picture(app.charts.view(document.querySelector(LIVE[view])), as, ground());
      return portrait(CHARTS[view], at.state, as);
    }

    async function take(view, as) {
      const { setting } = now();
      const about = view === "variance" || !setting ? "" : `-${setting.slug}`;
      try {
        const name = `${study.dataset.id}${about}-${view}.${as === "json" ? "vl.json" : as}`;
        save(name, TYPES[as], [await made(view, as)]);
        notices.say(`Saved as ${name}.`);
      } catch (error) {
        notices.alert(`This could not be saved. ${error.message}`);
      }
    }

    function close(except) {
      for (const menu of menus) if (menu !== except) menu.open = false;
    }

    for (const menu of menus) {
      menu.hidden = false;
      menu.addEventListener("toggle", () => { if (menu.open) close(menu); });
      menu.addEventListener("keydown", function (event) {
        if (event.key !== "Escape" || !menu.open) return;
        event.stopPropagation(); /* The page's own Escape lets go of what is chosen. */
        menu.open = false;
        menu.querySelector("summary").focus();
      });
      for (const button of menu.querySelectorAll("[data-as]")) {
        button.addEventListener("click", function () {
          menu.open = false;
          menu.querySelector("summary").focus();
          take(menu.dataset.save, button.dataset.as);
        });
      }
    }
    document.addEventListener("pointerdown", function (event) {
      close(event.target instanceof Element ? event.target.closest("[data-save]") : null);
    });
  }

  app.takeaway = { create };
})();
