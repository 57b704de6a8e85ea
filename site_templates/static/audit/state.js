/* What the audit page shows, to and from its address: `show=suspect&sort=entropy&label=4&find=12&sample=1234`, or
   `id=…` of data with ids of their own. Pure: no document, no history.

   Which queues and orders there are comes from the build: `catalog` holds `queues` {name: its own order}, `start`, the
   first queue, `sorts`, n, `ids` of the samples (ids.js), and the number of labels (0 where there are none). */
(function () {
  "use strict";

  const { state: rules, ids } = window.clusterfolio;
  const KEYS = ["show", "sort", "label", "find", "sample", "id"];
  const LONGEST = 100; /* Characters of a search. */

  /* A queue in its own order, nothing filtered. `sample` null stands for the first one listed. */
  function start(catalog, show) {
    const queue = show || catalog.start;
    return { show: queue, sort: catalog.queues[queue], label: null, find: "", sample: null };
  }

  /* What is searched for: one line, no longer than an id may sensibly be, no blanks around it. */
  function sought(text) {
    return Array.from(text.replace(/[\r\n]/g, "").trim()).slice(0, LONGEST).join("").trim();
  }

  function readFind(text) {
    const value = sought(text);
    return {
      value,
      note: value === text.trim()
        ? null
        : `A search is one line of ${LONGEST} characters at most; the rest was left out.`,
    };
  }

  /* `#show=…&sort=…` → {state, notes}: a valid state for any text, and a sentence per correction. */
  function parse(text, catalog) {
    let state = start(catalog);
    const read = {
      show: (value) => rules.word(value, Object.keys(catalog.queues), "show"),
      sort: (value) => rules.word(value, catalog.sorts, "sort"),
      label: (value) =>
        rules.numbered(
          value,
          catalog.labels,
          catalog.labels ? `labels are numbered 0 to ${catalog.labels - 1}` : "these samples have no labels",
        ),
      find: readFind,
      sample: (value) => rules.numbered(value, catalog.n, `samples are numbered 0 to ${catalog.n - 1}`),
      id: (value) => ids.read(catalog.ids, catalog.n, value),
    };
    const { notes } = rules.parseFragment(text, KEYS, (key, value) => read[key](value), function (key, value) {
      if (key === "sample" || key === "id") return rules.takeSample(state, key, value);
      if (key === "show") state = start(catalog, value);
      else state[key] = value;
      return null;
    });
    return { state, notes };
  }

  /* The one address of a state: the queue always, the others where they differ from its start. */
  function format(state, catalog) {
    const first = start(catalog, state.show);
    const pairs = ["show", "sort", "label", "find"].filter((key) => key === "show" || state[key] !== first[key]).map((
      key,
    ) => [key, state[key]]);
    return `${new URLSearchParams(pairs)}${state.sample === null ? "" : `&${ids.written(catalog.ids, state.sample)}`}`;
  }

  window.clusterfolio.auditState = { parse, format, start, sought };
})();
