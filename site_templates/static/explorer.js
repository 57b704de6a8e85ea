/* Wires the explorer: controls and address to state, state to figures, maps and panels. */
(function () {
  "use strict";

  const app = window.clusterfolio;
  const { dom } = app;
  const root = document.documentElement;
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const SETTING = ["perplexity", "k", "space"];
  const FOCUS = ["sample", "cluster", "label", "pair"];

  function alert(text) {
    const box = one("#problem");
    dom.text(box, text);
    box.hidden = text === "";
  }

  function say(text) {
    dom.text(one("#status"), text);
  }

  /* A task after the next paint, so that figures and maps are seen before panels are filled. */
  function afterPaint() {
    return new Promise((resolve) => window.requestAnimationFrame(() => window.setTimeout(resolve, 0)));
  }

  function nextTask() {
    return new Promise((resolve) => window.setTimeout(resolve, 0));
  }

  /* Vega is large and comes last, so that the first data are asked for before it runs. */
  function vega() {
    if (window.vegaEmbed) return Promise.resolve();
    return new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve));
  }

  async function main() {
    const arrived = vega();
    const study = app.get("study");
    if (!study) throw new Error("The data of this page could not be loaded. The files beside it may be missing.");
    const model = app.model.create(study);
    const first = app.state.parse(window.location.hash, study);
    const loading = model.ensure(first.state);
    loading.catch(() => {}); /* Reported when the setting is drawn. */
    const [pca, sprite] = await Promise.all([model.chunk("pca"), optional(model, "sprite")]);
    const images = await app.pictures.create(sprite, study.dataset.image);
    await arrived;
    if (!window.vegaEmbed) throw new Error("The drawing library could not be loaded. The files beside this page may be missing.");
    const plane = { x: app.decode.column(pca.x, model.n), y: app.decode.column(pca.y, model.n) };
    await explore(model, images, plane, first);
  }

  async function optional(model, name) {
    if (!model.study.chunks[name]) return null;
    try {
      return await model.chunk(name);
    } catch (error) {
      alert(`Pictures are missing. ${error.message}`);
      return null;
    }
  }

  async function explore(model, images, plane, first) {
    const { study } = model;
    const title = document.title;
    let state = first.state;
    let setting = null; /* What is drawn now. */
    let shown = null; /* The state it was drawn for. */
    let committed = null; /* The setting before the current drag, */
    let previous = null; /* and the one before that: what changes are measured against. */
    let brushed = null; /* Samples in the box, and those that were last drawn as such. */
    let boxed = null;
    let hovered = null;
    let dragging = false;
    let variance = null;

    const places = { map: one("#map"), pca: one("#pca") };
    const charts = await app.charts.create(places, study.charts, model, plane, {
      hover: hover, pick: (sample) => (sample === null ? clearFocus() : pick(sample)), box: brush,
    });
    const numbers = app.numbers.create(model);
    const legend = app.legend.create(one("#legend"), model, filter);
    const card = app.card.create(one("#card"), model, images);
    const tip = app.card.tip(model, images);
    const strip = app.strip.create(one("#strip"), model, images, pick);
    const clusters = app.clusters.create(one("#clusters tbody"), model, images, (cluster) => filter("cluster", cluster));
    const labelled = model.names !== null && one("#confusion table") !== null;
    const confusion = labelled ? app.confusion.create(one("#confusion table"), model, (pair) => filter("pair", pair)) : null;
    const cell = labelled ? app.strip.create(one("#cell"), model, images, pick) : null;
    const misclassified = labelled ? app.misclassified.create({
      list: one("#cases"), filter: one("#pair"), sort: one("#sort"), status: one("#cases-status"),
    }, model, images, { pick: find, pair: (pair) => change({ pair }, "push") }) : null;
    const address = app.address.create(restore);
    const sliders = all("input[type='range'][data-control]");
    const radios = all("input[type='radio'][data-control]");

    /* ---- state ---- */

    /* `how`: "drag" while a slider moves, "push" for a new step in the history, "replace" otherwise. */
    function change(patch, how) {
      alert("");
      say("");
      const before = state;
      state = Object.assign({}, state, patch);
      if (state.cluster !== null && state.cluster >= state.k) state.cluster = null;
      settle(how);
      const text = app.state.format(state, study);
      if (how === "drag") address.follow(text);
      else if (how === "push") address.push(text);
      else address.replace(text);
      const differs = (key) => before[key] !== state[key];
      const redraw = shown === null || [...SETTING, "color"].some(differs);
      if (redraw) request(how !== "drag");
      else if (frame) want = want || how === "push"; /* A release right after the input: a step, so it glides. */
      else if (FOCUS.some(differs) || boxed !== brushed) refocus();
      showControls();
    }

    function settle(how) {
      dragging = how === "drag";
      if (dragging) return;
      if (committed && SETTING.some((key) => committed[key] !== state[key])) previous = committed;
      committed = state;
    }

    function restore(text) {
      if (text !== "" && document.getElementById(text)) {
        address.replace(app.state.format(state, study)); /* A link to a part of this page. */
        return;
      }
      const read = app.state.parse(text, study);
      brushed = null;
      change(read.state, "replace");
      alert(read.notes.join(" "));
    }

    function filter(key, value) {
      brushed = null;
      const patch = { cluster: null, label: null, pair: null };
      patch[key] = state[key] === value ? null : value;
      change(patch, "push");
    }

    function pick(sample) {
      change({ sample }, "push");
    }

    function showMaps() {
      const maps = one("#maps");
      const box = maps.getBoundingClientRect();
      if (box.bottom < 200 || box.top > window.innerHeight - 200) maps.scrollIntoView({ block: "start" });
    }

    /* A sample chosen far from the maps: pin it and bring the maps into view. */
    function find(sample) {
      pick(sample);
      showMaps();
    }

    function clearFocus() {
      if (brushed) {
        brushed = null;
        refocus();
      } else if (state.sample !== null || state.cluster !== null || state.label !== null || state.pair !== null) {
        change({ sample: null, cluster: null, label: null, pair: null }, "push");
      }
    }

    /* 1 for each sample in focus, or null where all are. */
    function mask() {
      const { cluster, label, pair } = state;
      if (!brushed && cluster === null && label === null && pair === null) return null;
      const out = new Uint8Array(model.n);
      if (brushed) {
        for (const sample of brushed) out[sample] = 1;
        return out;
      }
      for (let sample = 0; sample < model.n; sample += 1) {
        const own = setting.clusters[sample];
        out[sample] = (cluster === null || own === cluster)
          && (label === null || model.labels[sample] === label)
          && (pair === null || `${model.labels[sample]}-${setting.dominant[own]}` === pair) ? 1 : 0;
      }
      return out;
    }

    /* ---- drawing ---- */

    let frame = 0;
    let want = false;
    let turn = 0;

    function request(glide) {
      root.dataset.state = "loading";
      want = glide;
      turn += 1;
      if (!frame) frame = window.requestAnimationFrame(() => { frame = 0; draw(turn, want); });
    }

    async function draw(mine, glide) {
      const now = state;
      if (!model.ready(now)) {
        one("main").setAttribute("aria-busy", "true");
        try {
          await model.ensure(now);
        } catch (error) {
          if (mine === turn) hole(now, error);
          return;
        }
        if (mine !== turn) return;
      }
      let settled;
      try {
        setting = model.setting(now);
        shown = now;
        one("main").classList.remove("hole");
        one("main").setAttribute("aria-busy", "false");
        root.dataset.setting = setting.slug;
        numbers.show(setting, now, earlier());
        settled = charts.show(now, setting, mask(), glide);
        charts.pin(state.sample);
        legend.show(setting, state);
        showCard();
        if (boxed !== brushed) showStrip(true);
      } catch (error) {
        hole(now, error);
        return;
      }
      if (!(await fill(mine))) return;
      await settled;
      if (mine !== turn) return;
      document.title = `perplexity ${now.perplexity}, k ${now.k} – ${title}`;
      root.dataset.state = "ready";
      prefetch();
    }

    /* The setting that figures are compared with, when its data are at hand. */
    function earlier() {
      const before = dragging ? committed : previous;
      if (!before || !model.ready(before)) return null;
      try {
        return { setting: model.setting(before), state: before };
      } catch {
        return null;
      }
    }

    async function fill(mine) {
      const jobs = [
        () => clusters.show(setting, state),
        () => labelled && confusion.show(setting, state),
        () => labelled && showCell(),
        () => labelled && misclassified.show(setting, state),
        () => one("#insight-list").replaceChildren(...insights()),
        () => dom.text(one("#map-text"), describe()),
      ];
      await afterPaint();
      for (const job of jobs) {
        if (mine !== turn) return false;
        job();
        await nextTask();
      }
      if (!variance && study.charts.variance && one("#variance")) {
        variance = await app.charts.variance(one("#variance"), study.charts.variance);
        variance.paint();
        variance.resize();
      }
      return mine === turn;
    }

    /* A setting without data: say so, show nothing that belongs to another one. */
    function hole(now, error) {
      setting = null;
      shown = null;
      numbers.clear();
      one("main").classList.add("hole");
      one("main").setAttribute("aria-busy", "false");
      alert(`Perplexity ${now.perplexity} with ${now.k} clusters cannot be shown. ${error.message} Other settings still work.`);
      root.dataset.setting = "";
      root.dataset.state = "error";
    }

    /* What is in focus has changed, the setting has not. */
    function refocus() {
      if (!setting) return;
      charts.mark(state, setting, mask());
      charts.pin(state.sample);
      legend.mark(state);
      clusters.mark(state);
      if (labelled) {
        confusion.mark(state);
        misclassified.show(setting, state);
        showCell();
      }
      showCard();
      showStrip(true);
    }

    function showCard() {
      const sample = hovered === null ? state.sample : hovered;
      card.show(sample, setting, hovered === null && state.sample !== null);
    }

    function showCell() {
      const samples = [];
      if (state.pair !== null) {
        const inFocus = brushed ? null : mask();
        for (let sample = 0; inFocus && sample < model.n; sample += 1) if (inFocus[sample]) samples.push(sample);
      }
      const [label, dominant] = (state.pair || "0-0").split("-").map((code) => model.labelName(Number(code)));
      dom.text(one("#cell-text"), state.pair === null ? "Choose a cell to see its images."
        : `${dom.count(samples.length)} × true ${label} in a cluster of ${dominant}`);
      cell.show(samples);
    }

    /* ---- pointer ---- */

    let ringing = 0;

    function hover(sample, name) {
      if (sample === hovered) {
        if (sample === null) tip.hide();
        return;
      }
      hovered = sample;
      if (sample === null || !setting) tip.hide();
      else tip.show(places[name], sample, setting, charts.locate(name, sample));
      if (ringing) return;
      ringing = window.requestAnimationFrame(function () {
        ringing = 0;
        charts.hover(hovered);
        showCard();
      });
    }

    function brush(samples, done) {
      if (!setting) return;
      hovered = null;
      tip.hide();
      brushed = samples && samples.length ? samples : null;
      if (done && (state.cluster !== null || state.label !== null || state.pair !== null)) {
        change({ cluster: null, label: null, pair: null }, "push");
      }
      charts.mark(state, setting, mask());
      showStrip(done);
    }

    function showStrip(done) {
      if (done) boxed = brushed;
      const box = one("#selection");
      box.classList.toggle("filled", brushed !== null);
      one("#unselect").hidden = brushed === null;
      dom.text(one("#selection-text"), brushed === null ? one("#selection-text").dataset.hint : summary(brushed));
      strip.show(brushed === null ? [] : brushed.slice(0, done ? brushed.length : 60));
    }

    function summary(samples) {
      const text = `${dom.count(samples.length)} samples`;
      if (!model.labels) return text;
      const counts = model.names.map(() => 0);
      for (const sample of samples) counts[model.labels[sample]] += 1;
      const parts = counts.map((count, code) => ({ count, code })).filter((each) => each.count).sort((a, b) => b.count - a.count);
      const named = parts.slice(0, 4).map((each) => `${dom.count(each.count)} × ${model.labelName(each.code)}`).join(", ");
      return `${text}: ${named}${parts.length > 4 ? " and others" : ""}`;
    }

    /* ---- texts ---- */

    function insights() {
      return setting.insights.map((insight) => dom.el("li", { "data-kind": insight.kind }, insight.text));
    }

    function describe() {
      const parts = setting.stats.map((each, cluster) => `cluster ${cluster}: ${each.size} samples${each.label === null ? "" : `, mostly ${model.labelName(each.label)}`}`);
      return `Both maps show the same ${model.n} samples: t-SNE at perplexity ${state.perplexity} on the left, the first two principal components on the right. K-Means has made ${setting.k} clusters in ${study.spaces.find((space) => space.name === state.space).label}; ${parts.join("; ")}.`;
    }

    /* ---- controls ---- */

    function showControls() {
      for (const slider of sliders) {
        const value = state[slider.name];
        if (Number(slider.value) !== value) slider.value = String(value);
        slider.setAttribute("aria-valuetext", `${value} ${slider.dataset.unit}`.trim());
        dom.text(one(`output[for="${slider.id}"]`), String(value));
        const share = (value - Number(slider.min)) / (Number(slider.max) - Number(slider.min) || 1);
        slider.style.setProperty("--fill", `${100 * share}%`);
      }
      for (const radio of radios) radio.checked = state[radio.name] === radio.value;
    }

    for (const slider of sliders) {
      const values = study.axes[slider.name];
      const even = values.length === Math.round((values[values.length - 1] - values[0]) / Number(slider.step)) + 1;
      const read = () => app.state.nearest(values, Number(slider.value));
      slider.addEventListener("input", () => change({ [slider.name]: read() }, "drag"));
      slider.addEventListener("change", () => change({ [slider.name]: read() }, "push"));
      slider.addEventListener("keydown", function (event) {
        const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
        if (even || !by) return;
        event.preventDefault();
        change({ [slider.name]: app.state.step(values, state[slider.name], by) }, "push");
      });
    }
    for (const radio of radios) {
      radio.addEventListener("change", () => change({ [radio.name]: radio.value, label: null, cluster: null }, "push"));
    }
    for (const [name, map] of Object.entries(places)) {
      map.addEventListener("keydown", function (event) {
        if (!setting || !event.key.startsWith("Arrow")) return;
        event.preventDefault();
        const from = state.sample === null ? setting.stats[0].medoid : state.sample;
        const to = state.sample === null ? from : charts.nearest(name, from, event.key);
        if (to !== null) change({ sample: to }, "replace");
      });
    }
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape") clearFocus();
    });
    for (const link of all("#reading a[href^='#']")) {
      link.addEventListener("click", function (event) {
        event.preventDefault();
        brushed = null;
        change(app.state.parse(link.hash, study).state, "push");
        showMaps();
      });
    }
    one("#reset").addEventListener("click", function () {
      brushed = null;
      change(app.state.start(study), "push");
      say("Back at the start.");
    });
    one("[data-card='unpin']").addEventListener("click", () => change({ sample: null }, "push"));
    one("#unselect").addEventListener("click", clearFocus);
    one("#go").addEventListener("submit", function (event) {
      event.preventDefault();
      const text = one("#go-id").value;
      const sample = model.find(text);
      if (sample === null) alert(`There is no sample “${text.slice(0, 40)}”. Samples are numbered 0 to ${model.n - 1}.`);
      else find(sample);
    });
    one("#copy").addEventListener("click", copy);

    async function copy() {
      const local = !study.address && (window.location.protocol === "file:" || /^(localhost|127\.|\[::1\])/.test(window.location.host));
      const page = study.address || window.location.href.split("#")[0];
      const link = `${page}#${app.state.format(state, study)}`;
      const field = one("#link");
      field.value = link;
      const warning = local ? " It is local: it points to this copy and works on this computer only." : "";
      try {
        await navigator.clipboard.writeText(link);
        say(`Link copied.${warning}`);
      } catch {
        field.hidden = false;
        field.focus();
        field.select();
        say(`Copy the link from the field.${warning}`);
      }
    }

    /* The chunks next to this one on the slider, while nothing else is to be done. */
    function prefetch() {
      const at = study.axes.perplexity.indexOf(state.perplexity);
      for (const near of [at + 1, at - 1]) {
        const name = study.embedding_of[String(study.axes.perplexity[near])];
        if (name && study.chunks[name]) model.chunk(name).catch(() => {});
      }
      if (study.chunks.features) model.chunk("features").catch(() => {});
    }

    document.addEventListener("clusterfolio:theme", function () {
      images.theme();
      charts.paint();
      if (variance) variance.paint();
      if (setting) clusters.show(setting, state);
    });

    let width = 0;
    new ResizeObserver(function () {
      const wide = one("#map").clientWidth + one("#pca").clientWidth;
      if (wide === width) return;
      width = wide;
      charts.resize();
      if (variance) variance.resize();
    }).observe(one("#maps"));

    charts.paint();
    charts.resize();
    for (const part of all("[data-needs-script]")) part.hidden = false;
    change({}, "replace");
    alert([one("#problem").textContent, ...first.notes].filter(Boolean).join(" "));
  }

  main().catch(function (error) {
    alert(error.message);
    root.dataset.state = "error";
    window.console.error(error);
  });
})();
