/* The study and its chunks as typed arrays: what a setting shows, decoded once and kept. */
(function () {
  "use strict";

  const app = window.clusterfolio;
  const { decode } = app;

  const EMBEDDINGS = 160e6; // bytes of coordinates kept, about
  const SETTINGS = 60e6; // bytes of assignments kept, about

  /* A map of the last things asked for; `left(key)` is told of those that make room. */
  function shelf(room, left) {
    const kept = new Map();
    const most = Math.max(4, Math.floor(room));
    function set(key, value) {
      kept.set(key, value);
      if (kept.size <= most) return;
      const [oldest] = kept.keys();
      kept.delete(oldest);
      left(oldest);
    }
    function drop(key) {
      kept.delete(key);
    }
    function get(key) {
      const value = kept.get(key);
      kept.delete(key);
      kept.set(key, value);
      return value;
    }
    return { has: (key) => kept.has(key), get, set, drop };
  }

  /* `source` is where the study's chunks come from: this page's folder, or another one (namespace.js). */
  function create(study, source) {
    try {
      return made(study, source || app);
    } catch (error) {
      throw decode.damaged("study", error);
    }
  }

  function made(study, { load, has, get, forget }) {
    const n = study.dataset.n;
    const names = study.dataset.labels;
    const labels = study.samples.label ? decode.column(study.samples.label, n) : null;
    const ids = study.samples.ids;
    const embeddings = shelf(EMBEDDINGS / (16 * n), (name) => forget(name));
    const settings = shelf(SETTINGS / (2 * n), () => {});

    /* What could not be read is forgotten, so that the next visit loads it again. */
    function damaged(name, error) {
      forget(name);
      embeddings.drop(name);
      return decode.damaged(name, error);
    }

    /* A chunk as `read` makes it from its content. */
    async function chunk(name, read = (content) => content) {
      const path = study.chunks[name];
      if (!path) throw new Error((study.failed || {})[name] || "It could not be computed.");
      const content = await load(name, path);
      try {
        return read(await decode.unpacked(content));
      } catch (error) {
        throw damaged(name, error);
      }
    }

    /* A chunk that its reader keeps: it is not kept here as well. */
    function take(name) {
      return chunk(name).then(function (content) {
        forget(name);
        return content;
      });
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
          const at = { x: decode.column(raw.x, n), y: decode.column(raw.y, n) };
          embeddings.set(name, Object.assign(square(at.x, at.y), { name, at, metrics: raw.metrics, raw }));
        } catch (error) {
          throw damaged(name, error);
        }
      }
      return embeddings.get(name);
    }

    function setting(state) {
      const map = embedding(state.perplexity);
      const key = `${map.name} ${state.space} ${state.k}`;
      if (!settings.has(key)) {
        const record = recorded(state, map);
        if (!record) throw new Error(lacking(state, map));
        if (record.failed) throw new Error(`${record.slug} could not be computed: ${record.failed}`);
        settings.set(key, record);
      }
      return settings.get(key);
    }

    /* Why a space has no such setting. */
    function lacking(state, map) {
      const differ = (study.distinct || {})[state.space === "features" ? "features" : map.name];
      if (!(state.k > differ)) return `There is no setting with ${state.k} clusters.`;
      return `k = ${state.k} is more than the ${differ} different points ${
        state.space === "features" ? "of the features" : "of this map"
      }.`;
    }

    function recorded(state, map) {
      const name = state.space === "features" ? "features" : map.name;
      try {
        const { settings: all } = name === "features" ? get(name) : map.raw;
        const record = all.find((each) => each.k === state.k);
        return record && !record.failed ? read(record, map) : record;
      } catch (error) {
        throw damaged(name, error);
      }
    }

    function read(record, map) {
      const centers = record.centers ? decode.centers(record.centers, map.raw.x, map.raw.y) : null;
      const clusters = record.clusters
        ? decode.column(record.clusters, n)
        : decode.nearest(map.at.x, map.at.y, centers, record.exceptions);
      const stats = decode.rows(record.stats);
      if (stats.length !== record.k || (centers && centers.x.length !== record.k)) {
        throw new Error(`${record.slug} does not have ${record.k} clusters`);
      }
      const dominant = record.stats.label;
      const isWrong = new Uint8Array(n);
      let wrongCount = 0;
      for (let sample = 0; labels && sample < n; sample += 1) {
        isWrong[sample] = dominant[clusters[sample]] === labels[sample] ? 0 : 1;
        wrongCount += isWrong[sample];
      }
      const found = Object.assign({}, record, {
        clusters,
        dominant,
        isWrong,
        wrongCount,
        n,
        stats,
        colors: record.stats.color,
        shapes: dominant.map((label, cluster) => study.palette.shapes[label === null ? cluster : label]),
        values: Object.assign({}, map.metrics, record.metrics, { clusters: record.k }),
      });
      /* Made when first asked for: a slider that moves on needs neither. */
      let margins = null;
      let wrong = null;
      found.margin = (sample) => (margins = margins || app.margins.create(found, centers, map.at, labels))(sample);
      Object.defineProperty(found, "wrong", {
        get: () => (wrong = wrong || app.margins.sorted(isWrong, found.margin)),
      });
      return found;
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
      study,
      n,
      labels,
      names,
      id,
      find,
      labelName,
      clusterName,
      embedding,
      setting,
      chunk,
      take,
      damaged,
      ready: (state) => needs(state).every((name) => has(name)),
      ensure: (state) => Promise.all(needs(state).map((name) => chunk(name))),
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

  app.model = { create, shelf };
})();
