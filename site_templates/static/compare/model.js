/* Two settings of the same samples as one thing to draw: both sides, and how far they agree. */
(function () {
  "use strict";

  const app = window.clusterfolio;
  const { SIDES } = app.compareState;
  const { drawnOn, isMap } = app.compareCatalog;
  const NEIGHBORHOODS = 60e6; // bytes of neighbours kept, about
  const PAIRS = 30e6; // bytes of comparisons kept, about

  /* `catalog` is that of catalog.js; `own` the model of this page's study. */
  function create(catalog, own) {
    const models = new Map([[catalog.own, own]]);
    const folders = new Map();
    const first = app.compareState.start(catalog);
    const { n } = own;
    const count = Math.min(catalog.neighbors, n - 1);
    /* Of the chunks that say who is next to whom: their content, and the neighbours found in it. */
    const decoded = app.model.lru(NEIGHBORHOODS / (4 * count * n), () => {});
    const neighborhoods = app.model.lru(NEIGHBORHOODS / (4 * count * n), () => {});
    const pairs = app.model.lru(PAIRS / (16 * n), () => {});

    function folder(study) {
      if (!folders.has(study)) folders.set(study, app.folder(catalog.studies[study].base));
      return folders.get(study);
    }

    /* The model of another study of the gallery, which must hold the same samples. */
    async function model(study) {
      if (models.has(study)) return models.get(study);
      const source = folder(study);
      const found = await source.load("study", catalog.studies[study].study);
      if (models.has(study)) return models.get(study);
      try {
        const made = app.model.create(found, source);
        if (made.n !== n) throw new Error(`${study} no longer holds the same samples; the site may be half copied.`);
        models.set(study, made);
      } catch (error) {
        source.forget("study"); /* The next visit loads it again. */
        throw error;
      }
      return models.get(study);
    }

    const chosen = (at) => catalog.studies[at.study].settings[at.slug];

    /* The map that a side is drawn on, null where its study has none. Clusters in the features are drawn on the other
       side's map, so that the same sample lies at the same place; else on that of the start. */
    function map(state, side) {
      const { part, own: made } = chosen(state[side]);
      if (isMap(part)) return part;
      const others = [state[side === "a" ? "b" : "a"], first.b, first.a].map((at) => chosen(at).part);
      const wanted = others.find(isMap);
      return drawnOn(catalog.studies[state[side].study], made.representation, wanted ? wanted.own : {});
    }

    /* What a side shows, flat, as its study's own pages say it, the map that it is drawn on included: where there is
       none at all, one that could not be made, and its study says why. */
    function place(state, side) {
      const { study } = state[side];
      const on = map(state, side);
      return { study, ...(on ? on.own : starts(study)), ...chosen(state[side]).own };
    }

    /* Each parameter of a study as it is at the start: charts want a value of those, too, that play no part. */
    function starts(study) {
      const all = Object.entries(catalog.studies[study].parameters);
      return Object.fromEntries(all.map(([name, { start }]) => [name, start]));
    }

    const explorerState = (state, side) => Object.assign(place(state, side), { color: state.color });

    function ready(state) {
      return SIDES.every(function (side) {
        const at = place(state, side);
        return models.has(at.study) && models.get(at.study).ready(at) && folder(at.study).has(file(state[side]).name);
      });
    }

    async function ensure(state) {
      await Promise.all(SIDES.map(async function (side) {
        const at = place(state, side);
        const near = file(state[side]);
        if (!near.path) throw new Error(`The places of ${state[side].slug} are missing.`);
        const loading = folder(at.study).load(near.name, near.path);
        loading.catch(() => {}); /* Reported below. */
        await (await model(at.study)).ensure(at);
        await loading;
      }));
    }

    /* The chunk that says who is next to whom in what a side clusters. */
    function file(at) {
      const [name, path] = chosen(at).part.near || ["", ""];
      return { name, path };
    }

    /* The nearest neighbours of all samples, `count` each, the nearest first: on the map, or, for clusters in the
       features, in the features themselves. */
    function neighbors(at) {
      const key = `${at.study} ${file(at).name}`;
      if (!neighborhoods.has(key)) {
        const { listed, x, y } = places(at);
        neighborhoods.set(key, listed || search(x, y));
      }
      return neighborhoods.get(key);
    }

    /* {listed}, or {x, y} to search in. A damaged chunk is forgotten, so that the next visit loads it again. */
    function places(at) {
      const key = `${at.study} ${file(at).name}`;
      if (decoded.has(key)) return decoded.get(key);
      const { name } = file(at);
      try {
        const raw = folder(at.study).get(name);
        const { column } = app.decode;
        decoded.set(
          key,
          raw.neighbors ? { listed: column(raw.neighbors, n * count) } : { x: column(raw.x, n), y: column(raw.y, n) },
        );
      } catch (error) {
        folder(at.study).forget(name);
        throw app.decode.damaged(name, error);
      }
      return decoded.get(key);
    }

    function search(x, y) {
      const index = app.spatial.create(x, y);
      const found = new Uint32Array(n * count);
      for (let sample = 0; sample < n; sample += 1) found.set(index.neighbors(sample, count), sample * count);
      return found;
    }

    function setting(state) {
      const slug = `${app.compareState.name(state.a, catalog)} ${app.compareState.name(state.b, catalog)}`;
      if (!pairs.has(slug)) pairs.set(slug, compare(slug, side(state, "a"), side(state, "b")));
      return pairs.get(slug);
    }

    function side(state, which) {
      const at = { ...starts(state[which].study), ...place(state, which) };
      const found = models.get(at.study);
      return {
        chosen: state[which],
        at,
        map: map(state, which),
        base: catalog.studies[at.study].base,
        model: found,
        setting: found.setting(at),
        title: app.compareState.name(state[which], catalog),
      };
    }

    function compare(slug, a, b) {
      for (const side of [a, b]) {
        places(side.chosen); /* Whether they can be read at all is known before anything is drawn. */
      }
      const table = app.agreement.table(a.setting, b.setting);
      const changes = app.agreement.changes(a, b, catalog.labelled);
      const pair = { slug, a, b, count, ari: app.agreement.ari(table), changes };
      let near = null; /* Searched for when first asked: figures that do not need it come before. */
      pair.near = function () {
        if (!near) near = nearness(neighbors(a.chosen), neighbors(b.chosen));
        return near;
      };
      return pair;
    }

    function nearness(inA, inB) {
      const shared = app.agreement.shared(inA, inB, count, n);
      const torn = shared.map((common) => (2 * common < count ? 1 : 0));
      const of = (each, sample) => Array.from(each.subarray(sample * count, (sample + 1) * count));
      return {
        shared,
        torn,
        tornCount: torn.reduce((sum, each) => sum + each, 0),
        kept: count ? shared.reduce((sum, each) => sum + each, 0) / (n * count) : 1,
        jaccard: (sample) => app.agreement.jaccard(shared[sample], count),
        a: (sample) => of(inA, sample),
        b: (sample) => of(inB, sample),
      };
    }

    return { ready, ensure, setting, place, explorerState, model: (study) => models.get(study), n };
  }

  app.compareModel = { create };
})();
