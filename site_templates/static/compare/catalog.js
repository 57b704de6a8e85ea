/* Which settings there are, of all studies that a side may show, as compare.py wrote them down: made ready to be asked.
   Nothing here knows a method, a clusterer or a parameter, nor how a slug is made. Pure. */
(function () {
  "use strict";

  const WORDS = ["representation", "method", "clusterer", "space"]; /* Keys of a setting beside its parameters. */

  /* The chunk “compare” with its studies as objects: of each {name, title, base, study, methods, clusterers,
     parameters, maps, settings}. A map or the features, a part of a study, is {slug, near, own, made}; a setting is
     {slug, part, own, made}. `own` is all that tells it from others, flat, as addresses and controls have it; `made` the
     method and its values, or the values of the clusterer. */
  function read(content) {
    const studies = Object.entries(content.studies).map(([name, each]) => [name, study(name, each)]);
    return Object.assign({}, content, { studies: Object.fromEntries(studies) });
  }

  function study(name, given) {
    const { methods, clusterers } = given;
    const parts = given.parts.map(function ({ slug, near, representation, method, values }) {
      const made = method === undefined ? {} : { method: methods[method].name, ...named(methods[method], values) };
      return { slug, near, made, own: { representation, ...made } };
    });
    const settings = Object.entries(given.settings).map(function ([slug, [at, by, ...values]]) {
      const part = parts[at];
      const clusterer = clusterers[by];
      const made = named(clusterer, values);
      const space = isMap(part) ? "map" : "features";
      return [slug, { slug, part, made, own: { ...part.own, clusterer: clusterer.name, ...made, space } }];
    });
    return Object.assign({}, given, { name, maps: parts.filter(isMap), settings: Object.fromEntries(settings) });
  }

  function named({ parameters }, values) {
    return Object.fromEntries(parameters.map((name, at) => [name, values[at]]));
  }

  function isMap(part) {
    return part.made.method !== undefined;
  }

  /* Whether two maps, or two clusterings, are made alike. */
  function same(x, y) {
    const names = Object.keys(x);
    return names.length === Object.keys(y).length && names.every((name) => x[name] === y[name]);
  }

  /* What is made with one value of a parameter each, with the start's where the wish leaves it open: how far from the
     wish in each parameter, in their order, then the values themselves, so that the lower one is taken on a tie. */
  function apart(of, own, wish) {
    const names = Object.keys(of.parameters).filter((name) => own[name] !== undefined);
    const wanted = (name) => (wish[name] === undefined ? of.parameters[name].start : wish[name]);
    const all = Object.keys(of.parameters);
    return [
      ...all.map((name) => (names.includes(name) ? Math.abs(own[name] - wanted(name)) : 0)),
      ...all.map((name) => (names.includes(name) ? own[name] : 0)),
    ];
  }

  /* The one whose numbers `far(each)` are least, the first ones first; null where there is none. */
  function least(all, far) {
    let best = null;
    let fewest = null;
    for (const each of all) {
      const numbers = far(each);
      if (fewest === null || before(numbers, fewest)) [best, fewest] = [each, numbers];
    }
    return best;
  }

  function before(x, y) {
    const at = x.findIndex((value, i) => value !== y[i]);
    return at >= 0 && x[at] < y[at];
  }

  /* The map of a study to draw clusters of the features on: of their representation where there is one, else as near as
     there is to the wished one. */
  function drawnOn(of, representation, wish) {
    return least(of.maps, ({ own }) => [
      own.representation === representation ? 0 : 1,
      wish.method === undefined || own.method === wish.method ? 0 : 1,
      ...apart(of, own, wish),
    ]);
  }

  /* What is made by the same method, or by the same clusterer, as what is shown at `at`: all that has this parameter. */
  function alike(of, at, name) {
    const is = (own, keys) => own[name] !== undefined && keys.every((key) => own[key] === at[key]);
    const maps = of.maps.filter(({ own }) => is(own, ["representation", "method"]));
    return maps.length ? maps : Object.values(of.settings).filter(({ own }) => is(own, ["clusterer"]));
  }

  /* The values that a parameter can take beside what is shown at `at`, ascending. */
  function values(of, at, name) {
    return Array.from(new Set(alike(of, at, name).map(({ own }) => own[name]))).sort((x, y) => x - y);
  }

  /* Whether a parameter is of what made the map, not of what made the clusters. */
  function ofMap(of, name) {
    return of.methods.some(({ parameters }) => parameters.includes(name));
  }

  /* What there is to choose from in a study: the values of “method”, “clusterer”, “space” or “representation”. */
  function options(of, key) {
    return new Set(Object.values(of.settings).map(({ own }) => own[key]).filter((value) => value !== undefined));
  }

  /* What made a map, or clusters, in words: “perplexity 30”; its name before it where `full`, or where there is nothing
     else to say. */
  function words(of, at, kind, full) {
    const made = of[kind === "method" ? "methods" : "clusterers"].find(({ name }) => name === at[kind]);
    if (!made) return "";
    const own = made.parameters.map((name) => `${of.parameters[name].word} ${at[name]}`);
    return (full || !own.length ? [made.label, ...own] : own).join(", ");
  }

  window.clusterfolio.pairCatalog = { read, isMap, same, apart, least, drawnOn, values, ofMap, options, words, WORDS };
})();
