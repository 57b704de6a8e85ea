/* Small pictures of Vega's own symbols, at sixteen places within a pixel, as lists of covered pixels. */
(function () {
  "use strict";

  const ARC = 64; // corners of a circle
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

  /* Worked out, not drawn: what a canvas gives back, browsers that guard it make up. */
  function make(shape, size, ratio) {
    const reach = Math.ceil((Math.sqrt(size) / 2) * ratio * 1.5) + 1; /* No symbol of Vega's is wider than that. */
    const corners = outline(shape, size);
    const pixels = [];
    for (let row = 0; row < PHASES; row += 1) {
      for (let column = 0; column < PHASES; column += 1) {
        const [right, down] = [reach + (column + 0.5) / PHASES, reach + (row + 0.5) / PHASES];
        pixels.push(covered(corners.map(([x, y]) => [x * ratio + right, y * ratio + down]), reach));
      }
    }
    return { reach, pixels };
  }

  /* Corners of a symbol around 0, 0: the context that it is drawn on writes down where the pen goes. */
  function outline(shape, size) {
    const corners = [];
    const pen = {
      moveTo: (x, y) => corners.push([x, y]),
      lineTo: (x, y) => corners.push([x, y]),
      rect: (x, y, width, height) => corners.push([x, y], [x + width, y], [x + width, y + height], [x, y + height]),
      arc(x, y, radius, from, to) {
        for (let at = 0; at < ARC; at += 1) {
          const angle = from + ((to - from) * at) / ARC;
          corners.push([x + radius * Math.cos(angle), y + radius * Math.sin(angle)]);
        }
      },
      closePath() {},
    };
    window.vega.pathSymbols(shape).draw(pen, size);
    return corners;
  }

  /* The area of each pixel that lies within the corners. Each piece of the outline covers what lies to its right: in
     its own pixel a part, in all others of the row as much as the piece is high; down counts against up. */
  function covered(corners, reach) {
    const side = 2 * reach + 1;
    const steps = new Float64Array(side * (side + 1) + 1);
    corners.forEach(function (from, at) {
      const to = corners[(at + 1) % corners.length];
      const cuts = pieces(from, to);
      for (let i = 1; i < cuts.length; i += 1) {
        const [x0, y0, x1, y1] = [...along(from, to, cuts[i - 1]), ...along(from, to, cuts[i])];
        const middle = (x0 + x1) / 2;
        const column = Math.floor(middle);
        const place = Math.floor((y0 + y1) / 2) * (side + 1) + column;
        steps[place] += (y1 - y0) * (1 - (middle - column));
        steps[place + 1] += (y1 - y0) * (middle - column);
      }
    });
    const [dx, dy, cover] = [[], [], []];
    for (let y = 0; y < side; y += 1) {
      let sum = 0;
      for (let x = 0; x < side; x += 1) {
        sum += steps[y * (side + 1) + x];
        const level = Math.round(255 * Math.abs(sum)); /* As a canvas has it. */
        if (level === 0) continue;
        dx.push(x - reach);
        dy.push(y - reach);
        cover.push(level / 255);
      }
    }
    return { dx: Int32Array.from(dx), dy: Int32Array.from(dy), cover: Float32Array.from(cover) };
  }

  const along = (from, to, part) => [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part];

  /* Where a line from one corner to the next passes from pixel to pixel, in 0 … 1. */
  function pieces(from, to) {
    const cuts = [0, 1];
    for (const axis of [0, 1]) {
      const [low, high] = [Math.min(from[axis], to[axis]), Math.max(from[axis], to[axis])];
      for (let edge = Math.floor(low) + 1; edge < high; edge += 1) {
        cuts.push((edge - from[axis]) / (to[axis] - from[axis]));
      }
    }
    return cuts.sort((a, b) => a - b);
  }

  window.clusterfolio.glyphs = { stamp, PHASES };
})();
