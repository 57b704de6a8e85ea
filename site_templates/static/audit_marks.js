/* Marks that a reader gives to samples: kept in this browser, checked when read, and exported. Pure but for storage. */
(function () {
  "use strict";

  const NAMES = ["fine", "ambiguous", "mislabelled"];
  const LARGEST = 20000000; /* Characters; what is longer was not written here. */

  function key(content) {
    return `clusterfolio.marks.${content.dataset}.${content.fingerprint.slice(0, 16)}`;
  }

  /* Text of the storage to a Map from sample to mark; what no reader could have marked is left out. */
  function parse(text, n) {
    const marks = new Map();
    if (typeof text !== "string" || text.length > LARGEST) return marks;
    let found;
    try {
      found = JSON.parse(text);
    } catch {
      return marks;
    }
    if (!Array.isArray(found)) return marks;
    for (const pair of found) {
      if (!Array.isArray(pair) || pair.length !== 2) continue;
      const [sample, mark] = pair;
      if (Number.isInteger(sample) && sample >= 0 && sample < n && NAMES.includes(mark)) marks.set(sample, mark);
    }
    return marks;
  }

  /* What is stored, or null where storage is forbidden. */
  function read(content, n) {
    try {
      return parse(window.localStorage.getItem(key(content)), n);
    } catch {
      return null;
    }
  }

  /* Whether the marks outlast the page. */
  function write(content, marks) {
    try {
      if (marks.size) window.localStorage.setItem(key(content), JSON.stringify([...marks]));
      else window.localStorage.removeItem(key(content));
      return true;
    } catch {
      return false;
    }
  }

  function apply(marks, changes) {
    for (const [sample, mark] of changes) {
      if (mark === null) marks.delete(sample);
      else marks.set(sample, mark);
    }
  }

  /* The marks of a data set, which other tabs may change, too: what is stored is read anew before a change is made to
     it, so that no tab undoes another's. `changed` is called when another tab has changed them. */
  function create(content, n, changed) {
    const unkept = new Map(); /* Changes that storage refused: tried again with the next one. */
    let marks = read(content, n) || new Map();
    let kept = true;

    function refresh() {
      const stored = read(content, n);
      if (!stored) return;
      apply(stored, unkept);
      marks = stored;
    }

    /* `changes` are [sample, mark] pairs, mark null where it is taken back. */
    function change(changes) {
      refresh();
      apply(marks, changes);
      for (const [sample, mark] of changes) unkept.set(sample, mark);
      kept = write(content, marks);
      if (kept) unkept.clear();
    }

    window.addEventListener("storage", function (event) {
      if (event.key !== null && event.key !== key(content)) return;
      refresh();
      changed();
    });
    window.addEventListener("pageshow", function (event) { /* Back from the browser's cache, which hears of no change. */
      if (!event.persisted) return;
      refresh();
      changed();
    });
    return { change, all: () => marks, get: (sample) => marks.get(sample), has: (sample) => marks.has(sample), kept: () => kept };
  }

  function rows(content, marks, id) {
    return [...marks].sort((a, b) => a[0] - b[0])
      .map(([sample, mark]) => ({ dataset: content.dataset, fingerprint: content.fingerprint, sample, id: id(sample), mark }));
  }

  /* `formula` as for csv.js. */
  function csv(listed, formula) {
    return window.clusterfolio.csv.text(["dataset", "fingerprint", "sample", "id", "mark"].map((name) => [name, listed.map((row) => row[name])]), formula);
  }

  function json(listed) {
    return `${JSON.stringify(listed, null, 1)}\n`;
  }

  window.clusterfolio.marks = { create, rows, csv, json };
})();
