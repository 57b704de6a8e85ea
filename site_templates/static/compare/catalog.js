/* Which settings there are, of all studies that a side may show, as compare.py wrote them down: made ready to be asked.
   Nothing here knows a method, a clusterer or a parameter, nor how a slug is made. Pure. */
(function () {
  "use strict";

  const WORDS = ["representation", "method", "clusterer", "space"]; /* Keys of a setting beside its parameters. */

  /* The chunk “compare” with its studies as objects: of each {name, title, base, study, methods, clusterers,
     parameters, maps, settings, options}, `options` being what there is to choose from by each of the words. A map or the features, a part of a study, is {slug, near, own}; a setting is
     {slug, part, own}: `own` is all that it was made by, flat, as addresses and controls have it. */
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

  window.clusterfolio.pairCatalog = { read, isMap, apart, least, drawnOn, values, WORDS };
})();
