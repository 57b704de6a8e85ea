/* The grid of all settings of a method and a clusterer: what each measure gives where, and which settings are best
   where that may be asked. Pure. */
(function () {
  "use strict";

  const { choices } = window.clusterfolio;

  /* A role of the registry for each axis: by it values may be ranked along the axis, or not. */
  const ROLES = { across: "method", up: "k" };

  /* Where a combination of values stands in lists over all of them, the last one's varying fastest. */
  function offset(study, names, at) {
    return names.reduce(function (sum, name) {
      const { values } = study.parameters[name];
      return sum * values.length + values.indexOf(at[name]);
    }, 0);
  }

  const size = (study, names) => names.reduce((product, name) => product * study.parameters[name].values.length, 1);

  /* The cells alone, for a state: a column each value of the method's first parameter, a row each of the clusterer's,
     numbered with rows varying fastest; all other parameters as the state has them. `across` and `up` are the names of
     these parameters, undefined where there is none, and one column or row. */
  function places(study, now) {
    const [method, clusterer] = [choices.method(study, now), choices.clusterer(study, now)];
    const [[across, ...others], [up, ...rest]] = [method.parameters, clusterer.parameters];
    const [wide, tall] = [across, up].map((name) => (name ? choices.offered(study, now, name) : [null]));
    const rows = tall.length;
    const cellOf = (column, row) => column * rows + row;
    const at = (cell) => ({ column: Math.floor(cell / rows), row: cell % rows });
    const of = (name, value) => (name ? { [name]: value } : {});
    const place = (name, values, state) => (name ? values.indexOf(state[name]) : 0);
    return {
      across,
      up,
      columns: wide.length,
      rows,
      cellOf,
      at,
      /* What of a state these cells are for, and which they are: others need others. */
      key: JSON.stringify([
        now.representation,
        method.name,
        clusterer.name,
        ...wide,
        ...[...others, ...rest].map((name) => now[name]),
      ]),
      others: [...others, ...rest],
      wide,
      tall,
      state: (cell) => ({ ...of(across, wide[at(cell).column]), ...of(up, tall[at(cell).row]) }),
      cell: (state) => cellOf(place(across, wide, state), place(up, tall, state)),
      /* Where columns and rows stand in lists over all maps, and over all ways to cluster one. */
      maps: wide.map((value) => offset(study, method.parameters, { ...now, ...of(across, value) })),
      clusterings: tall.map((value) => offset(study, clusterer.parameters, { ...now, ...of(up, value) })),
      mapCount: size(study, method.parameters),
      clusteringCount: size(study, clusterer.parameters),
    };
  }

  /* The content of a chunk of measures, by name. */
  function read(content) {
    return new Map(content.metrics.map((each) => [each.name, each]));
  }

  /* `known` is what was read, `study` the study, `now` a state: of its method and clusterer. */
  function create(known, study, now) {
    const cells = places(study, now);
    const { columns, rows, cellOf, at, state, cell, maps, clusterings, clusteringCount } = cells;
    const ofMap = (name) => study.metrics[name].of !== "setting";
    const everywhere = Array.from({ length: columns * rows }, (_, each) => each);

    /* What a measure gives at a cell, unrounded, or null. */
    function value(name, space, where) {
      const metric = known.get(name);
      const { column, row } = at(where);
      if (ofMap(name)) return metric.map[maps[column]];
      if (space === "features") return metric.features[clusterings[row]];
      return metric.map[maps[column] * clusteringCount + clusterings[row]];
    }

    /* Along which axes values differ at all: clusters of the features know no map, a map's measure no clusters. */
    function varies(name, space) {
      const possible = ofMap(name) ? ["across"] : space === "features" ? ["up"] : ["across", "up"];
      return possible.filter((axis) => cells[axis]);
    }

    /* Along which of them the registry allows values to be ranked. */
    function ranked(name, space) {
      const metric = study.metrics[name];
      const noise = !ofMap(name) && choices.clusterer(study, now).noise ? ["noise"] : [];
      return metric.better
        ? varies(name, space).filter((axis) => choices.comparable(metric, [ROLES[axis], ...noise]))
        : [];
    }

    /* Of some cells those with the best value; all of them on a tie. */
    function bestOf(name, space, some) {
      const sign = study.metrics[name].better === "lower" ? -1 : 1;
      let found = [];
      let most = -Infinity;
      for (const each of some) {
        const here = value(name, space, each);
        if (here === null || sign * here < most) continue;
        if (sign * here > most) found = [];
        most = sign * here;
        found.push(each);
      }
      return found;
    }

    const column = (number) => clusterings.map((_, row) => cellOf(number, row));
    const row = (number) => maps.map((_, each) => cellOf(each, number));

    /* The cells to outline: best of all, or of each column, or of each row, as far as values may be ranked. */
    function best(name, space) {
      const along = ranked(name, space);
      const flat = !varies(name, space).includes("across");
      if (along.length === 2 || (along.length === 1 && varies(name, space).length === 1 && !flat)) {
        return new Set(bestOf(name, space, everywhere));
      }
      if (along[0] === "up") return new Set(maps.flatMap((_, each) => bestOf(name, space, column(each))));
      if (along[0] === "across") return new Set(clusterings.flatMap((_, each) => bestOf(name, space, row(each))));
      return new Set();
    }

    const line = (axis, { column: c, row: r }) => (axis === "up" ? column(c) : axis === "across" ? row(r) : everywhere);

    /* Where to go for the best of all, or along one axis from here: a part of a state; the nearest to here on a tie. */
    function goal(name, space, here, axis) {
      const from = at(cell(here));
      const found = bestOf(name, space, line(axis, from));
      if (!found.length) return null;
      const distance = (each) => Math.abs(at(each).column - from.column) + Math.abs(at(each).row - from.row);
      return state(found.reduce((near, each) => (distance(each) < distance(near) ? each : near)));
    }

    /* Values along an axis through here: numbers or null. */
    function along(name, space, here, axis) {
      return line(axis, at(cell(here))).map((each) => value(name, space, each));
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
      limits: (name, space) => known.get(name).scales[ofMap(name) ? "map" : space],
      /* The smallest and largest value of a measure in a space, or null. */
      extent(name, space) {
        const metric = known.get(name);
        const values = (!ofMap(name) && space === "features" ? metric.features : metric.map)
          .filter((each) => each !== null);
        return values.length ? [Math.min(...values), Math.max(...values)] : null;
      },
    };
  }

  window.clusterfolio.grid = { create, places, read };
})();
