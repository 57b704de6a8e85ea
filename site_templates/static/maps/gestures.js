/* Pointer, box and arrow keys on one map. The box becomes a set of samples at once, so that it outlives the setting. */
(function () {
  "use strict";

  const { looks, spatial } = window.clusterfolio;
  const NEAR = 14; // px from the pointer to a point
  const STEP = 4; // px that a pointer may move between press and release of a click

  /* Adds to a chart {name, element, view, places(), scale()} what the page asks of it: locate, neighbour, unbox, warm
     and, when the chart is left for good, unwatch. `frame` has code (styles.js); `on` is that of charts.js. */
  function watch(chart, frame, on) {
    const { view, element } = chart;
    const canvas = element.querySelector(".canvas canvas");
    const watching = new AbortController();
    const onWindow = (type, heard) => window.addEventListener(type, heard, { signal: watching.signal });
    let press = null;
    let boxing = false;
    let index = null;
    let indexed = null;

    /* The points in buckets, made when first asked for after they have moved. */
    function buckets() {
      const { x, y } = chart.places();
      if (indexed !== x) {
        index = spatial.create(x, y);
        indexed = x;
      }
      return index;
    }

    /* Where a sample is drawn, in pixels of its map's element. */
    chart.locate = function (sample) {
      const { x, y } = chart.places();
      const scale = chart.scale();
      return [scale.left + scale.x[0] + x[sample] * scale.x[1], scale.top + scale.y[0] + y[sample] * scale.y[1]];
    };

    /* The sample in focus nearest to a pixel; one unit is as long across as up. */
    function nearest(px, py, within) {
      const scale = chart.scale();
      const x = (px - scale.left - scale.x[0]) / scale.x[1];
      const y = (py - scale.top - scale.y[0]) / scale.y[1];
      const found = buckets().nearest(
        x,
        y,
        within / Math.abs(scale.x[1]),
        (sample) => !looks.faded(frame.code[sample]),
      );
      return found < 0 ? null : found;
    }

    /* The nearest sample in the direction of an arrow key, within a quarter turn. */
    chart.neighbour = function (sample, key) {
      const { x, y } = chart.places();
      const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key];
      const least = 0.01 / Math.abs(chart.scale().x[1]);
      let best = null;
      let closest = Infinity;
      for (let other = 0; other < x.length; other += 1) {
        const across = x[other] - x[sample];
        const up = y[other] - y[sample];
        const along = across * dx + up * dy;
        const aside = Math.abs(across * dy) + Math.abs(up * dx);
        if (along <= least || aside > along) continue;
        const distance = along * along + 3 * aside * aside;
        if (distance < closest) {
          closest = distance;
          best = other;
        }
      }
      return best;
    };

    chart.unbox = function () {
      view.signal("box_x", [0, 0]).signal("box_y", [0, 0]).run();
    };

    chart.warm = buckets;

    chart.unwatch = function () {
      watching.abort();
      window.cancelAnimationFrame(pending);
    };

    function inside(box) {
      return buckets().inside(box.across[0], box.up[0], box.across[1], box.up[1]);
    }

    function at(event) {
      const rect = canvas.getBoundingClientRect();
      return [event.clientX - rect.left, event.clientY - rect.top];
    }

    let pending = null;
    view.addSignalListener("box", function (_name, box) {
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

    onWindow("pointercancel", function () {
      if (!press) return;
      press = null;
      boxing = false;
      chart.unbox();
    });

    onWindow("pointerup", function (event) {
      if (!press) return;
      const [x, y] = at(event);
      const moved = Math.hypot(x - press[0], y - press[1]) > STEP;
      const box = view.signal("box");
      press = null;
      if (moved && boxing && box && box.across) on.box(inside(box), true);
      else if (!moved) on.pick(nearest(x, y, event.pointerType === "touch" ? 2 * NEAR : NEAR));
      boxing = false;
      chart.unbox();
    });
  }

  window.clusterfolio.gestures = { watch };
})();
