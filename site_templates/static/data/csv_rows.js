/* The rows behind each view, as columns for csv.js, or a promise of them. Pure but for chunks. */
(function () {
  "use strict";

  const app = window.clusterfolio;

  /* Coordinates travel in 16 bits: more digits than this would be made up. */
  function round(value) {
    return Number(value.toPrecision(6));
  }

  function fill(count, value) {
    return new Array(count).fill(value);
  }

  /* The keys of the setting, on every row, so that a file explains itself: as the tables have them. */
  function keys(study, state, count) {
    return columnsOf(study, state).map((key) => [key, fill(count, state[key])]);
  }

  /* Names of the keys: a method or clusterer is named where there are several to choose from. */
  function columnsOf(study, state) {
    const several = { representation: study.representations, method: study.methods, clusterer: study.clusterers };
    const all = app.choices.keys(study).filter((key) => key !== "space");
    all.splice(all.indexOf("clusterer"), 0, "space");
    return all.filter((key) =>
      Object.hasOwn(study.parameters, key)
        ? app.choices.parameters(study, state).includes(key)
        : !several[key] || several[key].length > 1
    );
  }

  /* As the tables have them: −1 for noise, and no name where there is no label. */
  const numbered = (setting, sample) => (setting.clusters[sample] === setting.noise ? -1 : setting.clusters[sample]);
  const labelled = (model, label) => (label === null || label === model.unlabelled ? null : model.labelName(label));

  /* Every sample on both maps. `now` is {state, setting, mask}, `plane()` gives the map beside (model.js), null for
     one map alone. */
  function maps(model, plane, now) {
    const { state, setting, mask } = now;
    const samples = Array.from({ length: model.n }, (_, sample) => sample);
    const { x, y } = model.embedding(state).at;
    const columns = [
      ...keys(model.study, state, model.n),
      ["sample", samples],
      ["id", samples.map(model.id)],
      ["x", samples.map((sample) => round(x[sample]))],
      ["y", samples.map((sample) => round(y[sample]))],
    ];
    const beside = plane && plane();
    if (beside) {
      const { name, at } = beside;
      const prefix = name === model.study.flat ? name : "beside";
      if (prefix !== name) columns.push(["beside", fill(model.n, name)]);
      columns.push(
        [`${prefix}_x`, samples.map((sample) => round(at.x[sample]))],
        [`${prefix}_y`, samples.map((sample) => round(at.y[sample]))],
      );
    }
    columns.push(["cluster", samples.map((sample) => numbered(setting, sample))]);
    if (model.labels) {
      columns.push(
        ["label", samples.map((sample) => labelled(model, model.labels[sample]))],
        ["cluster_label", samples.map((sample) => labelled(model, setting.dominant[setting.clusters[sample]]))],
        ["misclassified", Array.from(setting.verdict, (verdict) => (verdict > 1 ? null : verdict))],
      );
    }
    if (mask) columns.push(["in_focus", Array.from(mask)]);
    return columns;
  }

  function numbers(model, _plane, now) {
    const names = Object.keys(model.study.metrics).filter((name) => now.setting.values[name] !== undefined);
    return [
      ...keys(model.study, now.state, names.length),
      ["metric", names],
      ["label", names.map((name) => model.study.metrics[name].label)],
      ["value", names.map((name) => now.setting.values[name])],
    ];
  }

  function clusters(model, _plane, now) {
    const { stats } = now.setting;
    const of = (name) => stats.map((each) => each[name]);
    const named = (name) => stats.map((each) => (each[name] === null ? null : model.labelName(each[name])));
    const columns = [...keys(model.study, now.state, stats.length), ["cluster", of("cluster")], ["size", of("size")], [
      "medoid",
      of("medoid"),
    ]];
    if (model.labels) {
      columns.push(
        ["label", named("label")],
        ["purity", of("purity")],
        ["entropy", of("entropy")],
        ["runner_up", named("runner_up")],
        ["runner_up_size", of("runner_up_size")],
      );
    }
    return columns;
  }

  /* Every cell of the confusion matrix that is not empty. */
  function confusion(model, _plane, now) {
    const { clusters: own, dominant } = now.setting;
    const counts = new Map();
    for (let sample = 0; sample < model.n; sample += 1) {
      if (now.setting.verdict[sample] > 1) continue; /* Noise, or without a label. */
      const key = model.labels[sample] * model.names.length + dominant[own[sample]];
      counts.set(key, (counts.get(key) || 0) + 1);
    }
    const cells = Array.from(counts.keys()).sort((a, b) => a - b);
    return [
      ...keys(model.study, now.state, cells.length),
      ["label", cells.map((key) => model.labelName(Math.floor(key / model.names.length)))],
      ["cluster_label", cells.map((key) => model.labelName(key % model.names.length))],
      ["samples", cells.map((key) => counts.get(key))],
    ];
  }

  function misclassified(model, _plane, now) {
    const { setting } = now;
    const wrong = Array.from(setting.wrong);
    return [
      ...keys(model.study, now.state, wrong.length),
      ["sample", wrong],
      ["id", wrong.map(model.id)],
      ["label", wrong.map((sample) => model.labelName(model.labels[sample]))],
      ["cluster_label", wrong.map((sample) => model.labelName(setting.dominant[setting.clusters[sample]]))],
      ["cluster", wrong.map((sample) => setting.clusters[sample])],
      ["margin", wrong.map((sample) => shortened(setting.margin(sample)))],
    ];
  }

  /* A measure at every setting of the space, method and clusterer that are shown, along the axes of the heat map. */
  async function overGrid(model, _plane, { state }) {
    const { metric, space } = state;
    const { study } = model;
    const content = await model.chunk(app.choices.pair(study, state).grid, app.grid.read);
    const found = app.grid.create(content, study, state);
    const along = found.varies(metric, space);
    const all = Array.from({ length: found.cells.columns * found.cells.rows }, (_, cell) => cell);
    const cells = all.filter(function (cell) {
      /* Where an axis plays no part, its first value stands for all. */
      const { column, row } = found.cells.at(cell);
      return (along.includes("across") || column === 0) && (along.includes("up") || row === 0);
    });
    const idle = ["across", "up"].filter((axis) => !along.includes(axis)).map((axis) => found.cells[axis]);
    const at = cells.map((cell) => ({ ...state, ...found.cells.state(cell) }));
    return [
      ...columnsOf(study, state).map((key) => [key, at.map((each) => (idle.includes(key) ? null : each[key]))]),
      ["metric", fill(cells.length, metric)],
      ["value", cells.map((cell) => found.value(metric, space, cell))],
    ];
  }

  /* The pinned sample's nearest neighbours: the true ones and those on the map. */
  async function why(model, _plane, { state, setting }) {
    if (state.sample === null) throw new Error("No sample is pinned.");
    const found = app.why.create(model, await model.chunk("neighbors")).facts(state.sample, setting, state);
    const all = [
      ...found.near.map((each, at) => [each, "features", at]),
      ...found.mapped.map((each, at) => [each, "map", at]),
    ];
    const columns = [
      ...keys(model.study, state, all.length),
      ["sample", fill(all.length, state.sample)],
      ["near_in", all.map(([, where]) => where)],
      ["rank", all.map(([, , at]) => at)],
      ["neighbor", all.map(([each]) => each.sample)],
      ["neighbor_id", all.map(([each]) => model.id(each.sample))],
      ["near_in_both", all.map(([each]) => Number(each.shared))],
      ["cluster", all.map(([each]) => numbered(setting, each.sample))],
    ];
    if (model.labels) columns.push(["label", all.map(([each]) => labelled(model, each.label))]);
    return columns;
  }

  function shortened(value) {
    return value === null || Number.isNaN(value) ? null : round(value);
  }

  function variance(model) {
    const { rows } = model.study.variance;
    return ["component", "ratio", "cumulative"].map((name) => [name, rows.map((row) => row[name])]);
  }

  app.csvRows = { map: maps, pca: maps, numbers, grid: overGrid, why, clusters, confusion, misclassified, variance };
})();
