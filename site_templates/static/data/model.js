/* The study and its chunks as typed arrays: what a setting shows, decoded once and kept. */
(function () {
  "use strict";

  const app = window.clusterfolio;
  const { choices, decode } = app;

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
    const mapKey = ({ representation, method }, values) => JSON.stringify([representation, method, ...values]);
    const index = new Map(study.index.map((each) => [mapKey(each, Object.values(each.parameters)), each]));

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

    /* The map of a state, {representation, method, parameters, chunk}: the very one, else the nearest there is, of the
       same representation and method where there is one, then by one parameter after the other; the lower on a tie. */
    function find(at) {
      const exact = index.get(mapKey(at, choices.method(study, at).parameters.map((name) => at[name])));
      return exact ||
        study.index.reduce((best, each) => (choices.before(away(each, at), away(best, at)) ? each : best));
    }

    function away({ representation, method, parameters }, at) {
      const wanted = (name) => at[name] ?? study.parameters[name].start;
      const others = [representation === at.representation, method === at.method].map((same) => (same ? 0 : 1));
      const own = Object.entries(parameters);
      return [...others, ...own.map(([name, value]) => Math.abs(value - wanted(name))), ...own.map((each) => each[1])];
    }

    function needs(at) {
      const map = find(at).chunk;
      return at.space === "features" ? [map, "features"] : [map];
    }

    /* Coordinates scaled so that the larger of the two ranges fills [-1, 1]; one unit is the same on both axes. */
    function embedding(at) {
      const name = find(at).chunk;
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

    function setting(at) {
      const map = embedding(at);
      const key = JSON.stringify([map.name, at.space, at.clusterer, ...clusteredBy(at)]);
      if (!settings.has(key)) {
        const record = recorded(at, map);
        if (!record) throw new Error(lacking(at, map));
        if (record.failed) throw new Error(`${record.slug} could not be computed: ${record.failed}`);
        settings.set(key, record);
      }
      return settings.get(key);
    }

    const clusteredBy = (at) => choices.clusterer(study, at).parameters.map((name) => at[name]);

    /* Why a space has no such setting. */
    function lacking(at, map) {
      const differ = (study.distinct || {})[at.space === "features" ? "features" : map.name];
      const { count } = choices.clusterer(study, at);
      if (!(count && at[count] > differ)) return `There is no setting with ${choices.clustersOf(study, at)}.`;
      return `${choices.word(count)} = ${at[count]} is more than the ${differ} different points ${
        at.space === "features" ? "of the features" : "of this map"
      }.`;
    }

    function recorded(at, map) {
      const name = at.space === "features" ? "features" : map.name;
      try {
        const { settings: all } = name === "features" ? get(name) : map.raw;
        const wanted = clusteredBy(at);
        const record = all.find((each) =>
          each.clusterer === at.clusterer && each.parameters.every((value, place) => value === wanted[place])
        );
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
      const { parameters, count } = choices.clusterer(study, record);
      const most = count ? record.parameters[parameters.indexOf(count)] : stats.length;
      if (stats.length !== most || (centers && centers.x.length !== most)) {
        throw new Error(`${record.slug} does not have ${most} clusters`);
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
        values: Object.assign({}, map.metrics, record.metrics, { clusters: stats.length }),
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
    function sampleOf(text) {
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
      sampleOf,
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
