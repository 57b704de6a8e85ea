/* The layer of points of a map. Two kinds with one interface: marks of the Vega chart, asked through expression
   functions, or, where there are too many for those, a canvas of our own under the chart, drawn from typed arrays.
   Places and sizes are the chart's: its scales, and its parameter `dot`.

     draw(progress)      everything anew; progress in 0 … 1 between the places left and the places reached
     resize()            the chart has a new size
     paint()             the page has other colours
     remove()            the map is left for good
   `frame` has code and styles: see styles.js. */
(function () {
  "use strict";

  const { glyphs } = window.clusterfolio;

  /* Nothing to do: the chart's own marks read the frame when it runs. */
  function marks() {
    return { draw() {}, resize() {}, paint() {}, remove() {} };
  }

  /* `chart` has element, view, scale() ({x, y, left, top}; x and y are the pixel of 0 and the pixels of one unit) and
     places() ({x, y, fromX, fromY}). */
  function canvas(chart, frame) {
    const node = document.createElement("canvas");
    node.className = "points";
    node.setAttribute("aria-hidden", "true");
    chart.element.prepend(node);
    const context = node.getContext("2d", { alpha: false });
    let image = null;
    let pixels = null;
    let paper = 0;

    function paint() {
      paper = packed(ground(chart.element));
    }

    function resize() {
      const ratio = window.devicePixelRatio || 1;
      const width = Math.max(1, Math.round(chart.element.clientWidth * ratio));
      const height = Math.max(1, Math.round(chart.element.clientHeight * ratio));
      if (!image || width !== node.width || height !== node.height || image.ratio !== ratio) {
        node.width = width;
        node.height = height;
        image = context.createImageData(width, height);
        image.ratio = ratio;
        pixels = new Uint32Array(image.data.buffer);
      }
    }

    function draw(progress) {
      if (!image || frame.styles.length === 0) return;
      pixels.fill(paper);
      blend(pixels, image.width, image.height, image.ratio, chart, frame, progress);
      context.putImageData(image, 0, 0);
    }

    paint();
    return { draw, resize, paint, remove: () => node.remove() };
  }

  /* Every point over those before it, as Vega draws them. */
  function blend(pixels, width, height, ratio, chart, frame, progress) {
    const { code } = frame;
    const { x, y, fromX, fromY } = chart.places();
    const { x: [x0, xs], y: [y0, ys], left, top } = chart.scale();
    const line = { x0: (left + x0) * ratio, xs: xs * ratio, y0: (top + y0) * ratio, ys: ys * ratio };
    const kinds = frame.styles.map((style) => ready(style, chart.view.signal("dot"), ratio, width));
    if (progress < 1 && fromX !== null) {
      for (let sample = 0; sample < code.length; sample += 1) {
        const across = line.x0 + (fromX[sample] + (x[sample] - fromX[sample]) * progress) * line.xs;
        const up = line.y0 + (fromY[sample] + (y[sample] - fromY[sample]) * progress) * line.ys;
        dab(pixels, width, height, kinds[code[sample]], Math.floor(across), Math.floor(up), phaseOf(across, up));
      }
      return;
    }
    const { columns, rows, phases } = standing(x, y, line);
    for (let sample = 0; sample < code.length; sample += 1) {
      dab(pixels, width, height, kinds[code[sample]], columns[sample], rows[sample], phases[sample]);
    }
  }

  /* One point: its colour over what is there. */
  function dab(pixels, width, height, kind, column, row, phase) {
    const { reach } = kind;
    if (column < reach || column >= width - reach || row < reach || row >= height - reach) {
      edge(pixels, width, height, kind, column, row, phase);
      return;
    }
    const cover = kind.covers[phase];
    const start = row * width + column;
    for (let i = 0; i < cover.length; i += 4) {
      const place = start + cover[i];
      pixels[place] = mixed(pixels[place], cover[i + 1], cover[i + 2], cover[i + 3]);
    }
  }

  /* A point that reaches over the edge: only what lies within. */
  function edge(pixels, width, height, kind, column, row, phase) {
    const cover = kind.covers[phase];
    const { dx, dy } = kind.stamp.pixels[phase];
    for (let i = 0; i < dx.length; i += 1) {
      const [across, up] = [column + dx[i], row + dy[i]];
      if (across < 0 || across >= width || up < 0 || up >= height) continue;
      const place = up * width + across;
      pixels[place] = mixed(pixels[place], cover[4 * i + 1], cover[4 * i + 2], cover[4 * i + 3]);
    }
  }

  /* Old colour by `rest` / 256, plus new colour times what it covers, rounded: red and blue at once, green apart. */
  function mixed(old, rest, redBlue, green) {
    const both = (Math.imul(old & 0xff00ff, rest) + redBlue) >>> 8;
    const one = (Math.imul(old & 0xff00, rest) + green) >>> 8;
    return 0xff000000 | (both & 0xff00ff) | (one & 0xff00);
  }

  function phaseOf(across, up) {
    return Math.floor((up - Math.floor(up)) * glyphs.PHASES) * glyphs.PHASES +
      Math.floor((across - Math.floor(across)) * glyphs.PHASES);
  }

  const stood = new WeakMap(); /* By the array of x. */

  /* Where points at rest stand: worked out once for a map and a size, for most steps change colours only. */
  function standing(x, y, line) {
    const before = stood.get(x);
    if (before && ["x0", "xs", "y0", "ys"].every((name) => before.line[name] === line[name])) return before;
    const found = {
      line,
      columns: new Int16Array(x.length),
      rows: new Int16Array(x.length),
      phases: new Uint8Array(x.length),
    };
    for (let sample = 0; sample < x.length; sample += 1) {
      const across = line.x0 + x[sample] * line.xs;
      const up = line.y0 + y[sample] * line.ys;
      found.columns[sample] = Math.floor(across);
      found.rows[sample] = Math.floor(up);
      found.phases[sample] = phaseOf(across, up);
    }
    stood.set(x, found);
    return found;
  }

  /* A style with everything that does not depend on the sample. `covers[phase]` has four numbers for each pixel: how
     far it lies from the point's own, what is left of the old colour, and the new one's red with blue, and green. */
  function ready(style, size, ratio, width) {
    const stamp = glyphs.stamp(style.shape, size, ratio);
    const color = packed(rgb(style.fill));
    const covers = stamp.pixels.map(function ({ dx, dy, cover }) {
      const made = new Int32Array(4 * dx.length);
      for (let i = 0; i < dx.length; i += 1) {
        const share = Math.round(256 * cover[i] * style.opacity);
        made[4 * i] = dy[i] * width + dx[i];
        made[4 * i + 1] = 256 - share;
        made[4 * i + 2] = Math.imul(color & 0xff00ff, share) + 0x800080;
        made[4 * i + 3] = Math.imul(color & 0xff00, share) + 0x8000;
      }
      return made;
    });
    return { stamp, reach: stamp.reach, covers };
  }

  function rgb(hex) {
    return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  }

  /* As one number in the order of ImageData's bytes. */
  function packed([r, g, b]) {
    return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  }

  /* The colour behind a map: its own, or that of what lies behind it. */
  function ground(element) {
    for (let each = element; each; each = each.parentElement) {
      const color = getComputedStyle(each).backgroundColor;
      const parts = color.match(/^rgba?\((\d+), (\d+), (\d+)(?:, ([\d.]+))?\)$/);
      if (parts && (parts[4] === undefined || Number(parts[4]) > 0.99)) return parts.slice(1, 4).map(Number);
    }
    return [255, 255, 255];
  }

  window.clusterfolio.points = { marks, canvas };
})();
