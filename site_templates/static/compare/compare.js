/* Wires the comparison: controls and address to a state of two sides, the state to maps, figures and lists. */
(function () {
  "use strict";

  const app = window.clusterfolio;
  const { SIDES } = app.compareState;
  const root = document.documentElement;
  const one = (selector) => document.querySelector(selector);
  const notices = app.notices.create(one("#problem"), one("#status"));

  async function main() {
    const drawable = app.page.vega();
    const [study, settings] = app.page.data("study", "compare");
    const model = app.model.create(study);
    const catalog = { ...app.compareCatalog.read(settings), ids: study.samples.ids };
    const pairs = app.compareModel.create(catalog, model);
    const first = app.compareState.parse(window.location.hash, catalog);
    pairs.ensure(first.state).catch(() => {}); /* Reported when it is drawn. */
    const images = await app.pictures.of(model, (error) => first.notes.push(`Pictures are missing. ${error.message}`));
    await drawable();
    compare(catalog, model, pairs, images, first);
  }

  function compare(catalog, model, pairs, images, first) {
    const title = document.title;
    let state = first.state;
    let brushed = null; /* Samples in the box or of a chosen move. */
    let hovered = null;

    const selection = app.compareSelection.create(one("#selection"), model, images, pick);
    const card = app.compareCard.create(one("#card"), pairs, model, images, pick);
    const tip = app.card.tip(model, images);
    const figures = app.compareFigures.create(catalog);
    const lists = app.compareLists.create(catalog, model, images, { pick: find, light: light });
    const maps = app.compareMaps.create({
      hover: hover,
      pick: (sample) => (sample === null ? clearFocus() : pick(sample)),
      box: brush,
    });
    const aim = one("#frames") ? app.filmstripAim.create(one("#film"), catalog) : null;
    const filmstrip = aim
      ? app.filmstrip.create(one("#frames"), catalog.film, catalog.n, {
        hover: (sample) => hover(sample, null),
        choose: chooseFrame,
        broken: (error) => notices.add(`Samples cannot be marked on the small maps. ${error.message}`),
      })
      : null;
    const drawing = app.drawing.create(pairs, {
      state: () => state,
      wait: () => busy(true),
      maps: draw,
      panels,
      missing: showMissing,
      done,
    });
    const controls = app.compareControls.create(catalog, {
      place: (side) => pairs.place(state, side),
      choose,
      set: function (patch) {
        if (patch.only) unbox(); /* What is lit up is one or the other. */
        change(patch, "push");
      },
    });
    const address = app.page.restorer(notices, {
      read: (text) => app.compareState.parse(text, catalog),
      written: () => app.compareState.format(state, catalog),
      go: function (to) {
        unbox();
        change(to, "replace");
      },
    });

    /* ---- state ---- */

    /* `how`: "drag" while a slider moves, "push" for a new step in the history, "replace" otherwise. Neither a drag
       nor a swap glides: a swap exchanges maps, it moves no sample. */
    function change(patch, how, glide = how !== "drag") {
      notices.clear();
      const before = state;
      state = Object.assign({}, state, patch);
      const text = app.compareState.format(state, catalog);
      if (how === "drag") address.follow(text);
      else if (how === "push") address.push(text);
      else address.replace(text);
      const same = (side) => before[side].study === state[side].study && before[side].slug === state[side].slug;
      if (!drawing.setting() || !SIDES.every(same) || before.color !== state.color) drawing.request(glide);
      else if (drawing.pending()) { if (how === "push") drawing.glide(); }
      else refocus();
      controls.show(state);
      if (aim) aim.show(state);
    }

    /* A side's wish, as near as there is, `kept` being what was just chosen; where that is not what was wished for, the
       page says so. */
    function choose(side, wish, how, kept = {}) {
      const { study } = wish;
      const slug = app.compareState.nearest(catalog, study, wish, kept);
      change({ [side]: { study, slug } }, how);
      if (!app.compareState.meets(catalog, study, slug, wish)) {
        notices.alert(
          `There is no such setting in ${catalog.studies[study].title}; ${side.toUpperCase()} is ${slug}, the nearest.`,
        );
      }
    }

    /* A click on the strip chooses a map, never a data set: where no side shows the strip's, that of the side stays. */
    function chooseFrame(slug) {
      const { side } = aim.at(state);
      const { own } = catalog.studies[catalog.own].maps.find((map) => map.slug === slug);
      choose(side, { ...pairs.place(state, side), ...own, space: "map" }, "push", own);
    }

    function pick(sample) {
      change({ sample }, "push");
    }

    /* A sample chosen far from the maps: pin it and bring the maps into view. */
    function find(sample) {
      pick(sample);
      app.page.showMaps();
    }

    function light(samples) {
      brush(samples, true);
      app.page.showMaps();
    }

    function clearFocus() {
      if (brushed) brush(null, true);
      else if (state.sample !== null || state.only !== "all") change({ sample: null, only: "all" }, "push");
    }

    /* ---- drawing ---- */

    /* 1 for each sample in focus, or null where all are. */
    function mask(pair) {
      if (brushed) {
        const out = new Uint8Array(catalog.n);
        for (const sample of brushed) out[sample] = 1;
        return out;
      }
      if (state.only === "changed") return pair.changes.changed;
      return state.only === "torn" ? pair.near().torn : null;
    }

    function busy(on) {
      one("main").setAttribute("aria-busy", String(on));
    }

    function draw(pair, now, glide) {
      one("main").classList.remove("missing");
      busy(false);
      for (const side of SIDES) root.dataset[side] = app.compareState.name(now[side], catalog);
      figures.groups(pair);
      const settled = maps.show(pair, now, mask(pair), glide);
      maps.pin(state.sample);
      if (filmstrip) {
        filmstrip.mark(
          Object.fromEntries(
            SIDES.map((side) => [side, pair[side].at.study === catalog.own ? pair[side].map.slug : null]),
          ),
        );
      }
      return settled;
    }

    function panels(pair) {
      return [
        () => figures.neighbors(pair),
        showCard,
        () => figures.table(pair),
        ...lists.jobs(pair),
        () => lists.mark(state.sample),
      ];
    }

    function showMissing(now, error) {
      for (const side of SIDES) root.dataset[side] = "";
      figures.clear();
      one("main").classList.add("missing");
      busy(false);
      notices.alert(
        `${
          SIDES.map((side) => app.compareState.name(now[side], catalog)).join(" and ")
        } cannot be compared. ${error.message} Other settings still work.`,
      );
    }

    function done(now) {
      document.title = `${SIDES.map((side) => app.compareState.name(now[side], catalog)).join(" and ")} – ${title}`;
    }

    /* What is in focus has changed, the two settings have not. */
    function refocus() {
      const pair = drawing.setting();
      if (!pair) return;
      maps.mark(pair, state, mask(pair));
      maps.pin(state.sample);
      lists.mark(state.sample);
      showCard();
    }

    function showCard() {
      const sample = hovered === null ? state.sample : hovered;
      card.show(sample, drawing.setting(), state, hovered === null && state.sample !== null);
      if (filmstrip) filmstrip.ring(sample);
    }

    /* ---- pointer ---- */

    let ringing = 0;

    function hover(sample, side) {
      if (sample === hovered) {
        if (sample === null) tip.hide();
        return;
      }
      hovered = sample;
      const pair = drawing.setting();
      if (sample === null || !pair || side === null) tip.hide();
      else tip.show(maps.place(side), sample, pair[side].setting, maps.locate(side, sample));
      if (ringing) return;
      ringing = window.requestAnimationFrame(function () {
        ringing = 0;
        maps.hover(hovered);
        showCard();
      });
    }

    function brush(samples, finished) {
      const pair = drawing.setting();
      if (!pair) return;
      hovered = null;
      tip.hide();
      brushed = samples && samples.length ? samples : null;
      maps.mark(pair, state, mask(pair));
      selection.show(brushed, finished);
    }

    function unbox() {
      brushed = null;
      selection.show(null, true);
    }

    /* ---- keys, buttons, theme and size ---- */

    for (const side of SIDES) {
      maps.place(side).addEventListener("keydown", function (event) {
        const pair = drawing.setting();
        if (!event.key.startsWith("Arrow") || !pair) return;
        event.preventDefault();
        const to = state.sample === null
          ? (pair[side].setting.stats[0] || { medoid: 0 }).medoid
          : maps.nearest(side, state.sample, event.key);
        if (to !== null) change({ sample: to }, "replace");
      });
    }
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape") clearFocus();
    });
    one("#swap").addEventListener("click", () => change({ a: state.b, b: state.a }, "push", false));
    one("#unselect").addEventListener("click", () => brush(null, true));
    one("[data-card='unpin']").addEventListener("click", () => change({ sample: null }, "push"));
    app.page.goForm(model, notices, find);
    const published = model.study.address && { address: `${model.study.address}compare.html` };
    app.sharing.create(
      { copy: one("#copy"), field: one("#link") },
      published || {},
      notices,
      () => app.compareState.format(state, catalog),
    );
    app.compareSaves.create(model, notices, function () {
      const pair = drawing.setting();
      return { state, pair, mask: pair && mask(pair), still: maps.still };
    });
    document.addEventListener("clusterfolio:theme", function () {
      images.theme();
      maps.paint();
    });
    maps.observe();
    app.page.reveal();
    change({}, "replace");
    notices.add(...first.notes);
  }

  app.page.begin(notices, main);
})();
