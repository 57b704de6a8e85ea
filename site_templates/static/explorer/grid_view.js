/* The section of the grid: heat map, curves along both axes, and buttons to what is best. */
(function () {
  "use strict";

  const app = window.clusterfolio;
  const { choices, dom } = app;
  const ELBOW = "inertia";
  const SHARE = "clustered"; /* The measure that stands beside every other of a clusterer with noise. */
  const CURVES = ["across", "up", "elbow"];

  /* `root` is the section, `maps` from gridmap.js; `on` has state(), go(patch), measure(name) and
     broken(error). */
  function create(root, model, maps, on) {
    const { study } = model;
    const told = (there) => choices.opened(study, there, choices.setting(study, there));
    const at = (name) => root.querySelector(`[data-grid="${name}"]`);
    const select = at("metric");
    const readout = at("readout");
    const curves = Object.fromEntries(CURVES.map((name) => [name, []])); /* Values by curve. */
    const along = {}; /* The parameter along each curve with its values, as its axis was last set. */
    let held = null; /* {name, known}: the measures of a method and a clusterer. */
    let grid = null; /* Made of them for a state, */
    let cells = null; /* whose cells are for one like it. */
    let map = null; /* Made once, even where a curve fails and all is tried again: its keys would answer twice. */
    let views = null;
    let making = null;
    let state = null;
    let hovered = null;
    let drawn = ""; /* Measure, space, cells and theme of the colours on the heat map. */

    select.addEventListener("change", () => on.measure(select.value));

    /* Once, however often the setting changes meanwhile: a second map would answer each arrow key a second time. */
    function charts() {
      if (!making) {
        making = prepare();
        making.catch(() => {
          making = null;
        }); /* The next setting tries again. */
      }
      return making;
    }

    async function prepare() {
      const functions = { lineValue: (series, each) => (curves[series] || [])[each] };
      map = map || await maps.add("grid", at("map"), {
        state: on.state,
        go: on.go,
        hover(cell) {
          hovered = cell;
          if (state && cells) read();
        },
        broken: (error) => on.broken(new Error(`The heat map cannot be shown. ${error.message}`)),
      });
      const made = { map };
      for (const name of CURVES) {
        const place = at(name);
        if (!place) continue;
        made[name] = await app.charts.embed(place.querySelector(".canvas"), study.charts.curve, functions);
        made[name].signal("series", name);
      }
      views = made;
    }

    /* The measures of a state's method and clusterer, and the charts for them. */
    async function load(next) {
      const name = choices.pair(study, next).grid;
      const known = await model.chunk(name, app.grid.read);
      const first = !views;
      await charts();
      held = { name, known };
      grid = null;
      if (first) {
        paint();
        resize();
      }
    }

    const isHeld = (next) => held !== null && held.name === choices.pair(study, next).grid;

    /* What is held, arranged for a state. */
    function arrange() {
      const wanted = app.grid.places(study, state);
      if (grid && cells.key === wanted.key) return;
      grid = app.grid.create(held.known, study, state);
      cells = grid.cells;
    }

    async function show(_setting, next) {
      state = next;
      if (!views || !isHeld(next)) {
        try {
          await load(next);
        } catch (error) {
          dom.text(readout, `The grid cannot be shown. ${error.message}`);
          return;
        }
        if (!isHeld(state)) return; /* Another method has been chosen meanwhile. */
      }
      update();
    }

    function update() {
      arrange();
      const { metric, space } = state;
      if (select.value !== metric) select.value = metric;
      const key = `${metric} ${space} ${cells.key} ${dark()}`;
      if (key !== drawn) {
        explain(metric, space);
        views.map.show(state, colors(metric, space), grid.best(metric, space));
        drawn = key;
      } else {
        views.map.show(state);
      }
      curve("across", metric, "across");
      curve("up", metric, "up");
      const { count } = choices.clusterer(study, state);
      if (views.elbow) curve("elbow", ELBOW, count === cells.up ? "up" : null);
      read();
      offer();
    }

    /* Where the reader is now, before all else is drawn: the mark on the heat map and what its cell holds. */
    function here(next) {
      if (!views || !grid || !state || next.metric !== state.metric || next.space !== state.space) return;
      if (!isHeld(next) || app.grid.places(study, next).key !== cells.key) return;
      state = next;
      views.map.show(state);
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

    /* The curve of a measure along an axis through the current setting; none where there is no such axis. */
    function curve(name, metric, axis) {
      const view = views[name];
      const { space } = state;
      const parameter = axis === null ? undefined : cells[axis];
      for (
        const part of root.querySelectorAll(`[data-grid="${name}-title"], [data-grid="${name}"], [data-of="${name}"]`)
      ) {
        part.hidden = parameter === undefined;
      }
      if (parameter === undefined) return;
      curves[name] = replaceValues(curves[name], grid.along(metric, space, state, axis));
      const [low, high] = grid.extent(metric, space) || [0, 1];
      const room = (high - low || Math.abs(high) || 1) * 0.06;
      const found = curves[name];
      const sign = study.metrics[metric].better === "lower" ? -1 : 1;
      const most = Math.max(...found.filter((each) => each !== null).map((each) => sign * each));
      const best = grid.ranked(metric, space).includes(axis)
        ? found.flatMap((each, place) => (each !== null && sign * each === most ? [place] : []))
        : [];
      const { label } = study.parameters[parameter];
      const values = axis === "up" ? cells.tall : cells.wide;
      const key = `${parameter} ${values}`;
      if (along[name] !== key) {
        along[name] = key;
        const [from, to] = [values[0], values[values.length - 1]];
        const apart = from === to ? 1 : 0;
        view.signal("along", label.toLowerCase()).signal("places", values).signal("first", from - apart)
          .signal("last", to + apart);
      }
      view.signal("shown", view.signal("shown") + 1).signal("low", low - room).signal("high", high + room)
        .signal("current", values.indexOf(state[parameter])).signal("best", best).run();
      const others = choices.parameters(study, state).filter((each) => each !== parameter);
      const where = others.length ? ` at ${choices.values(study, others, state)}` : "";
      dom.text(at(`${name}-title`), `${study.metrics[metric].label} over ${choices.word(study, parameter)}${where}`);
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
      const value = grid.value(state.metric, state.space, cell);
      const { label, of: subject, undefined: lacking } = study.metrics[state.metric];
      const share = subject === "setting" && choices.clusterer(study, state).noise && state.metric !== SHARE
        ? grid.value(SHARE, state.space, cell)
        : null;
      const words = value === null ? lacking || "not computed" : `${label} ${written(state.metric, value)}`;
      const of = share === null || share === 1 ? "" : `, ${dom.part(share)} clustered`;
      dom.text(readout, `${told({ ...state, ...cells.state(cell) })}: ${words}${of}`);
      readout.dataset.grid = "readout";
      readout.dataset.cell = String(cell);
      readout.dataset.read = value === null ? "" : String(value);
    }

    /* In words: what may be ranked, and so what is outlined. */
    function explain(metric, space) {
      const ranked = grid.ranked(metric, space);
      const varies = grid.varies(metric, space);
      const { better, label } = study.metrics[metric];
      const axes = ["across", "up"].filter((axis) => cells[axis]);
      const [across, up] = ["across", "up"].map((axis) => cells[axis] ? choices.word(study, cells[axis]) : "");
      const notes = cells.others.length ? [`All at ${choices.values(study, cells.others, state)}.`] : [];
      if (up && !varies.includes("up")) notes.push(`It belongs to the map alone, so it is the same for every ${up}.`);
      if (across && !varies.includes("across")) {
        const { label: clusterer } = choices.clusterer(study, state);
        notes.push(`${clusterer} ran on the features, so it is the same at every ${across}.`);
      }
      const { noise, label: by } = choices.clusterer(study, state);
      if (!better) notes.push(`${label} ranks nothing, so nothing is outlined.`);
      else if (noise && !study.metrics[metric].ranks_noise && study.metrics[metric].of === "setting") {
        notes.push(
          `${by} leaves noise out, and the more it leaves out the better ${label} looks: nothing is outlined.`,
        );
      } else if (ranked.length === 2) notes.push("Its values compare over the whole grid: the best is outlined.");
      else if (!ranked.length) notes.push("Its values compare along neither axis, so nothing is outlined.");
      else if (ranked[0] === "up") {
        notes.push(
          varies.length === 1
            ? `Its values compare over ${up}: the best ${up} is outlined.`
            : `Its values compare over ${up} only: the best ${up} of each ${across} is outlined.`,
        );
      } else {notes.push(
          varies.length === 1
            ? `Its values compare over ${plural(across)}: the best is outlined.`
            : `Its values compare over ${plural(across)} only: the best ${across} for each ${up} is outlined.`,
        );}
      dom.text(at("reading"), notes.join(" "));
      const every = axes.length
        ? ` at every ${axes.map((axis) => choices.word(study, cells[axis])).join(" and ")}`
        : "";
      at("map").setAttribute("aria-label", `${label}${every}. Arrow keys go to the next setting.`);
    }

    function plural(name) {
      return name.endsWith("y") ? `${name.slice(0, -1)}ies` : name.endsWith("s") ? name : `${name}s`;
    }

    /* Buttons to what is best, where best may be asked. */
    function offer() {
      const { metric, space } = state;
      const ranked = grid.ranked(metric, space);
      const wanted = { all: ranked.length === 2, up: ranked.includes("up"), across: ranked.includes("across") };
      for (const [axis, possible] of Object.entries(wanted)) {
        const button = at(`best-${axis}`);
        const goal = possible ? grid.goal(metric, space, state, axis) : null;
        button.hidden = goal === null;
        if (goal === null) continue;
        const value = written(metric, grid.value(metric, space, cells.cell({ ...state, ...goal })));
        const words = axis === "all"
          ? `Best of all: ${choices.values(study, Object.keys(goal), goal)}`
          : `Best ${choices.word(study, cells[axis])} here: ${goal[cells[axis]]}`;
        dom.text(button, `${words} (${value})`);
        dom.pressed(button, Object.keys(goal).every((name) => goal[name] === state[name]));
      }
    }

    for (const axis of ["all", "up", "across"]) {
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
      for (const name of CURVES) {
        if (views[name]) app.charts.fit(views[name], at(name), { left: 46, right: 8, top: 8, bottom: 42 }).run();
      }
    }

    function paint() {
      if (!views) return;
      views.map.paint();
      for (const name of CURVES) if (views[name]) app.charts.tint(views[name]).run();
      if (state && isHeld(state)) update();
    }

    return {
      show,
      here,
      mark: (next) => {
        if (state && next.metric !== state.metric && views && isHeld(next)) {
          state = next;
          update();
        }
      },
      resize,
      paint,
    };
  }

  app.gridView = { create };
})();
