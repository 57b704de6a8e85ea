/* Wires the audit page: queues, filters, search and address to a state, the state to the table and the card; marks. */
(function () {
  "use strict";

  const app = window.clusterfolio;
  const { dom, pictures, auditFacts, auditState } = app;
  const root = document.documentElement;
  const at = (id) => document.getElementById(id);
  const notices = app.notices.create(at("problem"), at("saved"));
  const KEYS = { 1: "fine", 2: "ambiguous", 3: "mislabelled" };

  async function main() {
    const [study, content] = app.page.data("study", "audit");
    const source = { study, take: (name) => app.load(name, study.chunks[name]) };
    const images = await pictures.of(source, (error) => notices.alert(`Pictures are missing. ${error.message}`));
    audit(study, content, images, understood(study, content));
  }

  function understood(study, content) {
    try {
      return auditFacts.create(study, content);
    } catch (error) {
      throw app.decode.damaged("this page", error);
    }
  }

  function audit(study, content, images, facts) {
    const { id, label, names, figures } = facts;
    const catalog = { ...content.catalog, n: facts.n, labels: names ? names.length : 0, ids: study.samples.ids };
    const first = auditState.parse(window.location.hash, catalog);
    const address = app.page.restorer(notices, {
      read: (text) => auditState.parse(text, catalog),
      written: () => auditState.format(state, catalog),
      go: (to) => change(to, "replace"),
    });
    const marks = app.marks.create({
      ...content,
      n: facts.n,
      ids: study.samples.ids,
      place: new URL(".", window.location.href).pathname,
    }, marksChanged);
    const card = app.auditCard.create(at("card-title"), at("card-body"), facts, images, {
      address: inExplorer,
      open: (sample) => choose(sample, "push"),
    });
    const table = app.auditRows.create(at("window"), at("rows"), label ? 11 : 4, row);
    const pairs = at("pairs") &&
      app.auditPairs.create(
        { body: at("pairs").tBodies[0], more: at("pairs-more"), count: at("pairs-count") },
        content,
        facts,
        images,
        inExplorer,
      );
    let state = first.state;
    let listed = [];
    let forgotten = { marks: new Map(), gone: [] }; /* What "Undo" gives back. */

    function inExplorer(sample) {
      return `index.html#${app.state.format({ ...app.state.start(study), sample }, study)}`;
    }

    /* ---- state ---- */

    /* `how`: "follow" while keys repeat, "push" for a new step in the history, "replace" otherwise. */
    function change(patch, how) {
      notices.clear();
      state = { ...state, ...patch };
      list();
      address[how](auditState.format(state, catalog));
    }

    /* Without a sample the first one of the list is chosen. */
    function list() {
      listed = facts.list(state, marks);
      if (state.sample === null && listed.length) state.sample = listed[0];
      at("view").value = state.show;
      at("sort").value = state.sort;
      if (at("label")) at("label").value = state.label === null ? "" : String(state.label);
      if (auditState.sought(at("search").value) !== state.find) at("search").value = state.find;
      dom.text(at("count"), `${dom.count(listed.length)} of ${dom.count(facts.n)} samples`);
      table.show(listed);
      showChosen();
    }

    function choose(sample, how) {
      notices.clear();
      state = { ...state, sample };
      showChosen();
      address[how](auditState.format(state, catalog));
    }

    function step(by) {
      if (!listed.length) return;
      const from = listed.indexOf(state.sample);
      choose(listed[from < 0 ? 0 : Math.min(listed.length - 1, Math.max(0, from + by))], "follow");
    }

    /* ---- table and card ---- */

    function row(sample) {
      const cells = [
        dom.el("td", {}, ...(images.has ? [pictures.tile(images, sample)] : [])),
        dom.el("th", { scope: "row" }, id(sample)),
      ];
      if (label) {
        cells.push(
          dom.el("td", {}, facts.labelName(sample)),
          dom.el("td", { class: "class" }, facts.className(sample)),
        );
        for (const name of auditFacts.FIGURES.slice(0, 5)) cells.push(figure(name, sample));
      }
      cells.push(figure("distance", sample), dom.el("td", { class: "mark" }, marks.get(sample) || ""));
      return dom.el("tr", { "data-sample": sample, "aria-current": sample === state.sample ? "true" : null }, ...cells);
    }

    function figure(name, sample) {
      return dom.el(
        "td",
        { class: name === "suspicion" ? "number" : "number less" },
        dom.fixed(figures[name][sample], 3),
      );
    }

    function showChosen() {
      const where = listed.indexOf(state.sample);
      table.refresh();
      if (where >= 0) table.reveal(where);
      showCard();
    }

    function showCard() {
      const { sample } = state;
      root.dataset.sample = sample === null ? "" : String(sample);
      card.show(sample, listed.includes(sample) ? "" : "This sample is not in the list as it is filtered now.");
      showMarks();
    }

    /* ---- marks ---- */

    function mark(name) {
      const { sample } = state;
      if (sample === null) return;
      marks.change([[sample, marks.get(sample) === name ? null : name]]);
      table.refresh();
      showMarks();
    }

    function showMarks() {
      const { sample } = state;
      for (const button of document.querySelectorAll("[data-mark]")) {
        button.disabled = sample === null;
        dom.pressed(button, sample !== null && marks.get(sample) === button.dataset.mark);
      }
      const count = marks.all().size;
      const gone = marks.gone().length;
      const others = marks.elsewhere();
      const undone = forgotten.marks.size + forgotten.gone.length;
      const lost = marks.kept() ? "" : "; this browser does not keep them, so export them before you leave";
      const said = [
        `${dom.count(count)} marked`,
        marks.moved() ? `; ${dom.count(marks.moved())} of them found by id: the samples have changed since` : "",
        undone ? `; ${dom.count(undone)} forgotten` : "",
        lost,
        gone ? `; ${dom.count(gone)} more of samples that are no longer here: kept, and exported with the others` : "",
        others ? `; ${dom.count(others)} more, given to another state of this data set, stay in this browser` : "",
      ];
      dom.text(at("marked"), said.join(""));
      for (const name of ["export-csv", "export-json", "forget"]) at(name).disabled = count + gone === 0;
      at("undo").hidden = undone === 0;
    }

    /* Another tab has marked: the list of the marked ones is another, what is chosen stays. */
    function marksChanged() {
      if (state.show === "marked") list();
      table.refresh();
      showMarks();
    }

    at("forget").addEventListener("click", function () {
      const before = { marks: new Map(marks.all()), gone: marks.gone() };
      marks.change([...before.marks.keys()].map((sample) => [sample, null]), []);
      forgotten = before;
      marksChanged();
      at("undo").focus();
    });
    at("undo").addEventListener("click", function () {
      marks.change(
        [...forgotten.marks].filter(([sample]) => !marks.has(sample)),
        forgotten.gone,
      ); /* A mark given since then stays. */
      forgotten = { marks: new Map(), gone: [] };
      marksChanged();
      at("forget").focus();
    });

    /* ---- export ---- */

    /* The listed samples, in their order, with everything that is known of them. */
    function listedRows() {
      const of = (value) => listed.map(value);
      const columns = [["sample", listed], ["id", of(id)]];
      if (label) {
        columns.push(["label", of((sample) => (label[sample] === names.length ? null : names[label[sample]]))], [
          "class",
          of(facts.className),
        ]);
      }
      for (const name of label ? auditFacts.FIGURES : ["distance"]) {
        columns.push([
          name,
          of((sample) => figures[name][sample]),
        ]);
      }
      columns.push(["outlier", of(facts.isOutlier)], [
        "near_duplicate_of",
        of((sample) => facts.twins(sample).map(({ other }) => id(other)).join(" ") || null),
      ]);
      columns.push(["mark", of((sample) => marks.get(sample) || null)]);
      return columns;
    }

    app.export.menus(notices, (view) => [
      `${content.dataset}-audit-${view}`,
      app.csv.text(view === "pairs" ? pairs.columns() : listedRows(), study.formula),
    ]);

    function download(kind, type) {
      app.export.save(`${content.dataset}-marks.${kind}`, type, [
        app.marks[kind](app.marks.rows(content, marks.all(), id, marks.gone()), study.formula),
      ]);
    }

    at("export-csv").addEventListener("click", () => download("csv", "text/csv;charset=utf-8"));
    at("export-json").addEventListener("click", () => download("json", "application/json"));

    /* ---- controls, keys and theme ---- */

    at("view").addEventListener("change", function () {
      const show = at("view").value;
      change({ show, sort: catalog.queues[show], sample: null }, "push"); /* A queue comes in its own order. */
    });
    at("sort").addEventListener("change", () => change({ sort: at("sort").value, sample: null }, "push"));
    if (at("label")) {
      at("label").addEventListener(
        "change",
        () => change({ label: at("label").value === "" ? null : Number(at("label").value), sample: null }, "push"),
      );
    }
    for (const [type, how] of [["input", "follow"], ["change", "push"]]) {
      at("search").addEventListener(type, function () {
        const find = auditState.sought(at("search").value);
        if (find !== state.find) change({ find, sample: null }, how);
        else if (how === "push") address.push(auditState.format(state, catalog));
      });
    }
    at("rows").addEventListener("click", function (event) {
      const hit = event.target.closest("tr[data-sample]");
      if (hit) choose(Number(hit.dataset.sample), "push");
    });
    for (const button of document.querySelectorAll("[data-mark]")) {
      button.addEventListener("click", () => mark(button.dataset.mark));
    }

    const direction = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

    /* Whether a key is the page's own; arrows are only where they do not scroll the page or move in a list. */
    function isOwn(event) {
      if (
        event.altKey || event.ctrlKey || event.metaKey || !(event.target instanceof Element) ||
        event.target.closest("input, select, textarea")
      ) return false;
      return !event.key.startsWith("Arrow") ||
        (at("samples").contains(event.target) && !event.target.closest("button, a"));
    }

    document.addEventListener("keydown", function (event) {
      if (!isOwn(event)) return;
      if (Object.hasOwn(direction, event.key)) step(direction[event.key]);
      else if (Object.hasOwn(KEYS, event.key)) mark(KEYS[event.key]);
      else return;
      event.preventDefault();
    });
    document.addEventListener("keyup", function (event) {
      if (isOwn(event) && Object.hasOwn(direction, event.key)) address.replace(auditState.format(state, catalog));
    });
    document.addEventListener("clusterfolio:theme", images.theme);

    app.page.reveal();
    list();
    address.replace(auditState.format(state, catalog));
    notices.add(...first.notes);
    root.dataset.state = "ready";
  }

  app.page.begin(notices, main);
})();
