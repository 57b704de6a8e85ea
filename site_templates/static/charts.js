/* The two maps: Vega views that read typed arrays, and the pointer on them. */
(function () {
  "use strict";

  const GLIDE = 260; // ms
  const NEAR = 14; // px from the pointer to a point
  const FADED = 0.09;
  const reduced = window.matchMedia("(prefers-reduced-motion: reduce)");

  function embed(element, spec, functions) {
    return window.vegaEmbed(element, spec, {
      mode: "vega", ast: true, actions: false, defaultStyle: false, renderer: "canvas", hover: false,
      tooltip: { disableDefaultStyle: true }, expressionFunctions: functions, logLevel: 1,
    }).then((result) => result.view);
  }

  function theme() {
    const style = getComputedStyle(document.documentElement);
    const colors = {};
    for (const name of ["ink", "paper", "faint", "accent"]) colors[name] = style.getPropertyValue(`--${name}`).trim();
    return colors;
  }

  function setSignals(view, values) {
    for (const [name, value] of Object.entries(values)) view.signal(name, value);
  }

  let sets = 0;

  /* Vega's expression functions are global: a second set of charts on a page has functions under names of its own. */
  function named(specs, functions) {
    const set = sets;
    sets += 1;
    if (set === 0) return { own: specs, named: functions };
    const calls = new RegExp(`\\b(${Object.keys(functions).join("|")})\\(`, "g");
    const rename = (spec) => JSON.parse(JSON.stringify(spec).replace(calls, `$1${set}(`));
    return {
      own: Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, rename(spec)])),
      named: Object.fromEntries(Object.entries(functions).map(([name, each]) => [`${name}${set}`, each])),
    };
  }

  /* `places` is {map, pca}: elements. `on` has hover(sample|null, chart), pick(sample|null) and
     box(samples|null, done). */
  async function create(places, specs, model, pca, on) {
    const n = model.n;
    const frame = {
      x: new Float32Array(n), y: new Float32Array(n), fromX: null, fromY: null,
      fill: new Array(n).fill("#888"), opacity: new Float32Array(n).fill(0.85), shape: new Array(n).fill("circle"),
      medoids: [], texts: [],
    };

    function between(to, from, sample, glide) {
      if (sample < 0) return 0;
      return glide === 1 || !from ? to[sample] : from[sample] + (to[sample] - from[sample]) * glide;
    }

    const functions = {
      mapX: (sample, perplexity, glide) => between(frame.x, frame.fromX, sample, glide),
      mapY: (sample, perplexity, glide) => between(frame.y, frame.fromY, sample, glide),
      pcaX: (sample) => (sample < 0 ? pca.x[0] : pca.x[sample]),
      pcaY: (sample) => (sample < 0 ? pca.y[0] : pca.y[sample]),
      pointFill: (sample) => frame.fill[sample],
      pointOpacity: (sample) => frame.opacity[sample],
      pointShape: (sample) => frame.shape[sample],
      clusterAt: (cluster) => (cluster < frame.medoids.length ? frame.medoids[cluster] : -1),
      clusterText: (cluster) => (cluster < frame.texts.length ? frame.texts[cluster] : ""),
    };

    const charts = [];
    const vega = named(specs, functions);
    for (const [name, element] of Object.entries(places)) {
      charts.push({ name, element, view: await embed(element.querySelector(".canvas"), vega.own[name], vega.named) });
    }
    /* Vega asks again only where a signal has changed; the first setting may be the one in the spec. */
    for (const { view } of charts) view.signal("perplexity", null).signal("k", null);

    const all = (values) => charts.forEach((chart) => setSignals(chart.view, values));
    const run = () => charts.forEach((chart) => chart.view.run());

    let focus = 0;
    let gliding = 0;
    let progress = 1;

    /* Where the points are now, to glide from there even when the last glide is not over. */
    function depart() {
      const fromX = frame.x.map((to, sample) => between(frame.x, frame.fromX, sample, progress));
      const fromY = frame.y.map((to, sample) => between(frame.y, frame.fromY, sample, progress));
      frame.fromX = fromX;
      frame.fromY = fromY;
    }

    /* Colours, opacities and shapes of all samples. `mask` is null or 1 for each sample in focus. */
    function dress(setting, color, mask) {
      const { palette } = model.study;
      const { fill, opacity, shape } = frame;
      const { clusters, colors, isWrong } = setting;
      for (let sample = 0; sample < n; sample += 1) {
        const wrong = isWrong[sample] === 1;
        if (color === "cluster") fill[sample] = colors[clusters[sample]];
        else if (color === "label") fill[sample] = palette.labels[model.labels[sample]];
        else fill[sample] = wrong ? palette.wrong : palette.right;
        shape[sample] = color === "right" && wrong ? "cross" : "circle";
        const base = color === "right" && !wrong ? 0.4 : 0.85;
        opacity[sample] = mask && !mask[sample] ? FADED : base;
      }
    }

    /* Shows a setting; resolves when the points have reached their places. */
    function show(state, setting, mask, glide) {
      window.cancelAnimationFrame(gliding);
      const target = model.embedding(state.perplexity);
      const moves = glide && !reduced.matches && frame.x !== target.x && frame.fromX !== null;
      if (moves) depart();
      else { frame.fromX = target.x; frame.fromY = target.y; }
      frame.x = target.x;
      frame.y = target.y;
      frame.medoids = setting.stats.map((each) => each.medoid);
      frame.texts = setting.dominant.map((label, cluster) => (label === null ? String(cluster) : short(model.labelName(label))));
      dress(setting, state.color, mask);
      focus += 1;
      progress = moves ? 0 : 1;
      all({ perplexity: state.perplexity, k: state.k, space: state.space, color: state.color, focus });
      charts[0].view.signal("glide", progress);
      run();
      return moves ? slide() : Promise.resolve();
    }

    function slide() {
      return new Promise(function (resolve) {
        const began = performance.now();
        function tick(now) {
          const t = Math.min(1, Math.max(0, (now - began) / GLIDE));
          progress = t === 1 ? 1 : 1 - (1 - t) ** 3;
          charts[0].view.signal("glide", progress).run();
          if (t < 1) gliding = window.requestAnimationFrame(tick);
          else resolve();
        }
        gliding = window.requestAnimationFrame(tick);
      });
    }

    /* Only what is in focus has changed. */
    function mark(state, setting, mask) {
      dress(setting, state.color, mask);
      focus += 1;
      all({ focus });
      run();
    }

    function ring(values) {
      all(values);
      run();
    }

    for (const chart of charts) watch(chart, frame, functions, on);

    function resize() {
      for (const chart of charts) {
        const side = chart.element.clientWidth;
        if (!side) continue;
        const edge = chart.name === "pca" ? { left: 46, bottom: 44, right: 2, top: 4 } : { left: 0, bottom: 0, right: 0, top: 0 };
        const plot = Math.max(60, side - edge.left - edge.right);
        chart.view.padding(edge).width(plot).height(plot).signal("dot", Math.min(44, Math.max(12, plot / 17)));
        chart.view.resize().run();
        chart.measure();
      }
    }

    function paint() {
      all(theme());
      focus += 1;
      all({ focus });
      run();
    }

    /* Where a sample is drawn, in pixels of its map's element. */
    function locate(name, sample) {
      const chart = charts.find((each) => each.name === name);
      return chart.locate(sample);
    }

    return {
      show, mark, resize, paint, locate,
      hover: (sample) => ring({ hovered: sample === null ? -1 : sample }),
      pin: (sample) => ring({ pinned: sample === null ? -1 : sample }),
      nearest: (name, sample, key) => charts.find((each) => each.name === name).neighbour(sample, key, n),
      unbox: () => charts.forEach((chart) => chart.unbox()),
    };
  }

  /* Pointer and box on one map. The box becomes a set of samples at once, so that it outlives the setting. */
  function watch(chart, frame, functions, on) {
    const { view, element } = chart;
    const canvas = element.querySelector("canvas");
    let scale = { x: [0, 1], y: [0, 1], left: 0, top: 0 };
    let press = null;
    let boxing = false;

    function line(name) {
      const pixel = view.scale(name);
      return [pixel(0), pixel(1) - pixel(0)];
    }

    function coordinates(sample) {
      if (chart.name === "pca") return [functions.pcaX(sample), functions.pcaY(sample)];
      return [frame.x[sample], frame.y[sample]];
    }

    chart.measure = function () {
      const [left, top] = view.origin();
      scale = { x: line("x"), y: line("y"), left: left + view.padding().left, top: top + view.padding().top };
    };

    chart.locate = function (sample) {
      const [x, y] = coordinates(sample);
      return [scale.left + scale.x[0] + x * scale.x[1], scale.top + scale.y[0] + y * scale.y[1]];
    };

    function nearest(x, y, within) {
      let best = null;
      let least = within * within;
      for (let sample = 0; sample < frame.x.length; sample += 1) {
        if (frame.opacity[sample] === FADED_STORED) continue;
        const [px, py] = chart.locate(sample);
        const distance = (px - x) ** 2 + (py - y) ** 2;
        if (distance < least) { least = distance; best = sample; }
      }
      return best;
    }

    /* The nearest sample in the direction of an arrow key, within a quarter turn. */
    chart.neighbour = function (sample, key, n) {
      const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
      const [x, y] = chart.locate(sample);
      let best = null;
      let least = Infinity;
      for (let other = 0; other < n; other += 1) {
        const [px, py] = chart.locate(other);
        const along = (px - x) * dx + (py - y) * dy;
        const aside = Math.abs((px - x) * dy) + Math.abs((py - y) * dx);
        if (along <= 0.01 || aside > along) continue;
        const distance = along * along + 3 * aside * aside;
        if (distance < least) { least = distance; best = other; }
      }
      return best;
    };

    chart.unbox = function () {
      view.signal("box_x", [0, 0]).signal("box_y", [0, 0]).run();
    };

    function inside(box) {
      const [left, right] = sorted(box.across);
      const [low, high] = sorted(box.up);
      const found = [];
      for (let sample = 0; sample < frame.x.length; sample += 1) {
        const [x, y] = coordinates(sample);
        if (x >= left && x <= right && y >= low && y <= high) found.push(sample);
      }
      return found;
    }

    function at(event) {
      const rect = canvas.getBoundingClientRect();
      return [event.clientX - rect.left, event.clientY - rect.top];
    }

    let pending = null;
    view.addSignalListener("box", function (name, box) {
      if (!press || !box || !box.across || !box.up) return;
      boxing = true;
      if (pending) return;
      pending = window.requestAnimationFrame(function () {
        pending = null;
        if (boxing) on.box(inside(view.signal("box")), false);
      });
    });

    canvas.addEventListener("pointerdown", function (event) {
      press = at(event);
      boxing = false;
    });

    canvas.addEventListener("pointermove", function (event) {
      if (press && boxing) return;
      const [x, y] = at(event);
      on.hover(nearest(x, y, NEAR), chart.name);
    });

    canvas.addEventListener("pointerleave", function () {
      on.hover(null, chart.name);
    });

    window.addEventListener("pointercancel", function () {
      if (!press) return;
      press = null;
      boxing = false;
      chart.unbox();
    });

    window.addEventListener("pointerup", function (event) {
      if (!press) return;
      const [x, y] = at(event);
      const moved = Math.hypot(x - press[0], y - press[1]) > 4;
      const box = view.signal("box");
      press = null;
      if (moved && boxing && box && box.across) on.box(inside(box), true);
      else if (!moved) on.pick(nearest(x, y, event.pointerType === "touch" ? 2 * NEAR : NEAR));
      boxing = false;
      chart.unbox();
    });
  }

  /* A label name that fits on a map. */
  function short(name) {
    const letters = Array.from(name); /* characters, so that none is cut in half */
    return letters.length > 14 ? `${letters.slice(0, 13).join("")}…` : name;
  }

  const FADED_STORED = Math.fround(FADED);

  function sorted(pair) {
    return pair[0] < pair[1] ? pair : [pair[1], pair[0]];
  }

  /* The explained-variance chart: its rows are in its spec. */
  async function variance(element, spec) {
    const view = await embed(element.querySelector(".canvas"), spec, {});
    function resize() {
      const wide = element.clientWidth;
      if (!wide) return;
      const edge = { left: 60, bottom: 42, right: 8, top: 12 };
      view.padding(edge).width(wide - edge.left - edge.right).height(Math.min(300, wide * 0.6) - edge.top - edge.bottom).resize().run();
    }
    function paint() {
      setSignals(view, theme());
      view.run();
    }
    return { resize, paint };
  }

  window.clusterfolio.charts = { create, variance };
})();
