/* Which samples are in focus: those in the box if there is one, else those of the chosen cluster, label or pair. */
(function () {
  "use strict";

  const { dom } = window.clusterfolio;
  const FILTERS = ["cluster", "label", "pair"];

  function create(model) {
    let box = null; /* Samples in the box, or null. */

    /* 1 for each sample in focus, or null where all are. */
    function mask(setting, state) {
      const { cluster, label, pair } = state;
      if (!box && cluster === null && label === null && pair === null) return null;
      const out = new Uint8Array(model.n);
      if (box) {
        for (const sample of box) out[sample] = 1;
        return out;
      }
      const [from, to] = pair === null ? [null, null] : pair.split("-").map(Number);
      const { clusters, dominant } = setting;
      const group = cluster === -1 ? setting.noise : cluster;
      const named = label === -1 ? model.unlabelled : label;
      for (let sample = 0; sample < model.n; sample += 1) {
        const own = clusters[sample];
        out[sample] = (cluster === null || own === group) &&
            (label === null || model.labels[sample] === named) &&
            (pair === null || (model.labels[sample] === from && dominant[own] === to))
          ? 1
          : 0;
      }
      return out;
    }

    /* The samples of the chosen pair, unless a box is in focus instead. */
    function ofPair(setting, state) {
      const samples = [];
      if (box || state.pair === null) return samples;
      mask(setting, state).forEach((on, sample) => {
        if (on) samples.push(sample);
      });
      return samples;
    }

    /* “12 samples: 7 × 3, 5 × 8” */
    function summary() {
      const text = dom.counted(box.length, "sample");
      if (!model.labels) return text;
      const counts = new Array(model.names.length + 1).fill(0);
      for (const sample of box) counts[model.labels[sample]] += 1;
      const parts = counts.map((count, code) => ({ count, code })).filter((each) => each.count).sort((a, b) =>
        b.count - a.count
      );
      const named = parts.slice(0, 4).map((each) => `${dom.count(each.count)} × ${model.labelName(each.code)}`).join(
        ", ",
      );
      return `${text}: ${named}${parts.length > 4 ? " and others" : ""}`;
    }

    return {
      mask,
      ofPair,
      summary,
      box: () => box,
      setBox: (samples) => {
        box = samples && samples.length ? samples : null;
      },
      filtered: (state) => FILTERS.some((key) => state[key] !== null),
      only: (key, value) => Object.assign(none(), key ? { [key]: value } : {}),
    };
  }

  /* The part of a state in which nothing is filtered. */
  function none() {
    return { cluster: null, label: null, pair: null };
  }

  window.clusterfolio.focus = { create, FILTERS };
})();
