/* What the comparison shows, to and from its address: `a=tsne-p10-k8&b=features-k10`. Pure: no document, no history.

   Which settings there are, and what they are called, comes from the build: `catalog` holds for each study
   {title, settings: {slug: [perplexity or null, k, space]}}, `own` is the study of this page, and `ids` are those of
   the samples (ids.js). */
(function () {
  "use strict";

  const { state: rules, ids } = window.clusterfolio;
  const SIDES = ["a", "b"];
  const COLORS = ["cluster", "label", "right"];
  const ONLY = ["all", "changed", "torn"];
  const KEYS = ["a", "b", "color", "only", "sample", "id"];

  function start(catalog) {
    const side = (slug) => ({ study: catalog.own, slug });
    return { a: side(catalog.start.a), b: side(catalog.start.b), color: "cluster", only: "all", sample: null };
  }

  /* The setting of a study nearest to a wanted one: same space where it has any, then perplexity, then k; the lower
     on a tie. */
  function nearest(catalog, study, [perplexity, k, space]) {
    let best = null;
    let least = null;
    for (const [slug, [p, own, where]] of Object.entries(catalog.studies[study].settings)) {
      const apart = [
        where === space ? 0 : 1,
        p === null || perplexity === null ? 0 : Math.abs(p - perplexity),
        Math.abs(own - k),
        p || 0,
        own,
      ];
      if (least === null || before(apart, least)) [best, least] = [slug, apart];
    }
    return best;
  }

  function before(x, y) {
    const at = x.findIndex((value, i) => value !== y[i]);
    return at >= 0 && x[at] < y[at];
  }

  /* A side as someone wrote it: {value, note}; value null where nothing can be made of it. */
  function readSide(text, catalog, key) {
    const [, given, wanted] = /^(?:([^:]*):)?(.*)$/s.exec(text);
    const study = given === undefined ? catalog.own : given;
    if (!Object.hasOwn(catalog.studies, study)) {
      const others = Object.keys(catalog.studies).join(", ");
      return {
        value: null,
        allowed: `“${rules.shorten(study)}” is no data set over these samples (there is ${others})`,
      };
    }
    const { settings } = catalog.studies[study];
    if (Object.hasOwn(settings, wanted)) return { value: { study, slug: wanted } };
    const [p, k] = [/(?:^|-)p(\d{1,6}(?:\.\d{1,6})?)(?:-|$)/, /(?:^|-)k(\d{1,6})(?:-|$)/].map((part) =>
      part.exec(wanted)
    );
    if (!p && !k) return { value: null, allowed: "a side is written like tsne-p30-k10 or features-k10" };
    const [, firstK] = catalog.studies[catalog.own].settings[catalog.start[key]];
    const near = nearest(catalog, study, [p ? Number(p[1]) : null, k ? Number(k[1]) : firstK, p ? "map" : "features"]);
    return {
      value: { study, slug: near },
      near: true,
      note: `There is no setting ${rules.shorten(wanted)} here; ${key.toUpperCase()} is ${near}, the nearest.`,
    };
  }

  /* `#a=…&b=…` → {state, notes}: a valid state for any text, and a sentence per correction. */
  function parse(text, catalog) {
    const state = start(catalog);
    const read = {
      a: (value) => readSide(value, catalog, "a"),
      b: (value) => readSide(value, catalog, "b"),
      color: (value) => rules.word(value, catalog.labelled ? COLORS : COLORS.slice(0, 1), "color"),
      only: (value) => rules.word(value, ONLY, "only"),
      sample: (value) => rules.numbered(value, catalog.n, `samples are numbered 0 to ${catalog.n - 1}`),
      id: (value) => ids.read(catalog.ids, catalog.n, value),
    };
    const named = (key) => (SIDES.includes(key) ? `setting for ${key.toUpperCase()}` : key);
    const { given, notes } = rules.heed(text, KEYS, (key, value) => read[key](value), function (key, value) {
      if (key === "sample" || key === "id") return rules.takeSample(state, key, value);
      state[key] = value;
      return null;
    }, named);
    /* One side alone is given and is where the other would start: then that one is where this one would. */
    if (name(state.a, catalog) === name(state.b, catalog)) {
      if (!given.has("a")) state.a = start(catalog).b;
      else if (!given.has("b")) state.b = start(catalog).a;
    }
    return { state, notes };
  }

  /* The one address of a state: both sides always, the others where they differ from the start. */
  function format(state, catalog) {
    const first = start(catalog);
    return Object.keys(first).filter((key) => SIDES.includes(key) || state[key] !== first[key])
      .map((
        key,
      ) => (key === "sample"
        ? ids.written(catalog.ids, state.sample)
        : `${key}=${SIDES.includes(key) ? name(state[key], catalog) : state[key]}`)
      )
      .join("&");
  }

  function name(side, catalog) {
    return side.study === catalog.own ? side.slug : `${side.study}:${side.slug}`;
  }

  window.clusterfolio.pairState = { parse, format, start, nearest, name, SIDES };
})();
