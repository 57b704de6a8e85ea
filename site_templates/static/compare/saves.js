/* What the views of a comparison can be saved as, and the rows behind them. */
(function () {
  "use strict";

  const app = window.clusterfolio;
  const { export: exporter } = app;
  const fill = (count, value) => new Array(count).fill(value);

  /* The two settings on every row, so that a file explains itself; then who it is about. */
  function keys(pair, samples, model) {
    const columns = [
      ["a", fill(samples.length, pair.a.title)],
      ["b", fill(samples.length, pair.b.title)],
      ["sample", samples],
      ["id", samples.map(model.id)],
    ];
    if (model.labels) columns.push(["label", samples.map((sample) => model.labelName(model.labels[sample]))]);
    return columns;
  }

  /* Who changed group, the most frequent moves first. */
  function changed(pair, model) {
    const { moves } = pair.changes;
    const spread = (name) => moves.flatMap((move) => fill(move.samples.length, move[name]));
    return [...keys(pair, moves.flatMap((move) => move.samples), model), ["from", spread("from")], [
      "to",
      spread("to"),
    ]];
  }

  /* Every sample with how many neighbours it keeps, those that lost most first. */
  function torn(pair, model) {
    const near = pair.near();
    const samples = Array.from(near.shared.keys()).sort((x, y) => near.shared[x] - near.shared[y] || x - y);
    return [...keys(pair, samples, model), ["kept", samples.map((sample) => near.shared[sample])], [
      "jaccard",
      samples.map(near.jaccard),
    ]];
  }

  /* Every measure of both sides. */
  function measures(pair, model) {
    const names = Object.keys(model.study.metrics).filter((name) =>
      [pair.a, pair.b].some((side) => side.setting.values[name] !== undefined)
    );
    return [
      ["a", fill(names.length, pair.a.title)],
      ["b", fill(names.length, pair.b.title)],
      ["metric", names],
      ["label", names.map((name) => model.study.metrics[name].label)],
      ["value_a", names.map((name) => pair.a.setting.values[name])],
      ["value_b", names.map((name) => pair.b.setting.values[name])],
    ];
  }

  /* `now()` gives {state, pair, mask, still}, pair null where there is none; `still` is that of the maps. */
  function create(model, notices, now) {
    const { study } = model;
    const rows = { changed, torn, measures };

    async function side(which, as, { state, pair, mask, still }) {
      const { at, setting, model: own } = pair[which];
      if (as === "csv") return app.csv.text(app.csvRows.map(own, null, { state: at, setting, mask }), study.formula);
      const map = as === "json" ? null : await still(which);
      if (map) return exporter.drawn(map, as);
      const spec = await exporter.chart(own, "maps", Object.assign({ color: state.color }, at));
      return as === "json" ? JSON.stringify(spec) : exporter.portrait(spec, as);
    }

    exporter.menus(notices, async function (view, as) {
      const at = now();
      if (!at.pair) throw new Error("There is nothing to save here.");
      const names = { a: at.pair.a.title, b: at.pair.b.title };
      const safe = (title) => title.replace(":", "-");
      if (names[view]) return [`${study.dataset.id}-${safe(names[view])}-map`, await side(view, as, at)];
      return [
        `${study.dataset.id}-${safe(names.a)}-${safe(names.b)}-${view}`,
        app.csv.text(rows[view](at.pair, model), study.formula),
      ];
    });
  }

  app.compareSaves = { create };
})();
