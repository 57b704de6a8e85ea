/* What a state means in its study: its method and its clusterer, their parameters, and words for all that. Which there
   are comes with the study; no script knows one by its name. Pure. */
(function () {
  "use strict";

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
    return found;
  }

  /* Whether of two lists of numbers the first comes first: by the first number that differs. */
  function before(x, y) {
    const at = x.findIndex((value, i) => value !== y[i]);
    return at >= 0 && x[at] < y[at];
  }

  /* ---- words ---- */

  const word = (name) => name.replaceAll("_", " ");
  const values = (names, at) => names.map((name) => `${word(name)} ${at[name]}`).join(", ");

  /* One entry of several is named, and one that has no parameters to be known by. */
  function told(entries, entry, at) {
    const name = entries.length > 1 || !entry.parameters.length ? [entry.label] : [];
    return [...name, ...(entry.parameters.length ? [values(entry.parameters, at)] : [])].join(", ");
  }

  const map = (study, at) => told(study.methods, method(study, at), at);
  const clustering = (study, at) => told(study.clusterers, clusterer(study, at), at);

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
    before,
    word,
    values,
    map,
    clustering,
    setting,
    opened,
    clustersOf,
  };
})();
