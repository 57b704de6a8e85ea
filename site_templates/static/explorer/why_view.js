/* The card “Why this sample?”: the pinned sample with its neighbours, its history over the grid, and the likely reason.
   */
(function () {
  "use strict";

  const app = window.clusterfolio;
  const { choices, dom } = app;
  const UNCOUNTED = -2; /* In a history: it was noise. */

  /* `maps` from gridmap.js; `on` has state(), pick(sample), go(patch), link(samples, kept) (lines on the map) and
     broken(error). */
  function create(root, model, images, maps, on) {
    const { study } = model;
    const told = (there) => choices.opened(study, there, choices.setting(study, there));
    const at = (name) => root.querySelector(`[data-why="${name}"]`);
    const near = neighbourList(at("near"));
    const mapped = neighbourList(at("mapped"));
    let why = null;
    let loading = null;
    let given = null; /* {name, of}: of a method and a clusterer, (sample, state) → label given by cell. */
    let strip = null;
    let dressed = "";
    let labels = []; /* Of the sample shown. */
    let turn = 0;

    /* Once, however many samples are chosen meanwhile: a second strip would answer each arrow key a second time. */
    function load() {
      if (!loading) {
        loading = prepare();
        loading.catch(() => {
          loading = null;
        }); /* The next sample tries again. */
      }
      return loading;
    }

    async function prepare() {
      if (!why) why = await model.chunk("neighbors", (content) => app.why.create(model, content));
      if (strip || !at("history") || !study.grids.some(({ history }) => history)) return;
      strip = await maps.add("history", at("history"), {
        state: on.state,
        go: on.go,
        hover: read,
        broken: (error) => on.broken(new Error(`The history of this sample cannot be shown. ${error.message}`)),
      });
      strip.paint();
      let width = 0; /* The card may have been hidden while the window changed. */
      new ResizeObserver(function () {
        const wide = at("history").clientWidth;
        if (wide === width) return;
        width = wide;
        strip.resize();
      }).observe(at("history"));
    }

    /* The history over the grid of a state's method and clusterer; null where there is none, and a sentence why. */
    async function remembered(state) {
      const name = choices.pair(study, state).history;
      let found = given && given.name === name ? given : null;
      let lacking = "";
      if (!name) {
        lacking = `Left out: ${
          dom.count(model.n)
        } samples at every setting would be more than all other data of this page.`;
      } else if (!found) {
        try {
          found = { name, of: await model.chunk(name, (content) => app.why.past(content, model, state)) };
        } catch (error) {
          lacking = `It cannot be shown. ${error.message}`;
        }
      }
      return { found, lacking };
    }

    async function show(setting, state) {
      turn += 1;
      const mine = turn;
      root.hidden = state.sample === null || !study.chunks.neighbors;
      if (root.hidden) {
        on.link([], []);
        return;
      }
      try {
        await load();
      } catch (error) {
        dom.text(at("sentence"), `Its neighbours cannot be shown. ${error.message}`);
        return;
      }
      if (mine !== turn) return; /* Another sample has been chosen meanwhile. */
      fill(why.facts(state.sample, setting, state), setting);
      if (!at("history")) return;
      const { found, lacking } = await remembered(state);
      if (mine !== turn) return;
      given = found;
      at("history").hidden = !found;
      if (found) past(state);
      else forget(lacking);
    }

    function forget(words) {
      dressed = "";
      dom.text(at("history-text"), words);
      dom.text(at("history-readout"), "");
      at("given").replaceChildren();
    }

    function fill(facts, setting) {
      const reason = why.reason(facts);
      const { sample } = facts;
      root.dataset.sampleShown = String(sample);
      dom.text(at("title"), `Why sample ${model.id(sample)}?`);
      dom.text(at("sentence"), reason.text);
      at("sentence").dataset.kind = reason.kind;
      at("tile").hidden = !images.has;
      images.place(at("tile"), sample);
      if (at("label")) dom.text(at("label"), facts.label === null ? "unlabelled" : model.labelName(facts.label));
      dom.text(
        at("cluster"),
        model.clusterText(setting, facts.cluster),
      );
      if (at("margin")) {
        dom.text(
          at("margin"),
          facts.margin !== null
            ? dom.fixed(facts.margin, 2)
            : facts.noise
            ? "none: it is noise"
            : facts.label === null
            ? "none: it has no label"
            : "none: no cluster is mostly its label",
        );
        at("margin").dataset.value = facts.margin === null ? "" : String(facts.margin);
      }
      near.show(facts.near, setting, "kept", "lost");
      mapped.show(facts.mapped, setting, "near", "far");
      dom.text(
        at("near-count"),
        `${facts.near.filter((each) => each.shared).length} of ${facts.near.length} kept by the map`,
      );
      on.link(facts.near.map((each) => each.sample), facts.near.map((each) => each.shared));
    }

    /* A row of pictures with label and whether the other space agrees. */
    function neighbourList(list) {
      list.addEventListener("click", function (event) {
        const button = event.target.closest("button");
        if (button) on.pick(Number(button.dataset.neighbor));
      });
      const refresh = dom.roving(list, "button", dom.inGrid);
      function show(found, setting, yes, no) {
        dom.refill(
          list,
          found.map(function (each) {
            const name = each.label !== null
              ? model.labelName(each.label)
              : model.labels
              ? "unlabelled"
              : model.clusterName(setting, each.cluster);
            const words = each.shared ? yes : no;
            const button = dom.el("button", {
              type: "button",
              class: each.shared ? "case near" : "case near apart",
              "data-neighbor": each.sample,
              tabindex: "-1",
              "aria-label": `Sample ${model.id(each.sample)}, ${each.label === null ? name : `true ${name}`}, ${words}`,
            });
            if (images.has) button.append(app.pictures.tile(images, each.sample));
            const caption = dom.el(
              "span",
              { class: "caption" },
              images.has ? name : `${model.id(each.sample)}: ${name}`,
            );
            button.append(caption, dom.el("span", { class: "name" }, words));
            return dom.el("li", {}, button);
          }),
        );
        refresh();
      }
      return { show };
    }

    /* ---- history ---- */

    function past(state) {
      const cells = app.grid.places(study, state);
      const key = `${state.sample} ${state.space} ${cells.key} ${
        getComputedStyle(document.documentElement).colorScheme
      }`;
      if (key === dressed) {
        strip.show(state);
        read(null);
        return;
      }
      labels = given.of(state.sample, state);
      const quiet = getComputedStyle(document.documentElement).getPropertyValue("--line").trim();
      strip.show(
        state,
        labels.map((label) =>
          label === null || label === UNCOUNTED ? "transparent" : label < 0 ? quiet : study.palette.labels[label]
        ),
        new Set(),
      );
      dressed = key;
      const counts = new Map();
      for (const label of state.space === "features" ? labels.slice(0, cells.rows) : labels) {
        if (label !== null) counts.set(label, (counts.get(label) || 0) + 1);
      }
      const total = [...counts.values()].reduce((sum, each) => sum + each, 0);
      const right = counts.get(-1) || 0;
      const uncounted = counts.get(UNCOUNTED) || 0;
      counts.delete(-1);
      counts.delete(UNCOUNTED);
      dom.text(
        at("history-text"),
        `Right at ${dom.count(right)} of ${dom.count(total)} settings${
          state.space === "features" ? " in the features" : " on the maps"
        }${uncounted ? `, noise at ${dom.count(uncounted)}` : ""}${
          counts.size ? "; otherwise its cluster was mostly" : "."
        }`,
      );
      at("given").replaceChildren(
        ...[...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(function ([label, count]) {
          const swatch = dom.el("span", { class: "swatch", "aria-hidden": "true" });
          dom.swatch(swatch, study.palette.labels[label], study.palette.shapes[label]);
          return dom.el(
            "li",
            { "data-given": label, "data-count": count },
            swatch,
            ` ${model.labelName(label)} × ${dom.count(count)}`,
          );
        }),
      );
      read(null);
    }

    function read(cell) {
      const state = on.state();
      const cells = app.grid.places(study, state);
      const here = cell === null ? cells.cell(state) : cell;
      const label = labels[here];
      const words = label === null || label === undefined
        ? "not computed"
        : label === UNCOUNTED
        ? "noise"
        : label < 0
        ? "right"
        : `in a cluster of ${model.labelName(label)}`;
      dom.text(
        at("history-readout"),
        `${told({ ...state, ...cells.state(here) })}: ${words}`,
      );
    }

    return {
      show,
      mark: (state, setting) => show(setting, state),
      paint() {
        if (!strip) return;
        dressed = "";
        strip.paint();
        if (!root.hidden && given) past(on.state());
      },
    };
  }

  app.whyView = { create };
})();
