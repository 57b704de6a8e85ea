/* Marks that a reader gives to samples: kept in this browser, checked when read, and exported. Pure but for storage.

   Where the data have ids of their own, marks are kept by them under one name for all states of the data set at its
   place (another gallery of the same host may have a data set and ids of these names, too), as rows
   [id, mark, sample, fingerprint]: a mark is that of its number where the samples are the same ones (values and
   pictures; labels are no part of the fingerprint), else that of its id; one whose id is gone is kept as it is. Without
   such ids a fingerprint is part of the name, and rows are [sample, mark]: the number of another sample is nobody's
   mark. */
(function () {
  "use strict";

  const { ids } = window.clusterfolio;
  const NAMES = ["fine", "ambiguous", "mislabelled"];
  const LARGEST = 20000000; /* Characters; what is longer was not written here. */
  const PRINT = /^[0-9a-f]{64}$/;

  /* `known` is what a page knows of its samples: {dataset, fingerprint, earlier, n, ids, place}. `earlier` is the
     fingerprint under which versions before this one kept marks; `place` the path of the data set's folder. */
  function base(known) {
    return `clusterfolio.marks.${known.dataset}`;
  }

  function named(known, fingerprint) {
    return `${base(known)}.${fingerprint.slice(0, 16)}`;
  }

  function key(known) {
    return known.ids ? `${base(known)}@${known.place}` : named(known, known.fingerprint);
  }

  /* Other names of marks of these very samples: those of earlier versions, and of the time before they had ids. */
  function earlier(known) {
    return [named(known, known.earlier), named(known, known.fingerprint)].filter((name) => name !== key(known));
  }

  function nothing() {
    return { marks: new Map(), moved: new Map(), gone: [] };
  }

  function rowsOf(text) {
    if (typeof text !== "string" || text.length > LARGEST) return [];
    try {
      const rows = JSON.parse(text);
      return Array.isArray(rows) ? rows.filter(Array.isArray) : [];
    } catch {
      return [];
    }
  }

  /* Text of the storage to {marks, moved, gone}: sample → mark; sample → [number, fingerprint] of those that were found
     by their id; rows of samples that are not here. What no reader could have marked is left out. */
  function parse(text, known) {
    const entries = nothing();
    for (const row of rowsOf(text)) {
      const [id, mark, number, print] = row.length === 2 ? [null, row[1], row[0], known.fingerprint] : row;
      if (
        ![2, 4].includes(row.length) || !NAMES.includes(mark) || !Number.isInteger(number) || number < 0 ||
        !PRINT.test(print)
      ) continue;
      const same = print === known.fingerprint;
      if (same && number < known.n) {
        entries.marks.set(number, mark);
        entries.moved.delete(number);
      } else if (!same && typeof id === "string") {
        const sample = ids.sample(known.ids, id);
        if (sample === null) entries.gone.push(row);
        else if (!entries.marks.has(sample)) {
          entries.marks.set(sample, mark);
          entries.moved.set(sample, [number, print]);
        }
      }
    }
    return entries;
  }

  function text(known, { marks, moved, gone }) {
    if (!known.ids) return JSON.stringify([...marks]);
    const rows = [...marks].map((
      [sample, mark],
    ) => [known.ids[sample], mark, ...(moved.get(sample) || [sample, known.fingerprint])]);
    return JSON.stringify([...rows, ...gone]);
  }

  /* What is stored, or null where storage is forbidden. */
  function read(known) {
    try {
      return parse(window.localStorage.getItem(key(known)), known);
    } catch {
      return null;
    }
  }

  /* Whether the marks outlast the page. */
  function write(known, entries) {
    try {
      if (entries.marks.size || entries.gone.length) window.localStorage.setItem(key(known), text(known, entries));
      else window.localStorage.removeItem(key(known));
      return true;
    } catch {
      return false;
    }
  }

  /* Marks under an earlier name get this one; what is marked since stays. */
  function adopt(known) {
    for (const name of earlier(known)) {
      try {
        const { marks } = parse(window.localStorage.getItem(name), known);
        const entries = read(known);
        if (!marks.size || !entries) continue;
        for (const [sample, mark] of marks) if (!entries.marks.has(sample)) entries.marks.set(sample, mark);
        if (write(known, entries)) window.localStorage.removeItem(name);
      } catch {
        /* A storage that is forbidden keeps what it has. */
      }
    }
  }

  /* How many marks this browser keeps of other states of a data set of this name, which cannot be matched. */
  function elsewhere(known) {
    try {
      const own = [key(known), ...earlier(known)];
      const others = Object.keys(window.localStorage).filter((name) =>
        name.startsWith(`${base(known)}.`) && !own.includes(name)
      );
      return others.reduce(
        (sum, name) => sum + rowsOf(window.localStorage.getItem(name)).filter((row) => NAMES.includes(row[1])).length,
        0,
      );
    } catch {
      return 0;
    }
  }

  function apply(entries, changes) {
    for (const [sample, mark] of changes) {
      entries.moved.delete(sample);
      if (mark === null) entries.marks.delete(sample);
      else entries.marks.set(sample, mark);
    }
  }

  /* The marks of a data set, which other tabs may change, too: what is stored is read anew before a change is made to
     it, so that no tab undoes another's. `changed` is called when another tab has changed them. */
  function create(known, changed) {
    const unkept = new Map(); /* Changes that storage refused: tried again with the next one. */
    let unkeptGone = null;
    adopt(known);
    let entries = read(known) || nothing();
    let kept = true;
    const others = elsewhere(known);

    function refresh() {
      const stored = read(known);
      if (!stored) return;
      apply(stored, unkept);
      if (unkeptGone) stored.gone = unkeptGone;
      entries = stored;
    }

    /* `changes` are [sample, mark] pairs, mark null where it is taken back; `gone`, where given, are all rows of
       samples that are not here. */
    function change(changes, gone) {
      refresh();
      apply(entries, changes);
      for (const [sample, mark] of changes) unkept.set(sample, mark);
      if (gone) entries.gone = unkeptGone = gone;
      kept = write(known, entries);
      if (!kept) return;
      unkept.clear();
      unkeptGone = null;
    }

    window.addEventListener("storage", function (event) {
      if (event.key !== null && event.key !== key(known)) return;
      refresh();
      changed();
    });
    window.addEventListener("pageshow", function (event) {
      /* Back from the browser's cache, which hears of no change. */
      if (!event.persisted) return;
      refresh();
      changed();
    });
    return {
      change,
      all: () => entries.marks,
      get: (sample) => entries.marks.get(sample),
      has: (sample) => entries.marks.has(sample),
      kept: () => kept,
      gone: () => entries.gone,
      moved: () => entries.moved.size,
      elsewhere: () => others,
    };
  }

  /* Rows to export, by sample; those of samples that are not here come last, as they were. */
  function rows(content, marks, id, gone = []) {
    const { dataset, fingerprint } = content;
    const here = [...marks].sort((a, b) => a[0] - b[0]).map(([sample, mark]) => ({
      dataset,
      fingerprint,
      sample,
      id: id(sample),
      mark,
    }));
    return [
      ...here,
      ...gone.map(([name, mark, sample, print]) => ({ dataset, fingerprint: print, sample, id: name, mark })),
    ];
  }

  /* `formula` as for csv.js. */
  function csv(listed, formula) {
    return window.clusterfolio.csv.text(
      ["dataset", "fingerprint", "sample", "id", "mark"].map((name) => [name, listed.map((row) => row[name])]),
      formula,
    );
  }

  function json(listed) {
    return `${JSON.stringify(listed, null, 1)}\n`;
  }

  window.clusterfolio.marks = { create, rows, csv, json };
})();
