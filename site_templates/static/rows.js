/* The rows behind each view, as columns for csv.js. Pure. */
(function () {
  "use strict";

  /* Coordinates travel in 16 bits: more digits than this would be made up. */
  function round(value) {
    return Number(value.toPrecision(6));
  }

  function fill(count, value) {
    return new Array(count).fill(value);
  }

  /* The keys of the setting, on every row, so that a file explains itself. */
  function keys(state, count) {
    return [
      ["perplexity", fill(count, state.perplexity)], ["space", fill(count, state.space)], ["k", fill(count, state.k)],
    ];
  }

  /* Every sample on both maps. `now` is {state, setting, mask}, `plane` the PCA map. */
  function maps(model, plane, now) {
    const { state, setting, mask } = now;
    const samples = Array.from({ length: model.n }, (_, sample) => sample);
    const { x, y } = model.embedding(state.perplexity).at;
    const columns = [
      ...keys(state, model.n), ["sample", samples], ["id", samples.map(model.id)],
      ["x", samples.map((sample) => round(x[sample]))], ["y", samples.map((sample) => round(y[sample]))],
      ["pca_x", samples.map((sample) => round(plane.x[sample]))], ["pca_y", samples.map((sample) => round(plane.y[sample]))],
      ["cluster", Array.from(setting.clusters)],
    ];
    if (model.labels) columns.push(
      ["label", samples.map((sample) => model.labelName(model.labels[sample]))],
      ["cluster_label", samples.map((sample) => model.labelName(setting.dominant[setting.clusters[sample]]))],
      ["misclassified", Array.from(setting.isWrong)],
    );
    if (mask) columns.push(["in_focus", Array.from(mask)]);
    return columns;
  }

  function numbers(model, plane, now) {
    const names = Object.keys(model.study.metrics).filter((name) => now.setting.values[name] !== undefined);
    return [
      ...keys(now.state, names.length), ["metric", names],
      ["label", names.map((name) => model.study.metrics[name].label)], ["value", names.map((name) => now.setting.values[name])],
    ];
  }

  function clusters(model, plane, now) {
    const { stats } = now.setting;
    const of = (name) => stats.map((each) => each[name]);
    const named = (name) => stats.map((each) => (each[name] === null ? null : model.labelName(each[name])));
    const columns = [...keys(now.state, stats.length), ["cluster", of("cluster")], ["size", of("size")], ["medoid", of("medoid")]];
    if (model.labels) columns.push(
      ["label", named("label")], ["purity", of("purity")], ["entropy", of("entropy")],
      ["runner_up", named("runner_up")], ["runner_up_size", of("runner_up_size")],
    );
    return columns;
  }

  /* Every cell of the confusion matrix that is not empty. */
  function confusion(model, plane, now) {
    const { clusters: own, dominant } = now.setting;
    const counts = new Map();
    for (let sample = 0; sample < model.n; sample += 1) {
      const key = model.labels[sample] * model.names.length + dominant[own[sample]];
      counts.set(key, (counts.get(key) || 0) + 1);
    }
    const cells = Array.from(counts.keys()).sort((a, b) => a - b);
    return [
      ...keys(now.state, cells.length),
      ["label", cells.map((key) => model.labelName(Math.floor(key / model.names.length)))],
      ["cluster_label", cells.map((key) => model.labelName(key % model.names.length))],
      ["samples", cells.map((key) => counts.get(key))],
    ];
  }

  function misclassified(model, plane, now) {
    const { setting } = now;
    const wrong = Array.from(setting.wrong);
    return [
      ...keys(now.state, wrong.length), ["sample", wrong], ["id", wrong.map(model.id)],
      ["label", wrong.map((sample) => model.labelName(model.labels[sample]))],
      ["cluster_label", wrong.map((sample) => model.labelName(setting.dominant[setting.clusters[sample]]))],
      ["cluster", wrong.map((sample) => setting.clusters[sample])],
      ["margin", wrong.map((sample) => shortened(setting.margin(sample)))],
    ];
  }

  function shortened(value) {
    return value === null || Number.isNaN(value) ? null : round(value);
  }

  function variance(model) {
    const { rows } = model.study.variance;
    return ["component", "ratio", "cumulative"].map((name) => [name, rows.map((row) => row[name])]);
  }

  window.clusterfolio.rows = { map: maps, pca: maps, numbers, clusters, confusion, misclassified, variance };
})();
