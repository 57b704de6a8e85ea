/* What the audit page shows, to and from its address: `show=suspect&sort=entropy&label=4&find=12&sample=1234`. Pure:
   no document, no history.

   Which queues and orders there are comes from the build: `catalog` holds `queues` {name: its own order}, `start`, the
   first queue, `sorts`, n, and the number of labels (0 where there are none). */
(function () {
  "use strict";

  const { state: rules } = window.clusterfolio;
  const KEYS = ["show", "sort", "label", "find", "sample"];
  const LONGEST = 100; /* Characters of a search. */

  /* A queue in its own order, nothing filtered. `sample` null stands for the first one listed. */
  function start(catalog, show) {
    const queue = show || catalog.start;
    return { show: queue, sort: catalog.queues[queue], label: null, find: "", sample: null };
  }

  function word(text, words, key) {
    return words.includes(text) ? { value: text } : { value: null, allowed: `${key} is one of ${words.join(", ")}` };
  }

  function whole(text, below, allowed) {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    return value < below ? { value } : { value: null, allowed };
  }

  /* What is searched for: one line, no longer than an id may sensibly be, no blanks around it. */
  function sought(text) {
    return Array.from(text.replace(/[\r\n]/g, "").trim()).slice(0, LONGEST).join("").trim();
  }

  function readFind(text) {
    const value = sought(text);
    return { value, note: value === text.trim() ? null : `A search is one line of ${LONGEST} characters at most; the rest was left out.` };
  }

  /* `#show=…&sort=…` → {state, notes}: a valid state for any text, and a sentence per correction. */
  function parse(text, catalog) {
    const given = new URLSearchParams(String(text).replace(/^#/, ""));
    const notes = [];
    let state = start(catalog);
    const read = {
      show: (value) => word(value, Object.keys(catalog.queues), "show"), sort: (value) => word(value, catalog.sorts, "sort"),
      label: (value) => whole(value, catalog.labels, catalog.labels ? `labels are numbered 0 to ${catalog.labels - 1}` : "these samples have no labels"),
      find: readFind, sample: (value) => whole(value, catalog.n, `samples are numbered 0 to ${catalog.n - 1}`),
    };
    for (const key of KEYS) {
      const [value, ...more] = given.getAll(key);
      if (value === undefined) continue;
      if (more.length) notes.push(`The address gives ${key} more than once; this is the first.`);
      const found = read[key](value);
      if (found.note) notes.push(found.note);
      if (found.value === null) notes.push(`“${rules.shorten(value)}” is no ${key}: ${found.allowed}.`);
      else if (key === "show") state = start(catalog, found.value);
      else state[key] = found.value;
    }
    for (const key of new Set(given.keys())) {
      if (!KEYS.includes(key)) notes.push(`“${rules.shorten(key)}” in the address means nothing here.`);
    }
    return { state, notes };
  }

  /* The one address of a state: the queue always, the others where they differ from its start. */
  function format(state, catalog) {
    const first = start(catalog, state.show);
    return new URLSearchParams(KEYS.filter((key) => key === "show" || state[key] !== first[key]).map((key) => [key, state[key]])).toString();
  }

  window.clusterfolio.auditState = { parse, format, start, sought };
})();
