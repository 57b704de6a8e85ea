/* The figures of a comparison: how far both sides agree, and all measures of both in one table. */
(function () {
  "use strict";

  const { choices, dom } = window.clusterfolio;

  /* In what two sides differ, as the registry of measures names it (`comparable_over`): `setting` is what can change
     their clusters, `map` what can change the maps that they are drawn on. Two studies are never judged by each other.
     Clusters of the features know no map. What a measure needs that improves with the number of clusters by itself is
     as many of them, so another number counts as another parameter of the clusterer. */
  function moved(study, a, b) {
    if (a.at.study !== b.at.study) return { map: ["study"], setting: ["study"] };
    const found = new Set(choices.roles(study, a.at, b.at));
    const map = ["representation", "method"].filter((role) => found.has(role));
    if (a.at.space !== b.at.space) found.add("method");
    else if (a.at.space === "features") found.delete("method");
    if (a.setting.stats.length !== b.setting.stats.length) found.add("k");
    return { map, setting: Array.from(found) };
  }

  function create(catalog) {
    const place = (name) => document.querySelector(`[data-agreement="${name}"]`);
    const rows = Array.from(document.querySelectorAll("#measures tr[data-measure]"));

    function figure(name, value, text) {
      place(name).dataset.value = value === null ? "" : String(value);
      dom.text(place(name), value === null ? "–" : text);
    }

    function share(name, count) {
      dom.text(document.querySelector(`[data-extra="${name}"]`), count === null ? "" : dom.percent(count / catalog.n));
    }

    /* What needs clusters only. */
    function groups(pair) {
      figure("ari", pair.ari, dom.fixed(pair.ari, 3));
      figure("changed", pair.changes.count, dom.count(pair.changes.count));
      share("changed", pair.changes.count);
    }

    /* What needs every sample's neighbours. */
    function neighbors(pair) {
      const near = pair.near();
      figure("kept", near.kept, dom.percent(near.kept));
      figure("torn", near.tornCount, dom.count(near.tornCount));
      share("torn", near.tornCount);
    }

    function clear() {
      for (const name of ["ari", "changed", "kept", "torn"]) figure(name, null, "");
      for (const name of ["changed", "torn"]) share(name, null);
    }

    /* Every measure of both sides; judged only where the registry lets it compare over all in which they differ. */
    function table({ a, b }) {
      const differing = moved(a.model.study, a, b);
      const shares = [a, b].map((side) => side.model.share(side.setting));
      for (const row of rows) {
        const name = row.dataset.measure;
        const metric = a.model.study.metrics[name] || {};
        const { decimals, better, of: subject } = metric;
        const [x, y] = [a, b].map((side) => known(side.setting.values[name]));
        const cell = (of) => row.querySelector(`[data-of="${of}"]`);
        for (const [of, value] of [["a", x], ["b", y]]) {
          cell(of).dataset.value = value === null ? "" : String(value);
          const share = subject === "setting" && name !== "clustered" ? (of === "a" ? shares[0] : shares[1]) : "";
          dom.text(cell(of), `${dom.fixed(value, decimals)}${share && value !== null ? ` (${share})` : ""}`);
        }
        const difference = x === null || y === null ? null : y - x;
        dom.text(
          cell("difference"),
          difference === null ? "–" : (difference > 0 ? "+" : "") + dom.fixed(difference, decimals),
        );
        const judged = difference && better &&
          choices.comparable(metric, differing[subject === "setting" ? "setting" : "map"]);
        dom.text(cell("verdict"), judged ? ((difference > 0) === (better === "higher") ? "B better" : "A better") : "");
        row.hidden = x === null && y === null;
      }
    }

    function known(value) {
      return value === undefined || value === null || Number.isNaN(value) ? null : value;
    }

    return { groups, neighbors, table, clear };
  }

  window.clusterfolio.compareFigures = { create, moved };
})();
