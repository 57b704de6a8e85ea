/* What the page shows, to and from its address. Pure: no document, no history. */
(function () {
  "use strict";

  const { choices, ids, nearest } = window.clusterfolio;
  const COLORS = ["cluster", "label", "right"];
  const NUMBER = /^-?\d{1,9}(\.\d{1,6})?$/;
  /* Keys beside those of the setting. */
  const LOOKS = ["beside", "color", "metric", "sample", "id", "cluster", "label", "pair"];
  const LONGEST = 80; /* Characters of what an address gave, so that a reader sees what was not understood. */

  function start(study) {
    return {
      ...Object.fromEntries(choices.keys(study).map((key) => [key, study.start[key]])),
      beside: study.flat,
      color: study.start.color,
      metric: Object.keys(study.metrics)[0],
      sample: null,
      cluster: null,
      label: null,
      pair: null,
    };
  }

  function number(text) {
    return NUMBER.test(text) ? Number(text) : NaN;
  }

  function shorten(text) {
    const letters = Array.from(text); /* characters, so that none is cut in half */
    return letters.length > LONGEST ? `${letters.slice(0, LONGEST).join("")}…` : text;
  }

  function whole(text, below) {
    const value = number(text);
    return Number.isInteger(value) && value >= 0 && value < below ? value : null;
  }

  const READ = {
    representation: (text, study, key, at) => among(text, names(study.representations), key, at),
    method: (text, study, key, at) => among(text, names(study.methods), key, at),
    clusterer: (text, study, key, at) => among(text, names(study.clusterers), key, at),
    space: (text, study, key, at) => among(text, names(study.spaces), key, at),
    color: (text, study, key, at) => among(text, study.dataset.labels ? COLORS : ["cluster"], key, at),
    metric: (text, study, key, at) => among(text, Object.keys(study.metrics), key, at),
    sample: (text, study) => ({
      value: whole(text, study.dataset.n),
      allowed: `samples are numbered 0 to ${study.dataset.n - 1}`,
    }),
    id: (text, study) => ids.read(study.samples.ids, study.dataset.n, text),
    cluster: (text, study, _key, at) => ({
      value: text === "-1" && choices.clusterer(study, at).noise ? -1 : whole(text, choices.clusters(study, at)),
      allowed: `clusters are numbered 0 to ${choices.clusters(study, at) - 1}`,
    }),
    label: (text, study) => ({
      value: text === "-1" && study.samples.unlabelled ? -1 : whole(text, labels(study)),
      allowed: "there is no such label",
    }),
    beside: (text, study, key, at) => among(text, study.maps, key, at),
    pair: function (text, study) {
      const parts = text.split("-").map((part) => whole(part, labels(study)));
      const good = parts.length === 2 && !parts.includes(null);
      return { value: good ? parts.join("-") : null, allowed: "a pair is written true-dominant, like 8-1" };
    },
  };

  function labels(study) {
    return study.dataset.labels ? study.dataset.labels.length : 0;
  }

  const names = (entries) => entries.map((entry) => entry.name);

  /* A parameter's value. One that the method or clusterer has not keeps the value that it would have. */
  function parameter(text, study, key, at) {
    if (!choices.parameters(study, at).includes(key)) {
      const of = study.methods.some((each) => each.parameters.includes(key)) ? "method" : "clusterer";
      const { label } = choices[of](study, at);
      return { value: at[key], note: `${key} ${shorten(text)} is passed over: ${label} has no such parameter.` };
    }
    const value = number(text);
    if (Number.isNaN(value)) return { value: null, allowed: "that is not a number" };
    const found = nearest.value(study.parameters[key].values, value);
    return {
      value: found,
      near: found !== value,
      note: found === value ? null : `There is no ${key} ${value} here; this is ${found}, the nearest.`,
    };
  }

  function among(text, names, key, at) {
    return {
      value: names.includes(text) ? text : null,
      allowed: `${key} is one of ${names.join(", ")}`,
      fallback: at[key],
    };
  }

  /* Reads an address key by key, whatever page it is of: {given, notes}, a sentence per correction. `read(key, text)`
     gives {value, note, near}, `near` where the value is only the nearest there is, or value null and what is
     `allowed`; `take(key, value)` is told of each value that is good, and may say a sentence; `named(key)` is what a
     key stands for. */
  function parseFragment(text, keys, read, take, named = (key) => key) {
    const { pairs, notes } = window.clusterfolio.address.pairs(
      text,
      keys,
      (key, value) => meant((each) => read(key, each), value).value !== null,
    );
    const given = new Map();
    for (const [key, value] of pairs) {
      if (!given.has(key)) given.set(key, []);
      given.get(key).push(value);
    }
    for (const key of keys) {
      if (!given.has(key)) continue;
      const [value, ...more] = given.get(key);
      if (more.length) notes.push(`The address gives ${key} more than once; this is the first.`);
      const { form, ...found } = meant((each) => read(key, each), value);
      if (form !== value) notes.push(`“${shorten(value)}” is read as ${shorten(form)}.`);
      if (found.note) notes.push(found.note);
      if (found.value === null) notes.push(`“${shorten(value)}” is no ${named(key)}: ${found.allowed}.`);
      else notes.push(...[take(key, found.value)].filter(Boolean));
    }
    for (const key of given.keys()) {
      if (!keys.includes(key)) notes.push(`“${shorten(key)}” in the address means nothing here.`);
    }
    return { given, notes };
  }

  /* What a value can have been before it was sent around: as it is written, if that names something. */
  function meant(read, value) {
    let near = null;
    for (const form of window.clusterfolio.address.forms(value)) {
      const found = { ...read(form), form };
      if (found.value !== null && !found.near) return found;
      if (found.value !== null) near = near || found;
    }
    return near || { ...read(value), form: value };
  }

  /* The key of a sample in an address, `id` or `sample`, taken into a state; where both are given, ids last. */
  function takeSample(state, key, value) {
    const other = key === "id" && state.sample !== null && state.sample !== value;
    state.sample = value;
    return other ? "The address names two samples; this is the one of its id." : null;
  }

  /* One of some words, and a number of a sample or a label, as `parseFragment` wants them read. */
  function word(text, words, key) {
    return words.includes(text) ? { value: text } : { value: null, allowed: `${key} is one of ${words.join(", ")}` };
  }

  function numbered(text, below, allowed) {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    return value < below ? { value } : { value: null, allowed };
  }

  /* What there is to choose from is read before what was chosen: on it depends which parameters there are. */
  function readable(study) {
    const all = choices.keys(study);
    const isParameter = (key) => Object.hasOwn(study.parameters, key);
    return [
      ...all.filter((key) => !isParameter(key) && key !== "space"),
      ...all.filter(isParameter),
      "space",
      ...LOOKS,
    ];
  }

  /* What an address means that does not say it, as far as the study has it. */
  function unsaid(study) {
    const has = { representation: study.representations, method: study.methods, clusterer: study.clusterers };
    return Object.fromEntries(Object.entries(study.implied).filter(([key, name]) => names(has[key]).includes(name)));
  }

  /* A parameter that a study does not offer, since all have one value of it. */
  function idle(text, study, key) {
    const value = number(text);
    if (Number.isNaN(value)) return { value: null, allowed: "that is not a number" };
    const only = study.idle[key];
    return {
      value: only,
      note: value === only ? null : `There is no ${key} ${value} here; this is ${only}, the nearest.`,
    };
  }

  /* `#perplexity=35&k=10…` → {state, notes}: a state that can be shown for any text, and a sentence per correction. */
  function parse(text, study) {
    const state = Object.assign(start(study), /=/.test(text) ? unsaid(study) : {});
    const others = Object.keys(study.idle);
    const read = function (key, value) {
      if (others.includes(key)) return idle(value, study, key);
      return (Object.hasOwn(study.parameters, key) ? parameter : READ[key])(value, study, key, state);
    };
    const { given, notes } = parseFragment(text, [...readable(study), ...others], read, function (key, value) {
      if (key === "sample" || key === "id") return takeSample(state, key, value);
      if (!others.includes(key)) state[key] = value;
      return null;
    });
    const found = choices.settled(study, state, [...given.keys()].filter((key) => key !== "space"));
    return { state: found, notes: [...notes, ...choices.unmet(study, state, found)] };
  }

  /* The one address of a state: the parameters of its method and clusterer always, all else where it differs from the
     start. */
  function format(state, study) {
    const first = start(study);
    const said = { ...first, ...study.implied }; /* What an address means that does not say it. */
    const always = choices.parameters(study, state);
    const written = (key) =>
      Object.hasOwn(study.parameters, key)
        ? always.includes(key)
        : state[key] !== null && state[key] !== undefined && state[key] !== said[key];
    return Object.keys(first).filter(written)
      .map((
        key,
      ) => (key === "sample"
        ? ids.written(study.samples.ids, state.sample)
        : `${key}=${encodeURIComponent(state[key])}`)
      )
      .join("&");
  }

  /* The next value of an axis in a direction, for arrow keys on uneven axes. */
  function step(values, value, by) {
    const at = values.indexOf(nearest.value(values, value));
    return values[Math.min(values.length - 1, Math.max(0, at + by))];
  }

  window.clusterfolio.state = { parse, format, start, step, shorten, parseFragment, takeSample, word, numbered };
})();
