/* Which settings there are, of all studies that a side may show, as compare.py wrote them down: made ready to be asked.
   Nothing here knows a method, a clusterer or a parameter, nor how a slug is made. Pure. */
(function () {
  "use strict";

  const { nearest } = window.clusterfolio;
  const WORDS = ["representation", "method", "clusterer", "space"]; /* What there is to choose from. */

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

  /* Of some maps or settings of a study the nearest to a wish; what that leaves open is as at the start. */
  function closest(of, all, wish) {
    const starts = Object.entries(of.parameters).map(([name, { start }]) => [name, start]);
    const said = Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined));
    return nearest.state(all, { ...Object.fromEntries(starts), ...said }, Object.keys(of.parameters), {
      of: ({ own }) => own,
    });
  }

  /* The map of a study to draw clusters of the features on: of their representation where there is one, else as near as
     there is to the wished one. */
  function drawnOn(of, representation, wish) {
    return closest(of, of.maps, { ...wish, representation });
  }

  /* What has a parameter and is made by the same method, or the same clusterer, as what is shown at `at`. */
  function alike(of, at, name) {
    const is = (own, keys) => own[name] !== undefined && keys.every((key) => own[key] === at[key]);
    const maps = of.maps.filter(({ own }) => is(own, ["representation", "method"]));
    const settings = Object.values(of.settings);
    if (!maps.length) return settings.filter(({ own }) => is(own, ["clusterer"]));
    const clustered = settings.filter(({ own }) => is(own, ["representation", "method", "clusterer"]));
    return at.space === "features" || !clustered.length ? maps : clustered;
  }

  /* The values that a parameter can take beside what is shown at `at`, ascending. */
  function values(of, at, name) {
    return Array.from(new Set(alike(of, at, name).map(({ own }) => own[name]))).sort((x, y) => x - y);
  }

  window.clusterfolio.compareCatalog = { read, isMap, closest, drawnOn, values };
})();
