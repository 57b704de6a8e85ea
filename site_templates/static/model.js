/* The study and its chunks as typed arrays: what a setting shows, decoded once and kept. */
(function () {
  "use strict";

  const { decode } = window.clusterfolio;

  /* `source` is where the study's chunks come from: this page's folder, or another one (namespace.js). */
  function create(study, source) {
    const { load, has, get, forget } = source || window.clusterfolio;
    const n = study.dataset.n;
    const names = study.dataset.labels;
    const labels = study.samples.label ? decode.column(study.samples.label, n) : null;
    const ids = study.samples.ids;
    const embeddings = new Map();
    const settings = new Map();

    function chunk(name) {
      const path = study.chunks[name];
      if (path) return load(name, path);
      return Promise.reject(new Error((study.failed || {})[name] || "It could not be computed."));
    }

    function needs(state) {
      const map = study.embedding_of[String(state.perplexity)];
      return state.space === "features" ? [map, "features"] : [map];
    }

    /* Coordinates scaled so that the larger of the two ranges fills [-1, 1]; one unit is the same on both axes. */
    function embedding(perplexity) {
      const name = study.embedding_of[String(perplexity)];
      if (!embeddings.has(name)) {
        try {
          const raw = get(name);
          embeddings.set(name, Object.assign(square(decode.column(raw.x, n), decode.column(raw.y, n)), { name, metrics: raw.metrics, raw }));
        } catch (error) {
          forget(name);
          throw new Error(`The data of ${name} are damaged (${error.message}).`);
        }
      }
      return embeddings.get(name);
    }

    function setting(state) {
      const map = embedding(state.perplexity);
      const key = `${map.name} ${state.space} ${state.k}`;
      if (!settings.has(key)) {
        const source = state.space === "features" ? get("features") : map.raw;
        const record = source.settings.find((each) => each.k === state.k);
        if (!record) throw new Error(`There is no setting with ${state.k} clusters.`);
        if (record.failed) throw new Error(`${record.slug} could not be computed: ${record.failed}`);
        settings.set(key, read(record, map));
      }
      return settings.get(key);
    }

    function read(record, map) {
      const clusters = decode.column(record.clusters, n);
      const wrong = record.misclassified ? decode.column(record.misclassified.samples) : new Uint16Array(0);
      const dominant = record.stats.map((each) => each.label);
      const colors = record.stats.map((each) => each.color);
      const isWrong = new Uint8Array(n);
      for (const sample of wrong) isWrong[sample] = 1;
      return Object.assign({}, record, {
        clusters, dominant, colors, wrong, isWrong, n,
        margin: record.misclassified ? decode.column(record.misclassified.margin, wrong.length) : new Float32Array(0),
        values: Object.assign({}, map.metrics, record.metrics, { clusters: record.k }),
      });
    }

    function id(sample) {
      return ids ? ids[sample] : String(sample);
    }

    /* The sample of this id, or of this number where no id is given; null if there is none. */
    function find(text) {
      const wanted = text.trim().replace(/^#/, "");
      const at = ids ? ids.indexOf(wanted) : -1;
      if (at >= 0) return at;
      return /^\d{1,9}$/.test(wanted) && Number(wanted) < n ? Number(wanted) : null;
    }

    function labelName(code) {
      return code === null || !names ? "unknown" : names[code];
    }

    /* “mostly 8”, or “cluster 3” where samples carry no labels. */
    function clusterName(record, cluster) {
      const label = record.dominant[cluster];
      return label === null ? `cluster ${cluster}` : labelName(label);
    }

    return {
      study, n, labels, names, id, find, labelName, clusterName, embedding, setting, chunk,
      ready: (state) => needs(state).every((name) => has(name)),
      ensure: (state) => Promise.all(needs(state).map(chunk)),
    };
  }

  function square(x, y) {
    let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < x.length; i += 1) {
      if (x[i] < left) left = x[i];
      if (x[i] > right) right = x[i];
      if (y[i] < low) low = y[i];
      if (y[i] > high) high = y[i];
    }
    const half = (Math.max(right - left, high - low) / 2) * 1.05 || 1;
    return {
      x: x.map((value) => (value - (left + right) / 2) / half),
      y: y.map((value) => (value - (low + high) / 2) / half),
    };
  }

  window.clusterfolio.model = { create };
})();
