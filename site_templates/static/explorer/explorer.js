/* Wires the explorer: controls and address to state, state to figures, maps and panels. */
(function () {
  "use strict";

  const app = window.clusterfolio;
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const MARKED = ["sample", "cluster", "label", "pair", "metric", "beside"];
  const notices = app.notices.create(one("#problem"), one("#status"));

  async function main() {
    const drawable = app.page.vega();
    const [study] = app.page.data("study");
    const model = app.model.create(study);
    const part = app.page.partOf(window.location.hash);
    const first = app.state.parse(part ? "" : window.location.hash, study);
    const loading = model.ensure(first.state);
    loading.catch(() => {}); /* Reported when the setting is drawn. */
    const images = app.pictures.later(model, (error) => notices.add(`Pictures are missing. ${error.message}`));
    await drawable();
    await explore(model, images, first);
    if (part) part.scrollIntoView({ block: "start" });
  }

  async function explore(model, images, first) {
    const { study } = model;
    const title = document.title;
    let state = first.state;
    let shown = null; /* The state that was last drawn. */

    const places = { map: one("#map"), pca: one("#pca") };
    const focus = app.focus.create(model);
    const steps = app.steps.create(model);
    const charts = await app.charts.create(places, study.charts, model, app.charts.nowhere(model.n), {
      hover: (sample, name) => pointer.hover(sample, name),
      pick: (sample) => (sample === null ? clearFocus() : pick(sample)),
      box: brush,
    });
    const numbers = app.numbers.create(model);
    const legend = app.legend.create(one("#legend"), model, filter);
    const drawing = app.drawing.create(model, {
      state: () => state,
      wait: () => busy(true),
      maps,
      panels: (setting) => panels.jobs(setting, () => state),
      broken: (error) => notices.add(error.message),
      missing: showMissing,
      done,
    });
    const pointer = app.pointer.create(
      places,
      charts,
      app.card.create(one("#card"), model, images),
      app.card.tip(model, images),
      () => ({ setting: drawing.setting(), state }),
    );
    const selection = app.selection.create(one("#selection"), model, images, focus, pick);
    const panels = app.panels.create(model, images, focus, {
      state: () => state,
      change,
      filter,
      pick,
      find,
      pair: (pair) => change({ pair }, "push"),
      link: charts.link,
      broken: (error) => notices.add(error.message),
    });
    const controls = app.controls.create(study, places, { state: () => state, change, walk, escape: clearFocus });
    const beside = app.beside.create(model, charts, {
      state: () => state,
      change,
      failed: (error) => notices.add(error.message),
    });
    const navLinks = app.navLinks.create(
      one(".pages a[href$='compare.html']"),
      all("[data-same-setting]"),
      study.samples.ids,
      () => app.state.format(state, study),
    );
    const address = app.page.restorer(notices, {
      read: (text) => app.state.parse(text, study),
      written: () => app.state.format(state, study),
      go: (to) => go(to, "replace"),
    });

    /* ---- state ---- */

    /* `how`: "drag" while a slider moves, "push" for a new step in the history, "replace" otherwise. */
    function change(patch, how) {
      notices.clear();
      const before = state;
      const wish = { ...state, ...patch };
      state = { ...app.choices.settled(study, wish, Object.keys(patch)) };
      const unmet = app.choices.unmet(study, wish, state).join(" ");
      app.dom.text(one("#moved"), unmet);
      one("#moved").hidden = unmet === "";
      if (state.cluster !== null && state.cluster >= app.choices.clusters(study, state)) state.cluster = null;
      steps.take(state, how);
      const text = app.state.format(state, study);
      if (how === "drag") address.follow(text);
      else if (how === "push") address.push(text);
      else address.replace(text);
      const differs = (key) => before[key] !== state[key];
      if (shown === null || [...steps.keys, "color"].some(differs)) drawing.request(how !== "drag");
      else if (drawing.pending()) { if (how === "push") drawing.glide(); }
      /* A release right after the input: a step, so it glides. */
      else if (MARKED.some(differs) || selection.stale()) refocus(selection.stale() || app.focus.FILTERS.some(differs));
      controls.show(state);
      beside.name(state);
      if (before.beside !== state.beside) beside.show();
    }

    /* To a whole state: what was in the box is left behind. */
    function go(patch, how) {
      focus.setBox(null);
      change(patch, how);
    }

    function filter(key, value) {
      go(focus.only(key, state[key] === value ? null : value), "push");
    }

    function pick(sample) {
      change({ sample }, "push");
    }

    /* A sample chosen far from the maps: pin it and bring the maps into view. */
    function find(sample) {
      pick(sample);
      app.page.showMaps();
    }

    function clearFocus() {
      if (focus.box()) {
        focus.setBox(null);
        refocus(true);
      } else if (state.sample !== null || focus.filtered(state)) {
        change(Object.assign({ sample: null }, focus.only()), "push");
      }
    }

    function brush(samples, done) {
      const setting = drawing.setting();
      if (!setting) return;
      pointer.leave();
      focus.setBox(samples);
      if (done && focus.filtered(state)) change(focus.only(), "push");
      charts.mark(state, setting, focus.mask(setting, state));
      selection.show(done);
    }

    /* An arrow key on a map: to the next sample that way. */
    function walk(name, key) {
      const setting = drawing.setting();
      if (!setting) return false;
      const to = state.sample === null
        ? (setting.stats[0] || { medoid: 0 }).medoid
        : charts.nearest(name, state.sample, key);
      if (to !== null) change({ sample: to }, "replace");
      return true;
    }

    /* ---- drawing ---- */

    function busy(on) {
      one("main").setAttribute("aria-busy", String(on));
    }

    /* Maps that are scrolled away are drawn after what is seen, and do not glide. */
    function inSight() {
      const { top, bottom } = one("#maps").getBoundingClientRect();
      return bottom > 0 && top < window.innerHeight;
    }

    function move(setting, now, glide) {
      const settled = charts.show(now, setting, focus.mask(setting, state), glide);
      charts.pin(state.sample);
      return settled;
    }

    function maps(setting, now, glide) {
      const seen = inSight(); /* Asked before anything is written, when it costs no layout. */
      const isFirst = shown === null;
      shown = now;
      const { cluster } = state;
      if (cluster === -1 ? !setting.noiseCount : cluster !== null && cluster >= setting.stats.length) {
        const words = cluster < 0 ? "noise here" : `cluster ${cluster} here, but ${setting.stats.length} from 0 on`;
        if (isFirst) notices.add(`There is no ${words}.`);
        state = { ...state, cluster: null }; /* How many there are may be known of the setting alone. */
        address.follow(app.state.format(state, study));
      }
      one("main").classList.remove("missing");
      busy(false);
      numbers.show(setting, now, steps.before());
      const settled = seen
        ? move(setting, now, glide)
        : app.drawing.afterPaint().then(() => (shown === now ? move(setting, now, false) : null));
      legend.show(setting, state);
      panels.here(state);
      pointer.showCard();
      navLinks.show(setting, state);
      if (selection.stale()) selection.show(true);
      return Promise.all([settled, app.drawing.afterPaint().then(rest)]);
    }

    /* What comes after the first picture: who looks at the map does not wait for it. */
    function rest() {
      images.load();
      return beside.show();
    }

    /* A setting without data: say so, show nothing that belongs to another one. */
    function showMissing(now, error) {
      shown = null;
      numbers.clear();
      panels.here(now);
      one("main").classList.add("missing");
      busy(false);
      notices.alert(
        `${app.choices.opened(study, now, app.choices.map(study, now))} with ${
          app.choices.clustersOf(study, now)
        } cannot be shown. ` +
          `${error.message} ` +
          "Other settings still work.",
      );
    }

    /* What is in focus has changed, the setting has not; `fades` where other points are faded than before. */
    function refocus(fades) {
      const setting = drawing.setting();
      if (!setting) return;
      if (fades) charts.mark(state, setting, focus.mask(setting, state));
      charts.pin(state.sample);
      legend.mark(state);
      panels.mark(setting, state);
      pointer.showCard();
      navLinks.show(setting, state);
      selection.show(true);
    }

    function done(now) {
      document.title = `${app.choices.setting(study, now)} – ${title}`;
      prefetch(now);
      charts.warm();
    }

    /* The chunks next to this one on each slider, while nothing else is to be done. */
    function prefetch(now) {
      const near = app.choices.method(study, now).parameters.flatMap(function (name) {
        const values = app.choices.offered(study, now, name);
        const at = values.indexOf(now[name]);
        return [at + 1, at - 1].filter((next) => next in values).map((next) =>
          model.find({ ...now, [name]: values[next] }).chunk
        );
      });
      for (const name of [...near, "features"]) if (study.chunks[name]) model.chunk(name).catch(() => {});
    }

    /* ---- buttons, links, theme and size ---- */

    for (const link of all("#reading a[href^='#']")) {
      link.addEventListener("click", function (event) {
        event.preventDefault();
        go(app.state.parse(link.hash, study).state, "push");
        app.page.showMaps();
      });
    }
    one("#reset").addEventListener("click", function () {
      go(app.state.start(study), "push");
      notices.say("Back at the start.");
    });
    one("[data-card='unpin']").addEventListener("click", () => change({ sample: null }, "push"));
    one("#unselect").addEventListener("click", clearFocus);
    app.page.goForm(model, notices, find);
    app.saves.create(model, beside.plane, notices, function () {
      const setting = drawing.setting();
      return { state, setting, mask: setting && focus.mask(setting, state), still: charts.still };
    });
    app.sharing.create(
      { copy: one("#copy"), embed: one("#embed"), field: one("#link") },
      study,
      notices,
      () => app.state.format(state, study),
    );

    document.addEventListener("clusterfolio:theme", function () {
      images.theme();
      charts.paint();
      panels.paint(drawing.setting(), state);
    });

    let width = 0;
    new ResizeObserver(function () {
      const wide = one("#map").clientWidth + one("#pca").clientWidth;
      if (wide === width) return;
      width = wide;
      charts.resize();
      panels.resize();
    }).observe(one("#maps"));

    charts.paint();
    charts.resize();
    app.page.reveal();
    change({}, "replace");
    notices.add(...first.notes);
  }

  app.page.begin(notices, main);
})();
