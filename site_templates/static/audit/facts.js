/* What the build knows of each sample, from the audit's data, and the queues and orders made of it. Pure. */
(function () {
  "use strict";

  const { decode } = window.clusterfolio;
  const FIGURES = ["suspicion", "other_in_clusters", "other_in_neighbors", "stability", "entropy", "distance"];
  const RISING = ["stability", "twin"]; /* Orders with the smallest first. */

  /* `study` and `content` are the page's data. */
  function create(study, content) {
    const n = study.dataset.n;
    const names = study.dataset.labels;
    const label = study.samples.label ? decode.column(study.samples.label, n) : null;
    const figures = Object.fromEntries(FIGURES.map((name) => [name, decode.column(content[name], n)]));
    const classes = decode.column(content.class, n);
    const outlier = decode.column(content.outlier, n);
    const twins = new Map();
    for (const [one, other, distance] of content.duplicates) {
      /* The closest first. */
      for (const [a, b] of [[one, other], [other, one]]) {
        if (!twins.has(a)) twins.set(a, []);
        twins.get(a).push({ other: b, distance });
      }
    }
    const several = severalLabels(content.given);

    function id(sample) {
      return study.samples.ids ? study.samples.ids[sample] : String(sample);
    }

    /* [label, how often] of the labels that clusters gave it, the most frequent first. Only samples that were given
       another than their own are listed in the data: all others were given that one at every setting. */
    function given(sample) {
      if (!label || !content.settings) return [];
      if (!several.has(sample) && label[sample] === names.length) {
        return []; /* Without a label, and never in a group. */
      }
      return several.get(sample) || [[label[sample], content.settings]];
    }

    function keep(queue, sample, marks) {
      if (queue === "all") return true;
      if (queue === "outlier") return outlier[sample] === 1;
      if (queue === "duplicate") return twins.has(sample);
      if (queue === "marked") return marks.has(sample);
      return content.classes[classes[sample]] === queue;
    }

    function value(sort, sample) {
      const found = sort === "twin" ? (twins.has(sample) ? twins.get(sample)[0].distance : NaN) : figures[sort][sample];
      if (Number.isNaN(found)) return Infinity; /* Nothing known goes last. */
      return RISING.includes(sort) ? found : -found;
    }

    /* The samples of a state in their order. */
    function list({ show, sort, label: wanted, find }, marks) {
      const search = find.toLowerCase();
      const found = [];
      for (let sample = 0; sample < n; sample += 1) {
        if (
          keep(show, sample, marks) && (wanted === null || label[sample] === wanted) &&
          (search === "" || id(sample).toLowerCase().includes(search))
        ) found.push(sample);
      }
      if (sort === "sample") return found;
      const values = new Map(found.map((sample) => [sample, value(sort, sample)]));
      return found.sort((a, b) => (values.get(a) === values.get(b) ? a - b : values.get(a) - values.get(b)));
    }

    return {
      n,
      names,
      label,
      figures,
      id,
      given,
      list,
      labelName: (sample) => names[label[sample]] || "unlabelled",
      className: (sample) => content.classes[classes[sample]] || "–",
      isOutlier: (sample) => outlier[sample],
      twins: (sample) => twins.get(sample) || [],
    };
  }

  function severalLabels({ samples, had, labels, counts }) {
    const [which, many, what, times] = [samples, had, labels, counts].map((coded) => decode.column(coded));
    const found = new Map();
    let at = 0;
    which.forEach(function (sample, row) {
      const end = at + many[row];
      const pairs = [];
      for (; at < end; at += 1) pairs.push([what[at], times[at]]);
      found.set(sample, pairs);
    });
    return found;
  }

  window.clusterfolio.auditFacts = { create, FIGURES };
})();
