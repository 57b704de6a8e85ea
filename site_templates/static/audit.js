/* The audit page: filter, sort and search samples, mark them, and take the marks away. */
(function () {
  "use strict";

  const { dom, decode, pictures, marks, rows, csv, notices, takeaway } = window.clusterfolio;
  const at = (id) => document.getElementById(id);
  const FIGURES = ["suspicion", "other_in_clusters", "other_in_neighbors", "stability", "entropy", "distance"];
  const KEYS = { 1: "fine", 2: "ambiguous", 3: "mislabelled" };

  start().catch(function (error) {
    problem(`The page could not start: ${error.message}`);
    document.documentElement.dataset.state = "error";
  });

  function problem(text) {
    at("problem").hidden = false;
    dom.text(at("problem"), text);
  }

  async function start() {
    const study = window.clusterfolio.get("study");
    const content = window.clusterfolio.get("audit");
    if (!study || !content) throw new Error("its data are missing; reload the page.");
    const n = study.dataset.n;
    const source = { study, take: (name) => window.clusterfolio.load(name, study.chunks[name]) };
    const images = await pictures.of(source, (error) => problem(`Pictures are missing. ${error.message}`));
    document.addEventListener("clusterfolio:theme", images.theme);
    const names = study.dataset.labels;
    const label = study.samples.label ? decode.column(study.samples.label, n) : null;
    const id = (sample) => (study.samples.ids ? study.samples.ids[sample] : String(sample));
    const figures = Object.fromEntries(FIGURES.map((name) => [name, decode.column(content[name], n)]));
    const classes = decode.column(content.class, n);
    const outlier = decode.column(content.outlier, n);
    const twins = new Map();
    for (const [one, other, distance] of content.duplicates) {
      for (const [a, b] of [[one, other], [other, one]]) twins.set(a, [...(twins.get(a) || []), { other: b, distance }]);
    }
    let given = marks.read(content, n);
    let listed = [];
    let chosen = null;

    function row(sample) {
      const cells = [dom.el("td", {}, ...(images.has ? [pictures.tile(images, sample)] : [])), dom.el("th", { scope: "row" }, id(sample))];
      if (label) {
        cells.push(dom.el("td", {}, names[label[sample]]), dom.el("td", { class: "class" }, content.classes[classes[sample]]));
        for (const name of FIGURES.slice(0, 5)) cells.push(figure(name, sample));
      }
      cells.push(figure("distance", sample), dom.el("td", { class: "mark" }, given.get(sample) || ""));
      return dom.el("tr", { "data-sample": sample, "aria-current": sample === chosen ? "true" : null }, ...cells);
    }

    function figure(name, sample) {
      return dom.el("td", { class: name === "suspicion" ? "number" : "number less" }, dom.fixed(figures[name][sample], 3));
    }

    const table = rows.create(at("window"), at("rows"), label ? 11 : 4, row);

    function keep(view, sample) {
      if (view === "all") return true;
      if (view === "outlier") return outlier[sample] === 1;
      if (view === "duplicate") return twins.has(sample);
      if (view === "marked") return given.has(sample);
      return content.classes[classes[sample]] === view;
    }

    function list() {
      const view = at("view").value;
      const wanted = at("label") && at("label").value !== "" ? Number(at("label").value) : null;
      const search = at("search").value.trim().toLowerCase();
      const sort = at("sort").value;
      listed = Array.from({ length: n }, (_, sample) => sample).filter((sample) => keep(view, sample)
        && (wanted === null || label[sample] === wanted)
        && (search === "" || id(sample).toLowerCase().includes(search)));
      if (sort !== "sample") {
        const sign = sort === "stability" ? 1 : -1;
        const value = (sample) => (Number.isNaN(figures[sort][sample]) ? sign * Infinity : figures[sort][sample]);
        listed.sort((a, b) => (value(a) === value(b) ? a - b : sign * (value(a) - value(b))));
      }
      table.show(listed);
      dom.text(at("count"), `${dom.count(listed.length)} of ${dom.count(n)} samples`);
      choose(listed.length ? listed[0] : null);
    }

    function line(words, value, name) {
      return dom.el("div", {}, dom.el("dt", {}, words), dom.el("dd", name ? { "data-figure": name } : {}, value));
    }

    function choose(sample) {
      chosen = sample;
      table.refresh();
      if (sample !== null) table.reveal(listed.indexOf(sample));
      card();
    }

    function card() {
      dom.text(at("card-title"), chosen === null ? "No sample chosen" : `Sample ${id(chosen)}`);
      document.documentElement.dataset.sample = chosen === null ? "" : String(chosen);
      for (const button of document.querySelectorAll("[data-mark]")) {
        button.disabled = chosen === null;
        dom.pressed(button, chosen !== null && given.get(chosen) === button.dataset.mark);
      }
      if (chosen === null) return at("card-body").replaceChildren();
      const parts = [];
      if (images.has) {
        const tile = pictures.tile(images, chosen);
        tile.classList.add("large");
        parts.push(tile);
      }
      const facts = dom.el("dl", {});
      if (label) {
        facts.append(
          line("Label", names[label[chosen]]), line("Class", content.classes[classes[chosen]]),
          line("Suspicion", dom.fixed(figures.suspicion[chosen], 3), "suspicion"),
          line("Other labels in its clusters", dom.fixed(figures.other_in_clusters[chosen], 3), "other_in_clusters"),
          line("Other labels among its neighbours", dom.fixed(figures.other_in_neighbors[chosen], 3), "other_in_neighbors"),
          line("Stability: settings that give its label", Number.isNaN(figures.stability[chosen]) ? "–" : dom.percent(figures.stability[chosen]), "stability"),
          line("Entropy of labels given, bits", dom.fixed(figures.entropy[chosen], 3), "entropy"),
        );
        const [labels, counts] = content.given[chosen] || [[], []];
        if (labels.length) facts.append(line("Labels given", labels.map((one, i) => `${names[one]} ${counts[i]}×`).join(", ")));
      }
      facts.append(line("Distance to its neighbours", dom.fixed(figures.distance[chosen], 3), "distance"));
      for (const twin of twins.get(chosen) || []) facts.append(line("Nearly the same as", `${id(twin.other)} (${dom.fixed(twin.distance, 3)})`));
      const { perplexity, k } = study.start;
      const address = `index.html#perplexity=${perplexity}&k=${k}&sample=${chosen}`;
      parts.push(facts, dom.el("a", { href: address }, "See it in the explorer"));
      return at("card-body").replaceChildren(...parts);
    }

    function mark(name) {
      if (chosen === null) return;
      if (given.get(chosen) === name) given.delete(chosen);
      else given.set(chosen, name);
      changed();
    }

    function changed() {
      const kept = marks.write(content, given);
      table.refresh();
      card();
      told(kept);
    }

    function told(kept) {
      const note = kept ? "" : "; this browser does not keep them, so export them before you leave";
      dom.text(at("marked"), `${dom.count(given.size)} marked${note}`);
      for (const name of ["export-csv", "export-json", "forget"]) at(name).disabled = given.size === 0;
    }

    function step(by) {
      if (!listed.length) return;
      const next = Math.min(listed.length - 1, Math.max(0, listed.indexOf(chosen) + by));
      choose(listed[next]);
    }

    /* The listed samples, in their order, with everything that is known of them. */
    function listedRows() {
      const columns = [["sample", listed], ["id", listed.map(id)]];
      if (label) columns.push(["label", listed.map((sample) => names[label[sample]])], ["class", listed.map((sample) => content.classes[classes[sample]])]);
      for (const name of label ? FIGURES : ["distance"]) columns.push([name, listed.map((sample) => figures[name][sample])]);
      columns.push(["outlier", listed.map((sample) => outlier[sample])], ["near_duplicate_of", listed.map((sample) => (twins.get(sample) || []).map(({ other }) => id(other)).join(" ") || null)]);
      columns.push(["mark", listed.map((sample) => given.get(sample) || null)]);
      return columns;
    }

    /* The table of pairs as it stands on the page. */
    function pairRows() {
      const cells = Array.from(document.querySelectorAll("#pairs tbody tr"), (each) => Array.from(each.cells, (cell) => cell.textContent));
      const number = (text) => Number(text.replaceAll(",", ""));
      return ["label", "cluster_label", "times_counted", "times", "samples"].map((name, at) => [name, cells.map((row) => (at < 2 ? row[at] : number(row[at])))]);
    }

    takeaway.menus(notices.create(at("problem"), at("saved")), (view) => [
      `${content.dataset}-audit-${view}`, csv.text(view === "pairs" ? pairRows() : listedRows(), study.formula),
    ]);

    function download(kind, type) {
      const text = marks[kind](marks.rows(content, given, id), study.formula);
      const url = URL.createObjectURL(new Blob([text], { type }));
      const link = dom.el("a", { href: url, download: `${content.dataset}-marks.${kind}` });
      link.click();
      window.setTimeout(() => URL.revokeObjectURL(url), 1000);
    }

    for (const name of ["view", "sort", "label"]) {
      if (at(name)) at(name).addEventListener("change", list);
    }
    at("view").addEventListener("change", function () {
      if (at("view").value === "ambiguous") at("sort").value = "entropy";
      if (at("view").value === "outlier") at("sort").value = "distance";
      list();
    });
    at("search").addEventListener("input", list);
    at("rows").addEventListener("click", function (event) {
      const hit = event.target.closest("tr[data-sample]");
      if (hit) choose(Number(hit.dataset.sample));
    });
    for (const button of document.querySelectorAll("[data-mark]")) button.addEventListener("click", () => mark(button.dataset.mark));
    at("export-csv").addEventListener("click", () => download("csv", "text/csv;charset=utf-8"));
    at("export-json").addEventListener("click", () => download("json", "application/json"));
    at("forget").addEventListener("click", function () {
      given = new Map();
      changed();
    });
    document.addEventListener("keydown", function (event) {
      if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, select, textarea")) return;
      const arrows = at("samples").contains(event.target) && !event.target.closest("button, a");
      if (event.key === "j" || (arrows && event.key === "ArrowDown")) step(1);
      else if (event.key === "k" || (arrows && event.key === "ArrowUp")) step(-1);
      else if (KEYS[event.key]) mark(KEYS[event.key]);
      else return;
      event.preventDefault();
    });

    for (const part of document.querySelectorAll("[data-needs-script]")) part.hidden = false;
    list();
    told(true);
    document.documentElement.dataset.state = "ready";
  }
})();
