/* The grid of all settings: what each measure gives where, and which settings are best where that may be asked. Pure.
   */
(function () {
  "use strict";

  /* The cells alone: a column each perplexity, a row each k, numbered with k varying fastest. */
  function places({ perplexity, k }) {
    const rows = k.length;
    const cellOf = (column, row) => column * rows + row;
    const at = (cell) => ({ column: Math.floor(cell / rows), row: cell % rows });
    return {
      columns: perplexity.length,
      rows,
      cellOf,
      at,
      state: (cell) => ({ perplexity: perplexity[at(cell).column], k: k[at(cell).row] }),
      cell: (now) => cellOf(perplexity.indexOf(now.perplexity), k.indexOf(now.k)),
    };
  }

  /* `data` is the chunk “grid”, `study` the study. */
  function create(data, study) {
    const { perplexity, k } = study.axes;
    const cells = places(study.axes);
    const { columns, rows, cellOf, at, state, cell } = cells;
    const known = new Map(data.metrics.map((each) => [each.name, each]));

    /* What a measure gives at a cell, unrounded, or null. */
    function value(name, space, where) {
      const metric = known.get(name);
      const { column, row } = at(where);
      if (study.metrics[name].of !== "setting") return metric.map[column];
      return space === "features" ? metric.features[row] : metric.map[where];
    }

    /* Along which axes values differ at all: K-Means on the features knows no perplexity, a map's measure no k. */
    function varies(name, space) {
      if (study.metrics[name].of !== "setting") return ["perplexity"];
      return space === "features" ? ["k"] : ["perplexity", "k"];
    }

    /* Along which of them the registry allows values to be ranked. */
    function ranked(name, space) {
      const { better, comparable_over: over } = study.metrics[name];
      return better ? varies(name, space).filter((axis) => (over || []).includes(axis)) : [];
    }

    /* Of some cells those with the best value; all of them on a tie. */
    function bestOf(name, space, cells) {
      const sign = study.metrics[name].better === "lower" ? -1 : 1;
      let found = [];
      let most = -Infinity;
      for (const each of cells) {
        const here = value(name, space, each);
        if (here === null || sign * here < most) continue;
        if (sign * here > most) found = [];
        most = sign * here;
        found.push(each);
      }
      return found;
    }

    const column = (number) => k.map((_, row) => cellOf(number, row));
    const row = (number) => perplexity.map((_, each) => cellOf(each, number));

    /* The cells to outline: best of all, or of each column, or of each row, as far as values may be ranked. */
    function best(name, space) {
      const along = ranked(name, space);
      const flat = !varies(name, space).includes("perplexity");
      if (along.length === 2 || (along.length === 1 && varies(name, space).length === 1 && !flat)) {
        return new Set(bestOf(name, space, Array.from({ length: columns * rows }, (_, each) => each)));
      }
      if (along[0] === "k") return new Set(perplexity.flatMap((_, each) => bestOf(name, space, column(each))));
      if (along[0] === "perplexity") return new Set(k.flatMap((_, each) => bestOf(name, space, row(each))));
      return new Set();
    }

    /* Where to go for the best of all, or along one axis from here: {perplexity, k}; the nearest to here on a tie. */
    function goal(name, space, now, axis) {
      const { column: c, row: r } = at(cell(now));
      const everywhere = Array.from({ length: columns * rows }, (_, each) => each);
      const cells = bestOf(name, space, axis === "k" ? column(c) : axis === "perplexity" ? row(r) : everywhere);
      if (!cells.length) return null;
      const distance = (each) => Math.abs(at(each).column - c) + Math.abs(at(each).row - r);
      return state(cells.reduce((near, each) => (distance(each) < distance(near) ? each : near)));
    }

    /* Values along an axis through here: numbers or null. */
    function along(name, space, now, axis) {
      const { column: c, row: r } = at(cell(now));
      return (axis === "k" ? column(c) : row(r)).map((each) => value(name, space, each));
    }

    return {
      cells,
      value,
      varies,
      ranked,
      best,
      goal,
      along,
      /* Ends of the colour scale of a measure in a space. */
      limits: (name, space) => known.get(name).scales[study.metrics[name].of === "setting" ? space : "map"],
      /* The smallest and largest value of a measure in a space, or null. */
      extent(name, space) {
        const metric = known.get(name);
        const values = (study.metrics[name].of === "setting" && space === "features" ? metric.features : metric.map)
          .filter((each) => each !== null);
        return values.length ? [Math.min(...values), Math.max(...values)] : null;
      },
    };
  }

  window.clusterfolio.grid = { create, places };
})();
