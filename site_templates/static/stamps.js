/* Small pictures of Vega's own symbols, at sixteen places within a pixel, as lists of covered pixels. */
(function () {
  "use strict";

  const PHASES = 4; // places across, and as many up: a symbol stands within an eighth of a pixel of where it belongs

  const known = new Map();

  /* Coverage of a symbol of `size` (square pixels of the page, as Vega counts) on a screen of `ratio` pixels each:
     {reach, pixels}; pixels[phase] is {dx, dy, cover} with cover in 0 … 1. The nearest pixel's middle is 0, 0. */
  function stamp(shape, size, ratio) {
    const key = `${shape} ${size} ${ratio}`;
    if (!known.has(key)) {
      if (known.size > 60) known.clear(); /* A window that is being resized asks for many sizes. */
      known.set(key, make(shape, size, ratio));
    }
    return known.get(key);
  }

  function make(shape, size, ratio) {
    const reach = Math.ceil((Math.sqrt(size) / 2) * ratio * 1.5) + 1; /* No symbol of Vega's is wider than that. */
    const side = 2 * reach + 1;
    const canvas = document.createElement("canvas");
    canvas.width = side * PHASES;
    canvas.height = side * PHASES;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const symbol = window.vega.pathSymbols(shape);
    for (let row = 0; row < PHASES; row += 1) {
      for (let column = 0; column < PHASES; column += 1) {
        context.setTransform(ratio, 0, 0, ratio, column * side + reach + (column + 0.5) / PHASES, row * side + reach + (row + 0.5) / PHASES);
        context.beginPath();
        symbol.draw(context, size);
        context.fill();
      }
    }
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const pixels = [];
    for (let row = 0; row < PHASES; row += 1) {
      for (let column = 0; column < PHASES; column += 1) pixels.push(covered(data, canvas.width, column * side, row * side, reach));
    }
    return { reach, pixels };
  }

  function covered(data, width, left, top, reach) {
    const [dx, dy, cover] = [[], [], []];
    for (let y = -reach; y <= reach; y += 1) {
      for (let x = -reach; x <= reach; x += 1) {
        const alpha = data[4 * ((top + reach + y) * width + left + reach + x) + 3];
        if (alpha === 0) continue;
        dx.push(x);
        dy.push(y);
        cover.push(alpha / 255);
      }
    }
    return { dx: Int32Array.from(dx), dy: Int32Array.from(dy), cover: Float32Array.from(cover) };
  }

  window.clusterfolio.stamps = { stamp, PHASES };
})();
