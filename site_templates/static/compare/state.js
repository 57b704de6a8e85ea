/* What the comparison shows, to and from its address: `a=…&b=…`, each side the slug of a setting. Pure: no document, no
   history.

   Which settings there are, and what they are called, comes from the build: `catalog` is that of catalog.js, `own` in
   it is the study of this page, and `ids` are those of the samples (ids.js). */
(function () {
  "use strict";

  const { state: rules, ids, nearest: rule, compareCatalog } = window.clusterfolio;
  const SIDES = ["a", "b"];
  const COLORS = ["cluster", "label", "right"];
  const ONLY = ["all", "changed", "torn"];
  const KEYS = ["a", "b", "color", "only", "sample", "id"];

  function start(catalog) {
    const side = (slug) => ({ study: catalog.own, slug });
    return { a: side(catalog.start.a), b: side(catalog.start.b), color: "cluster", only: "all", sample: null };
  }

  /* Slug of the setting of a study nearest to a wish, flat as `own` of a setting (nearest.js); what the wish leaves
     open is as at the start. `kept` is what was just chosen, and what it is to be like if anything is. */
  function nearest(catalog, study, wish, kept = {}) {
    const of = catalog.studies[study];
    const all = Object.values(of.settings);
    const exact = all.find(({ own }) => Object.keys(own).every((key) => own[key] === wish[key]));
    if (exact) return exact.slug; /* While a slider is dragged, it nearly always is. */
    const like = all.filter(({ own }) => Object.keys(kept).every((key) => own[key] === kept[key]));
    return compareCatalog.closest(of, like.length ? like : all, wish).slug;
  }

  /* Whether a setting is what was wished for, as far as it was. */
  function meets(catalog, study, slug, wish) {
    const { own } = catalog.studies[study].settings[slug];
    return Object.keys(own).every((key) => wish[key] === undefined || wish[key] === own[key]);
  }

  /* The slug that reads as a text does but for its numbers, these as near as there are, one after the other; null where
     none reads so. That needs no rule of slugs, and links to a grid that has changed still lead close by. */
  function likest(slugs, text) {
    const alike = slugs.map((slug) => [slug, unlike(text, slug)]).filter(([, numbers]) => numbers !== null);
    const found = rule.least(alike, ([, numbers]) => numbers);
    return found && found[0];
  }

  /* How far each number in a text is from the one at its place in another, then the other's numbers, so that the lower
     one is taken on a tie; null where the texts differ in anything else. */
  function unlike(text, slug) {
    const [far, numbers] = [[], []];
    let [i, j] = [0, 0];
    while (i < text.length || j < slug.length) {
      const [x, y] = [number(text, i), number(slug, j)];
      if (x === "" && y === "" && text[i] === slug[j]) [i, j] = [i + 1, j + 1];
      else if (x === "" || y === "") return null;
      else {
        far.push(Math.abs(Number(x) - Number(y)));
        numbers.push(Number(y));
        [i, j] = [i + x.length, j + y.length];
      }
    }
    return [...far, ...numbers];
  }

  /* The number that begins at a place of a text, as it is written; "" where none does. */
  function number(text, from) {
    const digits = function (at) {
      let end = at;
      while (text[end] >= "0" && text[end] <= "9") end += 1;
      return end;
    };
    const whole = digits(from);
    const part = text[whole] === "." ? digits(whole + 1) : whole;
    return text.slice(from, whole > from && part > whole + 1 ? part : whole);
  }

  /* Settings as they are written here: that of the start, and the same in the other space. */
  function examples(catalog) {
    const { slug, own } = catalog.studies[catalog.own].settings[catalog.start.b];
    const space = own.space === "map" ? "features" : "map";
    return Array.from(new Set([slug, nearest(catalog, catalog.own, { ...own, space })])).join(" or ");
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
    const near = likest(Object.keys(settings), wanted);
    if (near === null) return { value: null, allowed: `a side is written like ${examples(catalog)}` };
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
    const { given, notes } = rules.parseFragment(text, KEYS, (key, value) => read[key](value), function (key, value) {
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

  window.clusterfolio.compareState = { parse, format, start, nearest, meets, unlike, name, SIDES };
})();
