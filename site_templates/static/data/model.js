/* The study and its chunks as typed arrays: what a setting shows, decoded once and kept. */
(function () {
  "use strict";

  const app = window.clusterfolio;
  const { choices, decode, dom, nearest } = app;

  const EMBEDDINGS = 160e6; // bytes of coordinates kept, about
  const UNCOUNTED = 2; // neither right nor wrong: noise, and what has no label
  const SETTINGS = 60e6; // bytes of assignments kept, about

  /* A map of the last things asked for; `left(key)` is told of those that make room. */
  function lru(room, left) {
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
    const unlabelled = names ? names.length : -1; /* The code of samples without a label: the one after the last. */
    const embeddings = lru(EMBEDDINGS / (16 * n), (name) => forget(name));
    const settings = lru(SETTINGS / (2 * n), () => {});
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
      if (exact) return exact;
      const starts = Object.fromEntries(Object.entries(study.parameters).map(([name, { start }]) => [name, start]));
      const { representation, method } = at;
      const wish = { ...starts, ...at, representation, method };
      return nearest.state(study.index, wish, Object.keys(starts), {
        of: (each) => ({ representation: each.representation, method: each.method, ...each.parameters }),
      });
    }

    function needs(at) {
      const map = find(at).chunk;
      return at.space === "features" ? [map, "features"] : [map];
    }

    /* Coordinates scaled so that the larger of the two ranges fills [-1, 1]; one unit is the same on both axes. */
    const embedding = (at) => place(find(at).chunk);

    function place(name) {
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
      return `${choices.word(study, count)} = ${at[count]} is more than the ${differ} different points ${
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
      const stats = record.stats.cluster.length ? decode.rows(record.stats) : [];
      const { parameters, count } = choices.clusterer(study, record);
      const most = count ? record.parameters[parameters.indexOf(count)] : stats.length;
      if (stats.length !== most || (centers && centers.x.length !== most)) {
        throw new Error(`${record.slug} does not have ${most} clusters`);
      }
      /* Noise has the number after the last, in `clusters` and in all that goes by cluster: it is a group like others,
         in grey and without a label, but it has no place in `stats`. To readers it is −1. */
      const noise = record.noise ? stats.length : -1;
      const none = (value) => (record.noise ? [value] : []);
      const dominant = [...record.stats.label, ...none(null)];
      const verdict = new Uint8Array(n).fill(UNCOUNTED);
      const isWrong = new Uint8Array(n);
      let [wrongCount, counted] = [0, 0];
      for (let sample = 0; labels && sample < n; sample += 1) {
        const given = dominant[clusters[sample]];
        if (given === null || labels[sample] === unlabelled) continue;
        isWrong[sample] = given === labels[sample] ? 0 : 1;
        verdict[sample] = isWrong[sample];
        wrongCount += isWrong[sample];
        counted += 1;
      }
      const { palette } = study;
      const found = Object.assign({}, record, {
        clusters,
        dominant,
        noise,
        noiseCount: record.noise || 0,
        verdict,
        isWrong,
        wrongCount,
        counted,
        n,
        stats,
        colors: [...record.stats.color, ...none(palette.none)],
        shapes: [...record.stats.label.map(shapeOf), ...none("circle")],
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

    const shapeOf = (label, cluster) =>
      label === null && labels ? "circle" : study.palette.shapes[label === null ? cluster : label];

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
      if (code === unlabelled) return "unlabelled";
      return code === null || !names ? "unknown" : names[code];
    }

    /* “8”, or “cluster 3” where its samples carry no labels, or “noise”. */
    function clusterName(record, cluster) {
      if (cluster === record.noise) return "noise";
      const label = record.dominant[cluster];
      return label === null ? `cluster ${cluster}` : labelName(label);
    }

    /* “3, mostly 8”, “3” or “noise”. */
    function clusterText(record, cluster) {
      if (cluster === record.noise) return "noise";
      return record.dominant[cluster] === null ? String(cluster) : `${cluster}, mostly ${clusterName(record, cluster)}`;
    }

    /* “71.6 % clustered”, or nothing where there is no noise. */
    function share(record) {
      return record.noiseCount ? `${dom.part(1 - record.noiseCount / n)} clustered` : "";
    }

    /* Coordinates of a map to show beside another one: those of the PCA map in their own units, since it has axes. */
    function plane(name) {
      const { at, x, y } = place(name);
      return name === study.flat ? { name, ...at, at } : { name, x, y, at };
    }

    return {
      study,
      n,
      labels,
      names,
      id,
      sampleOf,
      find,
      unlabelled,
      labelName,
      clusterName,
      clusterText,
      share,
      plane,
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

  app.model = { create, lru };
})();
