/* What a state means in its study: its method and its clusterer, their parameters, and words for all that. Which there
   are comes with the study; no script knows one by its name. Pure. */
(function () {
  "use strict";

  const { nearest } = window.clusterfolio;
  const named = (all, name) => all.find((each) => each.name === name);
  const method = (study, at) => named(study.methods, at.method) || study.methods[0];
  const clusterer = (study, at) => named(study.clusterers, at.clusterer) || study.clusterers[0];

  /* Parameters that play a part in a state: those of its method, then those of its clusterer. */
  function parameters(study, at) {
    return [...new Set([...method(study, at).parameters, ...clusterer(study, at).parameters])];
  }

  /* All keys of a state that decide which setting it shows, in the order of addresses. */
  function keys(study) {
    const of = (entries) => entries.flatMap((entry) => entry.parameters);
    return [
      ...new Set(["representation", "method", ...of(study.methods), "clusterer", ...of(study.clusterers), "space"]),
    ];
  }

  const ways = new WeakMap(); /* What there is to be shown, by study. */

  /* Every way to show clusters of a map or, drawn on one, of the features, but for the values of the clusterer's
     parameters: representation, method with its parameters, clusterer, space. */
  function shown(study) {
    if (!ways.has(study)) {
      const found = study.index.flatMap(function ({ representation, method: name, parameters: own, clusterers }) {
        const of = (all, space) =>
          all.map((each) => ({ representation, method: name, ...own, clusterer: each, space }));
        return [...of(clusterers, "map"), ...of(study.features, "features")];
      });
      ways.set(study, found);
    }
    return ways.get(study);
  }

  /* The values of a parameter that there are beside all else of a state, ascending. */
  function offered(study, at, name) {
    if (!method(study, at).parameters.includes(name)) return study.parameters[name].values;
    const alike = ["representation", "method", "clusterer", "space"];
    const values = new Set(
      shown(study).filter((each) => alike.every((key) => each[key] === at[key])).map((each) => each[name]),
    );
    return values.size ? study.parameters[name].values.filter((value) => values.has(value)) : [at[name]];
  }

  /* The nearest state to a wish that can be shown; `first` are keys that are kept before all others. */
  function settled(study, wish, first = []) {
    const all = shown(study);
    const own = method(study, wish).parameters;
    const is = (each, keys) => keys.every((key) => each[key] === wish[key]);
    if (!all.length || all.some((each) => is(each, ["representation", "method", "clusterer", "space", ...own]))) {
      return wish;
    }
    const names = [...new Set(study.methods.flatMap((each) => each.parameters))];
    const words = first.filter((key) => nearest.WORDS.includes(key));
    return { ...wish, ...nearest.state(all, wish, names, { first: words }) };
  }

  /* What of a wish could not be, a sentence each: “perplexity 35 has no Ward; shown at 30.” */
  function unmet(study, wish, found) {
    const { label } = clusterer(study, wish);
    const notes = [];
    if (found.clusterer !== wish.clusterer) {
      const where = wish.space === "features" ? "The features have" : `${opened(study, wish, map(study, wish))} has`;
      notes.push(`${where} no ${label}; shown with ${clusterer(study, found).label}.`);
    }
    if (found.method !== wish.method) {
      notes.push(`${method(study, wish).label} has no ${label}; shown on ${method(study, found).label}.`);
    }
    if (found.space !== wish.space) {
      const of = (at) => study.spaces.find(({ name }) => name === at.space).label;
      notes.push(`${label} was not computed in ${of(wish)}; shown in ${of(found)}.`);
    }
    for (const name of found.method === wish.method ? method(study, found).parameters : []) {
      if (found[name] === wish[name]) continue;
      notes.push(
        `${word(study, name)} ${wish[name]} has no ${clusterer(study, found).label}; shown at ${found[name]}.`,
      );
    }
    if (notes.length) notes.push(...why(study, wish));
    return notes;
  }

  /* Why there is nothing of a clusterer. */
  function why(study, { clusterer: name, space }) {
    const { label } = clusterer(study, { clusterer: name });
    return (study.absent || [])
      .filter((each) => each.clusterer === name && (each.space === null || each.space === space))
      .map(({ reason }) => `${label} is left out: ${reason}.`);
  }

  /* How many clusters a state has, or can have at most where no parameter says how many there are. */
  function clusters(study, at) {
    const { count } = clusterer(study, at);
    return count ? at[count] : study.most;
  }

  /* What there is over the grid of a state's method and clusterer: the names of chunks. */
  function pair(study, at) {
    return study.grids.find((each) =>
      ["representation", "method", "clusterer"].every((key) => each[key] === at[key])
    ) || {};
  }

  /* Which roles of the registry differ between two states: what a measure may or may not be compared over. */
  function roles(study, one, other) {
    const differ = (names) => names.some((name) => one[name] !== other[name]);
    const [of, from] = [clusterer(study, one), clusterer(study, other)];
    const found = ["representation", "clusterer", "space"].filter((key) => one[key] !== other[key]);
    if (differ(["method", ...method(study, one).parameters])) found.push("method");
    /* Of two clusterers with different parameters nobody can say that these are equal. */
    if (String(of.parameters) !== String(from.parameters) || differ(of.parameters)) found.push("k");
    if (found.length && (of.noise || from.noise)) found.push("noise");
    return found;
  }

  /* Whether settings that differ in these roles may be ranked by a measure. */
  function comparable(metric, moved) {
    return moved.every((role) => role === "noise" ? metric.ranks_noise : (metric.comparable_over || []).includes(role));
  }

  /* ---- words ---- */

  const word = (study, name) => study.parameters[name].word;
  const values = (study, names, at) => names.map((name) => `${word(study, name)} ${at[name]}`).join(", ");

  /* One entry of several is named, and one that has no parameters to be known by. */
  function told(study, entries, entry, at) {
    /* A value that goes without saying is not said, as in slugs. */
    const names = entry.parameters.filter((name) => at[name] !== study.parameters[name].implied);
    const name = entries.length > 1 || !names.length ? [entry.label] : [];
    return [...name, ...(names.length ? [values(study, names, at)] : [])].join(", ");
  }

  const map = (study, at) => told(study, study.methods, method(study, at), at);
  const clustering = (study, at) => told(study, study.clusterers, clusterer(study, at), at);

  /* “perplexity 30, k 10” */
  function setting(study, at) {
    return `${map(study, at)}, ${clustering(study, at)}`;
  }

  /* A sentence that begins with the map, with a capital where no name of a method opens it. */
  function opened(study, at, text) {
    const isNamed = study.methods.length > 1 || !method(study, at).parameters.length;
    return isNamed ? text : text.charAt(0).toUpperCase() + text.slice(1);
  }

  /* “10 clusters”, or the clusterer with its values where no parameter says how many there are. */
  function clustersOf(study, at) {
    const { count } = clusterer(study, at);
    return count && study.clusterers.length === 1 ? `${at[count]} clusters` : clustering(study, at);
  }

  window.clusterfolio.choices = {
    method,
    clusterer,
    parameters,
    keys,
    clusters,
    pair,
    roles,
    comparable,
    offered,
    settled,
    unmet,
    word,
    values,
    map,
    clustering,
    setting,
    opened,
    clustersOf,
  };
})();
