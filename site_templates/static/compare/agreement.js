/* Two clusterings of the same samples, and two neighbourhoods of each: how far they agree. Pure. */
(function () {
  "use strict";

  /* Samples by cluster of a (rows) and of b (columns), row by row. */
  function contingency(a, rows, b, columns) {
    const counts = new Uint32Array(rows * columns);
    for (let sample = 0; sample < a.length; sample += 1) counts[a[sample] * columns + b[sample]] += 1;
    return { counts, rows, columns };
  }

  /* The same of two settings; noise is a group of its own. */
  function table(a, b) {
    return contingency(a.clusters, a.dominant.length, b.clusters, b.dominant.length);
  }

  /* Adjusted Rand index, by pairs of samples (Hubert and Arabie, 1985): 1 where both make the same groups, about 0
     where they agree no more than chance would. */
  function ari(table) {
    const { counts, rows, columns } = table;
    const inA = new Float64Array(rows);
    const inB = new Float64Array(columns);
    let n = 0;
    let squares = 0;
    counts.forEach(function (count, at) {
      inA[Math.floor(at / columns)] += count;
      inB[at % columns] += count;
      n += count;
      squares += count * count;
    });
    const square = (sum, each) => sum + each * each;
    const both = squares - n; /* Ordered pairs that are together in both, */
    const onlyA = inA.reduce(square, 0) - squares; /* together in a only, */
    const onlyB = inB.reduce(square, 0) - squares;
    const apart = n * n - n - both - onlyA - onlyB; /* and in neither. */
    if (onlyA === 0 && onlyB === 0) return 1;
    return (2 * (both * apart - onlyA * onlyB)) / ((both + onlyA) * (onlyA + apart) + (both + onlyB) * (onlyB + apart));
  }

  /* What each cluster is called by its dominant label; the same name in a and b is the same label. */
  function names(model, setting) {
    return setting.dominant.map(function (label, cluster) {
      if (cluster === setting.noise) return "noise";
      return label === null ? `cluster ${cluster}` : model.labelName(label);
    });
  }

  /* For each sample 1 where it changed its group, and the moves, the most frequent first: {from, to, samples}. With
     labels, a group is what the cluster's dominant label names. Without, a sample has changed where it is not in the
     cluster of b that holds most of its cluster of a. */
  function changes(a, b, labelled) {
    const n = a.setting.clusters.length;
    const changed = new Uint8Array(n);
    const moves = new Map();
    const [nameA, nameB] = labelled ? [names(a.model, a.setting), names(b.model, b.setting)] : numbered(a, b);
    const expected = labelled ? nameA : heirs(a, b).map((cluster) => nameB[cluster]);
    for (let sample = 0; sample < n; sample += 1) {
      const [from, to] = [a.setting.clusters[sample], b.setting.clusters[sample]];
      if (expected[from] === nameB[to]) continue;
      changed[sample] = 1;
      const key = `${nameA[from]}\n${nameB[to]}`;
      if (!moves.has(key)) moves.set(key, { from: nameA[from], to: nameB[to], samples: [] });
      moves.get(key).samples.push(sample);
    }
    const ranked = Array.from(moves.values()).sort((x, y) =>
      y.samples.length - x.samples.length || x.samples[0] - y.samples[0]
    );
    return { changed, moves: ranked, count: ranked.reduce((sum, move) => sum + move.samples.length, 0) };
  }

  function numbered(a, b) {
    return [a, b].map(({ model, setting }) => names(model, setting));
  }

  /* For each cluster of a the cluster of b that holds most of it, the lowest on a tie. */
  function heirs(a, b) {
    const { counts, rows, columns } = table(a.setting, b.setting);
    return Array.from({ length: rows }, function (_, row) {
      const own = counts.subarray(row * columns, (row + 1) * columns);
      return own.indexOf(Math.max(...own));
    });
  }

  /* How many of each sample's neighbours in a are also its neighbours in b; `count` each, one after the other. */
  function shared(a, b, count, n) {
    const out = new Uint8Array(n);
    for (let sample = 0; sample < n; sample += 1) {
      const own = b.subarray(sample * count, (sample + 1) * count);
      for (let at = sample * count; at < (sample + 1) * count; at += 1) if (own.includes(a[at])) out[sample] += 1;
    }
    return out;
  }

  /* Size of what two sets of `count` have in common, over the size of what either holds. */
  function jaccard(common, count) {
    return common / (2 * count - common);
  }

  window.clusterfolio.agreement = { contingency, table, ari, changes, shared, jaccard };
})();
