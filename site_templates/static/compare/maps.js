/* The two maps of a comparison: one chart a side, made anew only where a side turns to another study; the one before is
   finalized. */
(function () {
  "use strict";

  const app = window.clusterfolio;
  const { SIDES } = app.compareState;

  /* `on` as for charts.create: hover(sample, side), pick(sample), box(samples, done). */
  function create(on) {
    const places = Object.fromEntries(SIDES.map((side) => [side, document.querySelector(`#map-${side}`)]));
    const making = {}; /* {model, ready} of each side: a promise of its chart, */
    const sides = {}; /* and, once made, {chart, shown}: what it shows. */

    /* The chart of a side for a study, made once; one after the other, where a side turns quickly to and fro. One that
       could not be made is made again when it is next asked for. */
    function chart(side, model) {
      const before = making[side];
      if (before && before.model === model) return before.ready;
      const ready = (before ? before.ready.catch(() => {}) : Promise.resolve()).then(() => make(side, model));
      const mine = { model, ready };
      making[side] = mine;
      ready.catch(() => {
        if (making[side] === mine) delete making[side];
      });
      return ready;
    }

    async function make(side, model) {
      const place = places[side];
      if (sides[side]) sides[side].chart.finalize();
      delete sides[side];
      place.querySelector(".canvas").replaceChildren();
      const made = await app.charts.create({ [side]: place }, { [side]: model.study.charts.map }, model, null, on);
      sides[side] = { chart: made, shown: null };
      made.paint();
      made.resize();
      return made;
    }

    const each = (action) =>
      SIDES.forEach((side) => {
        if (sides[side]) action(sides[side].chart, side);
      });
    let pinned = null;

    /* Shows both sides; resolves when the points have reached their places. */
    async function show(pair, state, mask, glide) {
      await Promise.all(SIDES.map(async function (side) {
        const { at, map, setting, model } = pair[side];
        const made = await chart(side, model);
        const last = sides[side].shown;
        const next = { setting, map, color: state.color, mask };
        if (last && last.setting === setting && last.map === map && last.color === state.color) {
          sides[side].shown = next;
          if (last.mask !== mask) made.mark({ color: state.color }, setting, mask);
          return; /* A step on one side leaves the other as it is. */
        }
        sides[side].shown = null; /* Nothing whole, until it is drawn. */
        const settled = made.show(Object.assign({ color: state.color }, at), setting, mask, glide);
        sides[side].shown = next;
        made.pin(pinned);
        await settled;
      }));
    }

    function mark(pair, state, mask) {
      each(function (made, side) {
        if (sides[side].shown) sides[side].shown.mask = mask;
        made.mark({ color: state.color }, pair[side].setting, mask);
      });
    }

    function observe() {
      let width = 0;
      new ResizeObserver(function () {
        const wide = SIDES.reduce((sum, side) => sum + places[side].clientWidth, 0);
        if (wide === width) return;
        width = wide;
        each((made) => made.resize());
      }).observe(document.querySelector("#maps"));
    }

    return {
      show,
      mark,
      observe,
      place: (side) => places[side],
      locate: (side, sample) => sides[side].chart.locate(side, sample),
      nearest: (side, sample, key) => (sides[side] ? sides[side].chart.nearest(side, sample, key) : null),
      hover: (sample) => each((made) => made.hover(sample)),
      still: async (side) => (sides[side] ? sides[side].chart.still(side) : null),
      pin: function (sample) {
        pinned = sample;
        each((made) => made.pin(sample));
      },
      paint: () => each((made) => made.paint()),
    };
  }

  app.compareMaps = { create };
})();
