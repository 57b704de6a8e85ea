/* Margins: how much farther a sample is from the nearest centre of its true label than from its own centre. On a map
   they follow from coordinates and centres, within the 16 bits of either; in the features they come as a column. */
(function () {
  "use strict";

  const { decode } = window.clusterfolio;

  /* A function of the sample: its margin, or null where no cluster has its label, and where nothing is labelled. */
  function create(setting, centers, at, labels) {
    if (!labels) return () => null;
    return centers ? onMap(setting, centers, at, labels) : listed(setting, labels);
  }

  function onMap({ clusters, dominant, verdict }, centers, at, labels) {
    function distance(sample, cluster) {
      const across = at.x[sample] - centers.x[cluster];
      const up = at.y[sample] - centers.y[cluster];
      return Math.sqrt(across * across + up * up);
    }

    return function (sample) {
      if (verdict[sample] > 1) return null; /* Noise, or without a label. */
      let least = Infinity;
      for (let cluster = 0; cluster < dominant.length; cluster += 1) {
        if (dominant[cluster] === labels[sample]) least = Math.min(least, distance(sample, cluster));
      }
      return least === Infinity ? null : least - distance(sample, clusters[sample]);
    };
  }

  function listed({ margins, isWrong, verdict, dominant }, labels) {
    const found = new Map();
    const has = new Set(dominant);
    if (margins && margins.wrong) {
      const values = decode.column(margins.wrong);
      let next = 0;
      isWrong.forEach((wrong, sample) => {
        if (wrong && has.has(labels[sample])) found.set(sample, values[next++]);
      });
      if (next !== values.length) throw new Error(`There are ${values.length} margins instead of ${next}.`);
    }
    if (margins && margins.others) {
      const samples = decode.column(margins.others.samples);
      const values = decode.column(margins.others.values, samples.length);
      samples.forEach((sample, place) => found.set(sample, values[place]));
    }
    return (sample) => (verdict[sample] < 2 && has.has(labels[sample]) ? found.get(sample) || 0 : null);
  }

  /* Misclassified samples, the most clearly wrong (largest margin) first, those without a margin last, then by number.
     One number a sample, margin above and sample below, sorts many times as fast as a comparison function. */
  function sorted(isWrong, margin) {
    const samples = [];
    let most = 0;
    isWrong.forEach((wrong, sample) => {
      if (wrong) {
        samples.push(sample);
        most = Math.max(most, Math.abs(margin(sample) || 0));
      }
    });
    const room = 2 ** Math.ceil(Math.log2(isWrong.length + 1));
    const steps = 2 ** 51 / room;
    const keys = Float64Array.from(samples, function (sample) {
      const value = margin(sample);
      const step = value === null ? steps : -Math.round((value / (most || 1)) * (steps - 1));
      return step * room + sample;
    });
    return Uint32Array.from(keys.sort(), (key) => ((key % room) + room) % room);
  }

  window.clusterfolio.margins = { create, sorted };
})();
