/* The two maps: Vega views and their layers of points, both read from the same typed arrays. */
(function () {
  "use strict";

  const { choices, gestures, looks, points } = window.clusterfolio;
  const GLIDE = 260; // ms
  const DENSE = 8000; // samples from which on dots shrink, so that they do not cover each other
  const SMALLEST = 1.5; // square px of a dot
  const MOST_MARKS = 200000; // samples that an exported chart may draw one by one
  const THEME = ["ink", "paper", "faint", "accent"];
  const AXES = ["west", "east", "south", "north", "besideX", "besideY", "axes"]; /* Signals of the map beside. */
  const SQUARE = { west: -1, east: 1, south: -1, north: 1, besideX: "", besideY: "", axes: 0 };
  const SHOWN = [
    ...THEME,
    "focus",
    "hovered",
    "pinned",
    "linked",
    "glide",
    "dot",
    "beside",
    ...AXES,
  ]; /* Signals that a map's picture depends on. */
  const reduced = window.matchMedia("(prefers-reduced-motion: reduce)");

  const views = new WeakMap(); /* By the element that they are drawn in. */

  function options(functions) {
    return {
      mode: "vega",
      ast: true,
      actions: false,
      defaultStyle: false,
      renderer: "canvas",
      hover: false,
      tooltip: { disableDefaultStyle: true },
      expressionFunctions: functions,
      logLevel: 1,
    };
  }

  function embed(element, spec, functions) {
    return window.vegaEmbed(element, spec, options(functions)).then(function ({ view }) {
      views.set(element, view);
      return view;
    });
  }

  function theme() {
    const style = getComputedStyle(document.documentElement);
    const colors = {};
    for (const name of THEME) colors[name] = style.getPropertyValue(`--${name}`).trim();
    return colors;
  }

  /* The theme's colours on a view of its own, to be run. */
  function tint(view) {
    setSignals(view, theme());
    return view;
  }

  /* A view as large as its element, with room for axes, to be run. */
  function fit(view, element, edge) {
    const { clientWidth: wide, clientHeight: tall } = element;
    if (!wide) return view;
    return view.padding(edge).width(Math.max(40, wide - edge.left - edge.right)).height(
      Math.max(40, tall - edge.top - edge.bottom),
    ).resize();
  }

  function setSignals(view, values) {
    for (const [name, value] of Object.entries(values)) view.signal(name, value);
  }

  /* A map's spec with a row, and so a mark, for each of n samples, whichever layer draws them on the page. */
  function withMarks(spec, n) {
    const copy = structuredClone(spec);
    const rows = copy.data.flatMap(({ transform }) => transform || []).find(({ type, as }) =>
      type === "sequence" && as === "id"
    );
    rows.stop = n;
    return copy;
  }

  const sets = []; /* What the functions of each set of charts do; null where those charts are gone. */

  /* Vega keeps expression functions for good, and for the whole page: a second set of charts has functions under names
     of its own, and a set that is gone leaves its names to the next. `drop` lets go of what they know. */
  function named(specs, functions) {
    const free = sets.indexOf(null);
    const set = free < 0 ? sets.length : free;
    sets[set] = functions;
    const calls = new RegExp(`\\b(${Object.keys(functions).join("|")})\\(`, "g");
    const rename = (spec) => (set === 0 ? spec : JSON.parse(JSON.stringify(spec).replace(calls, `$1${set}(`)));
    return {
      own: Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, rename(spec)])),
      named: Object.fromEntries(
        Object.keys(functions).map((name) => [`${name}${set || ""}`, (a, b, c) => sets[set][name](a, b, c)]),
      ),
      drop() {
        sets[set] = null;
      },
    };
  }

  /* `places` is {map, pca}: elements, the second of the map beside, of which `pca` says where its points are (model.js,
     `plane`). `on` has hover(sample|null, chart), pick(sample|null) and
     box(samples|null, done). */
  async function create(places, specs, model, pca, on) {
    const n = model.n;
    const frame = {
      x: new Float32Array(n),
      y: new Float32Array(n),
      fromX: null,
      fromY: null,
      code: new Uint16Array(n),
      styles: [],
      medoids: [],
      texts: [],
      links: [],
      kept: [],
    };
    const plane = pca && { ...pca, fromX: null, fromY: null }; /* The map beside. */

    function between(to, from, sample, glide) {
      if (sample < 0) return 0;
      return glide === 1 || !from ? to[sample] : from[sample] + (to[sample] - from[sample]) * glide;
    }

    const style = (sample) => frame.styles[frame.code[sample]] || { fill: "#888", opacity: 0, shape: "circle" };
    const functions = {
      mapX: (sample, _place, glide) => between(frame.x, frame.fromX, sample, glide),
      mapY: (sample, _place, glide) => between(frame.y, frame.fromY, sample, glide),
      pcaX: (sample) => (sample < 0 ? plane.x[0] : plane.x[sample]),
      pcaY: (sample) => (sample < 0 ? plane.y[0] : plane.y[sample]),
      pointFill: (sample) => style(sample).fill,
      pointOpacity: (sample) => style(sample).opacity,
      pointShape: (sample) => style(sample).shape,
      clusterAt: (cluster) => (cluster < frame.medoids.length ? frame.medoids[cluster] : -1),
      linkTo: (place) => (place < frame.links.length ? frame.links[place] : -1),
      linkKept: (place) => frame.kept[place] === true,
      clusterText: (cluster) => (cluster < frame.texts.length ? frame.texts[cluster] : ""),
    };

    const charts = [];
    const vega = named(specs, functions);
    for (const [name, element] of Object.entries(places)) {
      const embedding = embed(element.querySelector(".canvas"), vega.own[name], vega.named);
      embedding.catch(vega.drop);
      const chart = { name, element, view: await embedding };
      let scale = { x: [0, 1], y: [0, 1], left: 0, top: 0 };
      chart.places = () => (name === "pca" ? plane : frame);
      chart.scale = () => scale;
      chart.measure = () => {
        scale = measured(chart.view);
      };
      chart.layer = points[model.study.points](chart, frame);
      gestures.watch(chart, frame, on);
      charts.push(chart);
    }
    /* The signals that the controls of a study are bound to: a state has a value of each under its name. */
    const asked = new Set(Object.values(specs).flatMap(({ signals }) => signals.map(({ name }) => name)));
    const bound = [...choices.keys(model.study), "color"].filter((name) => asked.has(name));
    const driven = (state) => Object.fromEntries(bound.map((name) => [name, state[name]]));
    /* Vega asks again only where a signal has changed; the first setting may be the one in the spec. */
    for (const { view } of charts) for (const name of bound) view.signal(name, null);

    const all = (values) => charts.forEach((chart) => setSignals(chart.view, values));
    const run = () => charts.forEach((chart) => chart.view.run());

    const home = {}; /* What the map beside has at the start: the axes of the PCA map. */
    if (plane) {
      const { view } = charts.find(({ name }) => name === "pca");
      for (const name of AXES) home[name] = view.signal(name);
      view.signal("beside", plane.name); /* Vega asks again only where a signal has changed. */
    }

    /* Another map beside: the PCA map has axes, for its units are the components'; others' mean nothing. */
    function stand(next) {
      Object.assign(plane, next);
      const { view } = byName("pca");
      setSignals(view, { beside: next.name, ...(next.name === model.study.flat ? home : SQUARE) });
      resize();
      draw();
    }

    let focus = 0;
    let linked = 0;
    let gliding = 0;
    let progress = 1;

    function draw() {
      run();
      for (const { layer } of charts) layer.draw(progress);
    }

    /* Where the points are now, to glide from there even when the last glide is not over. */
    function depart() {
      const fromX = frame.x.map((_, sample) => between(frame.x, frame.fromX, sample, progress));
      const fromY = frame.y.map((_, sample) => between(frame.y, frame.fromY, sample, progress));
      frame.fromX = fromX;
      frame.fromY = fromY;
    }

    /* Shows a setting; resolves when the points have reached their places. */
    function show(state, setting, mask, glide) {
      window.cancelAnimationFrame(gliding);
      const target = model.embedding(state);
      const moves = glide && !reduced.matches && frame.x !== target.x && frame.fromX !== null;
      if (moves) depart();
      else {
        frame.fromX = target.x;
        frame.fromY = target.y;
      }
      frame.x = target.x;
      frame.y = target.y;
      frame.medoids = setting.stats.map((each) => each.medoid);
      frame.texts = setting.stats.map(({ label }, cluster) =>
        label === null ? String(cluster) : short(model.labelName(label))
      );
      frame.styles = looks.dress(frame.code, model, setting, state.color, mask);
      focus += 1;
      progress = moves ? 0 : 1;
      all({ ...driven(state), focus });
      charts[0].view.signal("glide", progress);
      draw();
      return moves ? slide() : Promise.resolve();
    }

    function slide() {
      return new Promise(function (resolve) {
        const began = performance.now();
        function tick(now) {
          const t = Math.min(1, Math.max(0, (now - began) / GLIDE));
          progress = t === 1 ? 1 : 1 - (1 - t) ** 3;
          charts[0].view.signal("glide", progress).run();
          charts[0].layer.draw(progress);
          if (t < 1) gliding = window.requestAnimationFrame(tick);
          else resolve();
        }
        gliding = window.requestAnimationFrame(tick);
      });
    }

    /* Only what is in focus has changed. */
    function mark(state, setting, mask) {
      frame.styles = looks.dress(frame.code, model, setting, state.color, mask);
      focus += 1;
      all({ focus });
      draw();
    }

    /* Lines on the map from the pinned sample to others; those not `kept` are dashed. */
    function link(samples, kept) {
      if (samples.length === 0 && frame.links.length === 0) return;
      frame.links = samples;
      frame.kept = kept;
      linked += 1;
      charts.find((chart) => chart.name === "map").view.signal("linked", linked).run();
    }

    function ring(values) {
      all(values);
      run();
    }

    function resize() {
      for (const chart of charts) {
        const side = chart.element.clientWidth;
        if (!side) continue;
        const edge = chart.name === "pca" && (plane.name || model.study.flat) === model.study.flat
          ? { left: 54, bottom: 44, right: 2, top: 4 }
          : { left: 0, bottom: 0, right: 0, top: 0 };
        const plot = Math.max(60, side - edge.left - edge.right);
        chart.view.padding(edge).width(plot).height(plot).signal("dot", dot(plot, n));
        chart.view.resize().run();
        chart.measure();
        chart.layer.resize();
        chart.layer.draw(progress);
      }
    }

    function paint() {
      all(theme());
      focus += 1;
      all({ focus });
      for (const { layer } of charts) layer.paint();
      draw();
    }

    const byName = (name) => charts.find((each) => each.name === name);

    /* A view of the map as it is now, off the page and with every point as a mark, to be exported and finalized; null
       where those are too many. */
    async function still(name) {
      if (n > MOST_MARKS) return null;
      const live = byName(name).view;
      const { own, named: calls, drop } = named(
        { [name]: withMarks(specs[name], n) },
        functions,
      ); /* The page's may go meanwhile. */
      const { view } = await window.vegaEmbed(document.createElement("div"), own[name], options(calls));
      const { finalize } = view;
      view.finalize = function () {
        drop();
        return finalize.call(view);
      };
      const { signals } = live.getState({ signals: (signal) => SHOWN.includes(signal), data: () => false });
      setSignals(view, signals);
      return view.padding(live.padding()).width(live.width()).height(live.height()).resize();
    }

    /* Left for good: nothing of it stays behind. */
    function finalize() {
      window.cancelAnimationFrame(gliding);
      for (const chart of charts) {
        chart.unwatch();
        chart.layer.remove();
        chart.view.finalize();
      }
      vega.drop();
    }

    return {
      show,
      stand,
      beside: () => plane && plane.name,
      mark,
      link,
      resize,
      paint,
      still,
      finalize,
      locate: (name, sample) => byName(name).locate(sample),
      hover: (sample) => ring({ hovered: sample === null ? -1 : sample }),
      pin: (sample) => ring({ pinned: sample === null ? -1 : sample }),
      nearest: (name, sample, key) => byName(name).neighbour(sample, key),
      /* What the first move of the pointer will need, while nothing else is to be done. */
      warm: () => charts.forEach((chart) => chart.warm()),
    };
  }

  /* Of a map that is not there yet: all points in one place. */
  const nowhere = (n) => ({ name: "", x: new Float32Array(n), y: new Float32Array(n) });

  /* Size of a dot in square pixels, on a plot so many pixels wide. */
  function dot(plot, n) {
    const size = Math.min(44, Math.max(12, plot / 17));
    return n <= DENSE ? size : Math.max(SMALLEST, (size * DENSE) / n);
  }

  /* Where the chart's scales put 0, and how long one unit is, in pixels; and where its plot begins. */
  function measured(view) {
    function line(name) {
      const pixel = view.scale(name);
      return [pixel(0), pixel(1) - pixel(0)];
    }
    const [left, top] = view.origin();
    return { x: line("x"), y: line("y"), left: left + view.padding().left, top: top + view.padding().top };
  }

  /* A label name that fits on a map. */
  function short(name) {
    const letters = Array.from(name); /* characters, so that none is cut in half */
    return letters.length > 14 ? `${letters.slice(0, 13).join("")}…` : name;
  }

  /* The explained-variance chart: its rows are in its spec. */
  async function variance(element, spec) {
    const view = await embed(element.querySelector(".canvas"), spec, {});
    function resize() {
      const wide = element.clientWidth;
      if (!wide) return;
      const edge = { left: 60, bottom: 42, right: 8, top: 12 };
      view.padding(edge).width(wide - edge.left - edge.right).height(Math.min(300, wide * 0.6) - edge.top - edge.bottom)
        .resize().run();
    }
    return { resize, paint: () => tint(view).run() };
  }

  window.clusterfolio.charts = { create, nowhere, variance, embed, fit, tint, view: (element) => views.get(element) };
})();
