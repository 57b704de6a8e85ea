/* What the page shows, to and from its address. Pure: no document, no history. */
(function () {
  "use strict";

  const COLORS = ["cluster", "label", "right"];
  const NUMBER = /^-?\d{1,9}(\.\d{1,6})?$/;
  const KEYS = ["perplexity", "k", "space", "color", "method", "metric", "sample", "cluster", "label", "pair"];

  function start(study) {
    return {
      perplexity: study.start.perplexity, k: study.start.k, space: study.start.space,
      color: study.start.color || "cluster", method: "tsne", metric: Object.keys(study.metrics)[0],
      sample: null, cluster: null, label: null, pair: null,
    };
  }

  function number(text) {
    return NUMBER.test(text) ? Number(text) : NaN;
  }

  /* The value of `axis` nearest to `value`, the lower one on a tie. */
  function nearest(axis, value) {
    return axis.reduce((best, each) => (Math.abs(each - value) < Math.abs(best - value) ? each : best));
  }

  function shorten(text) {
    const letters = Array.from(text); /* characters, so that none is cut in half */
    return letters.length > 24 ? `${letters.slice(0, 24).join("")}…` : text;
  }

  function whole(text, below) {
    const value = number(text);
    return Number.isInteger(value) && value >= 0 && value < below ? value : null;
  }

  const READ = {
    perplexity: axis, k: axis,
    space: (text, study, key, at) => among(text, study.spaces.map((space) => space.name), key, at),
    color: (text, study, key, at) => among(text, study.dataset.labels ? COLORS : ["cluster"], key, at),
    method: (text, study, key, at) => among(text, ["tsne"], key, at),
    metric: (text, study, key, at) => among(text, Object.keys(study.metrics), key, at),
    sample: (text, study) => ({ value: whole(text, study.dataset.n), allowed: `samples are numbered 0 to ${study.dataset.n - 1}` }),
    cluster: (text, study, key, at) => ({ value: whole(text, at.k), allowed: `clusters are numbered 0 to ${at.k - 1}` }),
    label: (text, study) => ({ value: whole(text, labels(study)), allowed: "there is no such label" }),
    pair: function (text, study) {
      const parts = text.split("-").map((part) => whole(part, labels(study)));
      const good = parts.length === 2 && !parts.includes(null);
      return { value: good ? parts.join("-") : null, allowed: "a pair is written true-dominant, like 8-1" };
    },
  };

  function labels(study) {
    return study.dataset.labels ? study.dataset.labels.length : 0;
  }

  function axis(text, study, key) {
    const value = number(text);
    if (Number.isNaN(value)) return { value: null, allowed: "that is not a number" };
    const found = nearest(study.axes[key], value);
    return { value: found, note: found === value ? null : `There is no ${key} ${value} here; this is ${found}, the nearest.` };
  }

  function among(text, names, key, at) {
    return { value: names.includes(text) ? text : null, allowed: `${key} is one of ${names.join(", ")}`, fallback: at[key] };
  }

  /* Reads an address key by key, whatever page it is of: {given, notes}, a sentence per correction. `read(key, text)`
     gives {value, note}, or value null and what is `allowed`; `take(key, value)` is told of each value that is good;
     `named(key)` is what a key stands for. */
  function heed(text, keys, read, take, named = (key) => key) {
    const given = new URLSearchParams(String(text).replace(/^#/, ""));
    const notes = [];
    for (const key of keys) {
      const [value, ...more] = given.getAll(key);
      if (value === undefined) continue;
      if (more.length) notes.push(`The address gives ${key} more than once; this is the first.`);
      const found = read(key, value);
      if (found.note) notes.push(found.note);
      if (found.value === null) notes.push(`“${shorten(value)}” is no ${named(key)}: ${found.allowed}.`);
      else take(key, found.value);
    }
    for (const key of new Set(given.keys())) {
      if (!keys.includes(key)) notes.push(`“${shorten(key)}” in the address means nothing here.`);
    }
    return { given, notes };
  }

  /* One of some words, and a number of a sample or a label, as `heed` wants them read. */
  function word(text, words, key) {
    return words.includes(text) ? { value: text } : { value: null, allowed: `${key} is one of ${words.join(", ")}` };
  }

  function numbered(text, below, allowed) {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    return value < below ? { value } : { value: null, allowed };
  }

  /* `#perplexity=35&k=10…` → {state, notes}: a valid state for any text, and a sentence per correction. */
  function parse(text, study) {
    const state = start(study);
    const { notes } = heed(text, KEYS, (key, value) => READ[key](value, study, key, state), (key, value) => { state[key] = value; });
    return { state, notes };
  }

  /* The one address of a state: perplexity and k always, the others where they differ from the start. */
  function format(state, study) {
    const first = start(study);
    return KEYS.filter((key) => key === "perplexity" || key === "k" || (state[key] !== null && state[key] !== first[key]))
      .map((key) => `${key}=${encodeURIComponent(state[key])}`)
      .join("&");
  }

  /* The next value of an axis in a direction, for arrow keys on uneven axes. */
  function step(values, value, by) {
    const at = values.indexOf(nearest(values, value));
    return values[Math.min(values.length - 1, Math.max(0, at + by))];
  }

  window.clusterfolio.state = { parse, format, start, nearest, step, shorten, heed, word, numbered };
})();
