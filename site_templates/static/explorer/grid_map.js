/* Heat maps over the grid, a cell each setting: what they show, and going there by mouse, finger and arrow keys. */
(function () {
  "use strict";

  const app = window.clusterfolio;
  const { choices } = app;
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  const EDGE = { left: 46, right: 8, top: 6, bottom: 44 }; // px around the cells

  /* An axis: that of a parameter, or, where there is none, the method or clusterer as the one place there is. */
  function along(study, name, values, entry) {
    if (!name) return { title: "", names: [entry.label], ticks: [0] };
    const { label, values: all, ticks } = study.parameters[name];
    const whole = values.length === all.length; /* Where there are few of them, each is named. */
    return { title: label.toLowerCase(), names: values.map(String), ticks: whole ? ticks : [...values.keys()] };
  }

  /* Vega shares expression functions between all charts of a page, so all heat maps are made here, by name. */
  function create(study) {
    const series = new Map();
    const cellsOf = (state) => app.grid.places(study, state);
    const functions = {
      gridFill: (name, cell) => (series.has(name) ? series.get(name).fills[cell] : "transparent"),
      gridBest: (name, cell) => series.has(name) && series.get(name).outlined.has(cell),
    };

    /* `on` has state(), go(patch), hover(cell or null) and broken(error). */
    async function add(name, element, on) {
      const view = await app.charts.embed(element.querySelector(".canvas"), study.charts.grid, functions);
      const canvas = element.querySelector("canvas");
      let shown = 0;
      let axes = ""; /* Which cells there are. */
      let current = -1;
      let broken = false;
      let hovered = null;
      let pressed = false;
      view.signal("series", name);

      function at(event) {
        const cells = cellsOf(on.state());
        const box = canvas.getBoundingClientRect();
        const across = (event.clientX - box.left - EDGE.left) / (box.width - EDGE.left - EDGE.right);
        const up = 1 - (event.clientY - box.top - EDGE.top) / (box.height - EDGE.top - EDGE.bottom);
        if (across < 0 || across >= 1 || up < 0 || up >= 1) return null;
        return cells.cellOf(Math.floor(across * cells.columns), Math.floor(up * cells.rows));
      }

      function hover(cell) {
        if (cell === hovered) return;
        hovered = cell;
        view.signal("hovered", cell === null ? -1 : cell).run();
        on.hover(cell);
      }

      canvas.addEventListener("pointerdown", function (event) {
        pressed = true;
        hover(at(event));
      });
      canvas.addEventListener("pointermove", (event) => hover(at(event)));
      canvas.addEventListener("pointerleave", () => hover(null));
      window.addEventListener("pointercancel", function () {
        pressed = false;
        hover(null);
      });
      /* Where the pointer is let go, so that a finger can look before it chooses. */
      canvas.addEventListener("pointerup", function (event) {
        const cell = pressed ? at(event) : null;
        pressed = false;
        if (event.pointerType === "touch") hover(null);
        const cells = cellsOf(on.state());
        if (cell !== null && cells.cell(on.state()) !== cell) on.go(cells.state(cell));
      });
      element.addEventListener("keydown", function (event) {
        const by = ARROWS[event.key];
        if (!by || event.altKey || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        const cells = cellsOf(on.state());
        const { column, row } = cells.at(cells.cell(on.state()));
        const [nextColumn, nextRow] = [column + by[0], row + by[1]];
        if (nextColumn < 0 || nextColumn >= cells.columns || nextRow < 0 || nextRow >= cells.rows) return;
        on.go(cells.state(cells.cellOf(nextColumn, nextRow)));
      });

      /* Vega draws after a run, and several runs in one task may leave a part undrawn: one after the other. One that
         failed holds up none after it: what may belong to another setting is blanked until a run shows everything anew.
         */
      let last = Promise.resolve();
      function run(prepare) {
        last = last.then(() => attempt(prepare)).catch(function (error) {
          blank(true);
          on.broken(error);
        });
        return last;
      }

      async function attempt(prepare) {
        prepare();
        if (broken) dress();
        await view.runAsync();
        blank(false);
      }

      function blank(yes) {
        broken = yes;
        element.querySelector(".canvas").classList.toggle("broken", yes);
      }

      /* The axes are those of the state's method and clusterer. */
      function turn(cells, state) {
        const [method, clusterer] = [choices.method(study, state), choices.clusterer(study, state)];
        if (cells.key === axes) return;
        axes = cells.key;
        const wide = along(study, cells.across, cells.wide, method);
        const tall = along(study, cells.up, cells.tall, clusterer);
        view.signal("across", wide.title).signal("columns", wide.names).signal("columnTicks", wide.ticks)
          .signal("up", tall.title).signal("rows", tall.names).signal("rowTicks", tall.ticks);
      }

      function dress() {
        shown += 1;
        view.signal("current", current, { force: true }).signal("shown", shown).resize();
      }

      return {
        /* Marks the cell of a state; with `fills`, colours of all cells, and a set of those `outlined`, dresses all
           anew. */
        show: (state, fills, outlined) =>
          run(function () {
            const cells = cellsOf(state);
            turn(cells, state);
            current = cells.cell(state);
            view.signal("current", current);
            if (!fills) return;
            series.set(name, { fills, outlined });
            dress();
          }),
        resize: () => run(() => app.charts.fit(view, element, EDGE)),
        paint: () => run(() => app.charts.tint(view)),
      };
    }

    return { add };
  }

  app.gridMap = { create };
})();
