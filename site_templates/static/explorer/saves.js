/* What the explorer's views can be saved as: pictures, Vega-Lite with its data, and the rows behind them. */
(function () {
  "use strict";

  const app = window.clusterfolio;
  const { export: exporter } = app;
  const LIVE = { grid: "[data-grid='map'] .canvas", variance: "#variance .canvas" };
  const CHARTS = {
    map: "maps",
    pca: "maps",
    numbers: "metrics",
    grid: "metrics",
    clusters: "clusters",
    confusion: "confusion",
    variance: "variance",
  };

  /* `now()` gives {state, setting, mask, still}, setting null where there is none; `still` is that of the maps. */
  function create(model, plane, notices, now) {
    const { study } = model;
    const fixed = (view) => Object.hasOwn(LIVE, view); /* The same at every setting. */

    async function content(view, as, at) {
      if (as === "json") return JSON.stringify(await exporter.chart(model, CHARTS[view], at.state));
      if (!at.setting && !fixed(view)) throw new Error("There is nothing to save at this setting.");
      if (as === "csv") return app.csv.text(await app.csvRows[view](model, plane, at), study.formula);
      if (fixed(view)) return exporter.live(app.charts.view(document.querySelector(LIVE[view])), as);
      const map = CHARTS[view] === "maps" ? await at.still(view) : null;
      if (map) return exporter.drawn(map, as);
      return exporter.portrait(await exporter.chart(model, CHARTS[view], at.state), as);
    }

    function about(view, { state, setting }) {
      if (view === "grid") return `${study.dataset.id}-grid-${state.metric}`;
      if (view === "why") return `${study.dataset.id}-${setting.slug}-sample-${state.sample}`;
      const name = view === "pca" ? state.beside : view; /* The map beside goes by its own name. */
      return `${study.dataset.id}${fixed(view) || !setting ? "" : `-${setting.slug}`}-${name}`;
    }

    exporter.menus(notices, async function (view, as) {
      const at = now();
      const made = await content(view, as, at);
      return [about(view, at), made];
    });
  }

  app.saves = { create };
})();
