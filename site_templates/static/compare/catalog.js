/* Which settings there are, of all studies that a side may show, as compare.py wrote them down: made ready to be asked.
   Nothing here knows a method, a clusterer or a parameter, nor how a slug is made. Pure. */
(function () {
  "use strict";

  const { choices } = window.clusterfolio;
  const WORDS = ["representation", "method", "clusterer", "space"]; /* Keys of a setting beside its parameters. */

  /* The chunk “compare” with its studies as objects: of each {name, title, base, study, methods, clusterers,
     parameters, maps, settings, options}. A part of a study, a map or the features, is {slug, near, own}, a setting is
     {slug, part, own}: `own` is all that it was made by, flat, as addresses and controls have it. `options` are what
     there is to choose from, by each of the words. */
  function read(content) {
    const studies = Object.entries(content.studies).map(([name, each]) => [name, study(name, each)]);
    return Object.assign({}, content, { studies: Object.fromEntries(studies) });
  }

  function study(name, given) {
    const { methods, clusterers } = given;
    const parts = given.parts.map(function ({ slug, near, representation, method, values }) {
      const made = method === undefined ? {} : { method: methods[method].name, ...named(methods[method], values) };
      return { slug, near, own: { representation, ...made } };
    });
    const settings = Object.entries(given.settings).map(function ([slug, [at, by, ...values]]) {
      const part = parts[at];
      const clusterer = clusterers[by];
      const space = isMap(part) ? "map" : "features";
      const own = { ...part.own, clusterer: clusterer.name, ...named(clusterer, values), space };
      return [slug, { slug, part, own }];
    });
    const all = settings.map(([, { own }]) => own);
    const options = WORDS.map((key) => [key, new Set(all.filter((own) => key in own).map((own) => own[key]))]);
    return {
      ...given,
      name,
      maps: parts.filter(isMap),
      settings: Object.fromEntries(settings),
      options: Object.fromEntries(options),
    };
  }

  function named({ parameters }, values) {
    return Object.fromEntries(parameters.map((name, at) => [name, values[at]]));
  }

  function isMap(part) {
    return part.own.method !== undefined;
  }

  /* How far something is from a wish in each parameter of a study, in their order, then its own values, so that the
     lower one is taken on a tie; what it has not is passed over, what the wish leaves open is as at the start. */
  function apart(of, own, wish) {
    const all = Object.entries(of.parameters);
    const wanted = (name, start) => (wish[name] === undefined ? start : wish[name]);
    return [
      ...all.map(([name, { start }]) => (own[name] === undefined ? 0 : Math.abs(own[name] - wanted(name, start)))),
      ...all.map(([name]) => own[name] || 0),
    ];
  }

  /* The one whose numbers `far(each)` are least, the first ones first; null where there is none. */
  function least(all, far) {
    let best = null;
    let fewest = null;
    for (const each of all) {
      const numbers = far(each);
      if (fewest === null || choices.before(numbers, fewest)) [best, fewest] = [each, numbers];
    }
    return best;
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

  /* What has a parameter and is made by the same method, or the same clusterer, as what is shown at `at`. */
  function alike(of, at, name) {
    const is = (own, keys) => own[name] !== undefined && keys.every((key) => own[key] === at[key]);
    const maps = of.maps.filter(({ own }) => is(own, ["representation", "method"]));
    return maps.length ? maps : Object.values(of.settings).filter(({ own }) => is(own, ["clusterer"]));
  }

  /* The values that a parameter can take beside what is shown at `at`, ascending. */
  function values(of, at, name) {
    return Array.from(new Set(alike(of, at, name).map(({ own }) => own[name]))).sort((x, y) => x - y);
  }

  window.clusterfolio.pairCatalog = { read, isMap, apart, least, drawnOn, values, WORDS };
})();
