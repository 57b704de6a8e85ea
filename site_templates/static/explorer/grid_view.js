/* The section of the grid: heat map, curves along both axes, and buttons to what is best. */
(function () {
  "use strict";

  const app = window.clusterfolio;
  const { dom } = app;
  const ELBOW = "inertia";

  /* `root` is the section, `maps` from gridmap.js; `on` has state(), go(patch), measure(name) and
     broken(error). */
  function create(root, model, maps, on) {
    const { study } = model;
    const at = (name) => root.querySelector(`[data-grid="${name}"]`);
    const select = at("metric");
    const readout = at("readout");
    let grid = null;
    let cells = null;
    let map = null; /* Made once, even where a curve fails and all is tried again: its keys would answer twice. */
    let views = null;
    let loading = null;
    let state = null;
    let hovered = null;
    let drawn = ""; /* Measure, space and theme of the colours on the heat map. */

    select.addEventListener("change", () => on.measure(select.value));

    /* Once, however often the setting changes meanwhile: a second map would answer each arrow key a second time. */
    function load() {
      if (!loading) {
        loading = prepare();
        loading.catch(() => {
          loading = null;
        }); /* The next setting tries again. */
      }
      return loading;
    }

    async function prepare() {
      grid = await model.chunk("grid", (content) => app.grid.create(content, study));
      const curves = { perplexity: [], k: [], elbow: [] };
      const functions = { lineValue: (series, each) => (curves[series] || [])[each] };
      const made = { curves };
      cells = grid.cells;
      map = map || await maps.add("grid", at("map"), {
        state: on.state,
        go: on.go,
        hover(cell) {
          hovered = cell;
          read();
        },
        broken: (error) => on.broken(new Error(`The heat map cannot be shown. ${error.message}`)),
      });
      made.map = map;
      for (const [name, spec] of [["perplexity", "over_perplexity"], ["k", "over_k"], ["elbow", "over_k"]]) {
        const place = at(name);
        if (!place) continue;
        made[name] = await app.charts.embed(place.querySelector(".canvas"), study.charts[spec], functions);
        made[name].signal("series", name);
      }
      views = made;
      paint();
      resize();
    }

    async function show(_setting, next) {
      state = next;
      if (!views) {
        try {
          await load();
        } catch (error) {
          dom.text(readout, `The grid cannot be shown. ${error.message}`);
          return;
        }
      }
      update();
    }

    function update() {
      const { metric, space } = state;
      if (select.value !== metric) select.value = metric;
      const key = `${metric} ${space} ${dark()}`;
      if (key !== drawn) {
        explain(metric, space);
        views.map.show(cells.cell(state), colors(metric, space), grid.best(metric, space));
        drawn = key;
      } else {
        views.map.show(cells.cell(state));
      }
      curve("perplexity", metric, "perplexity");
      curve("k", metric, "k");
      if (views.elbow) curve("elbow", ELBOW, "k");
      read();
      offer();
    }

    /* Where the reader is now, before all else is drawn: the mark on the heat map and what its cell holds. */
    function here(next) {
      if (!views || !state || next.metric !== state.metric || next.space !== state.space) return;
      state = next;
      views.map.show(cells.cell(state));
      read();
    }

    /* The colour of every cell, and the scale beside them. */
    function colors(metric, space) {
      const ramp = study.palette.ramp[dark() ? "dark" : "light"];
      const [low, high] = grid.limits(metric, space);
      const fills = Array.from({ length: cells.columns * cells.rows }, function (_, cell) {
        const value = grid.value(metric, space, cell);
        if (value === null) return "transparent";
        return ramp[Math.round(Math.min(1, Math.max(0, (value - low) / (high - low))) * (ramp.length - 1))];
      });
      at("ramp").style.backgroundImage = `linear-gradient(to right, ${ramp.join(", ")})`;
      dom.text(at("low"), written(metric, low));
      dom.text(at("high"), written(metric, high));
      const extent = grid.extent(metric, space) || [low, high];
      const share = (value) => `${100 * Math.min(1, Math.max(0, (value - low) / (high - low)))}%`;
      at("extent").style.left = share(extent[0]);
      at("extent").style.width = `calc(${share(extent[1])} - ${share(extent[0])})`;
      at("extent").title = `Values here: ${written(metric, extent[0])} to ${written(metric, extent[1])}`;
      return fills;
    }

    /* The curve of a measure along an axis through the current setting. */
    function curve(name, metric, axis) {
      const view = views[name];
      const { space } = state;
      views.curves[name] = replaceValues(views.curves[name], grid.along(metric, space, state, axis));
      const [low, high] = grid.extent(metric, space) || [0, 1];
      const room = (high - low || Math.abs(high) || 1) * 0.06;
      const values = views.curves[name];
      const sign = study.metrics[metric].better === "lower" ? -1 : 1;
      const most = Math.max(...values.filter((each) => each !== null).map((each) => sign * each));
      const best = grid.ranked(metric, space).includes(axis)
        ? values.flatMap((each, place) => (each !== null && sign * each === most ? [place] : []))
        : [];
      view.signal("shown", view.signal("shown") + 1).signal("low", low - room).signal("high", high + room)
        .signal("current", study.axes[axis].indexOf(state[axis])).signal("best", best).run();
      const label = `${study.metrics[metric].label} over ${
        axis === "k" ? `k at perplexity ${state.perplexity}` : `perplexity at k ${state.k}`
      }`;
      dom.text(at(`${name}-title`), label);
    }

    function replaceValues(old, values) {
      old.length = 0;
      old.push(...values);
      return old;
    }

    function written(metric, value) {
      return dom.fixed(value, study.metrics[metric].decimals ?? 3);
    }

    /* What the cell under the pointer, or the current one, holds. */
    function read() {
      const cell = hovered === null ? cells.cell(state) : hovered;
      const place = cells.state(cell);
      const value = grid.value(state.metric, state.space, cell);
      const { label } = study.metrics[state.metric];
      dom.text(
        readout,
        `Perplexity ${place.perplexity}, k ${place.k}: ${
          value === null ? "not computed" : `${label} ${written(state.metric, value)}`
        }`,
      );
      readout.dataset.grid = "readout";
      readout.dataset.cell = String(cell);
      readout.dataset.read = value === null ? "" : String(value);
    }

    /* In words: what may be ranked, and so what is outlined. */
    function explain(metric, space) {
      const ranked = grid.ranked(metric, space);
      const varies = grid.varies(metric, space);
      const { better, label } = study.metrics[metric];
      const notes = [];
      if (!varies.includes("k")) notes.push("It belongs to the map alone, so it is the same for every k.");
      if (!varies.includes("perplexity")) {
        notes.push("K-Means ran on the features, so it is the same at every perplexity.");
      }
      if (!better) notes.push(`${label} ranks nothing, so nothing is outlined.`);
      else if (ranked.length === 2) notes.push("It compares over the whole grid: the best of all is outlined.");
      else if (!ranked.length) notes.push("It compares along neither axis, so nothing is outlined.");
      else if (ranked[0] === "k") {
        notes.push(
          varies.length === 1
            ? "It compares over k: the best k is outlined."
            : "It compares over k only: the best k of each perplexity is outlined.",
        );
      } else {notes.push(
          varies.length === 1
            ? "It compares over perplexities: the best is outlined."
            : "It compares over perplexities only: the best perplexity for each k is outlined.",
        );}
      dom.text(at("reading"), notes.join(" "));
      at("map").setAttribute("aria-label", `${label} at every perplexity and k. Arrow keys go to the next setting.`);
    }

    /* Buttons to what is best, where best may be asked. */
    function offer() {
      const { metric, space } = state;
      const ranked = grid.ranked(metric, space);
      const wanted = { all: ranked.length === 2, k: ranked.includes("k"), perplexity: ranked.includes("perplexity") };
      for (const [axis, possible] of Object.entries(wanted)) {
        const button = at(`best-${axis}`);
        const goal = possible ? grid.goal(metric, space, state, axis) : null;
        button.hidden = goal === null;
        if (goal === null) continue;
        const value = written(metric, grid.value(metric, space, cells.cell(goal)));
        const words = {
          all: `Best of all: perplexity ${goal.perplexity}, k ${goal.k}`,
          k: `Best k here: ${goal.k}`,
          perplexity: `Best perplexity here: ${goal.perplexity}`,
        };
        dom.text(button, `${words[axis]} (${value})`);
        dom.pressed(button, goal.perplexity === state.perplexity && goal.k === state.k);
      }
    }

    for (const axis of ["all", "k", "perplexity"]) {
      at(`best-${axis}`).addEventListener("click", function () {
        const goal = grid.goal(state.metric, state.space, state, axis);
        if (goal) on.go(goal);
      });
    }

    /* ---- size and theme ---- */

    function dark() {
      return getComputedStyle(document.documentElement).colorScheme === "dark";
    }

    function resize() {
      if (!views) return;
      views.map.resize();
      for (const name of ["perplexity", "k", "elbow"]) {
        if (views[name]) app.charts.fit(views[name], at(name), { left: 46, right: 8, top: 8, bottom: 42 }).run();
      }
    }

    function paint() {
      if (!views) return;
      views.map.paint();
      for (const name of ["perplexity", "k", "elbow"]) if (views[name]) app.charts.tint(views[name]).run();
      if (state) update();
    }

    return {
      show,
      here,
      mark: (next) => {
        if (state && next.metric !== state.metric && views) {
          state = next;
          update();
        }
      },
      resize,
      paint,
    };
  }

  app.gridview = { create };
})();
