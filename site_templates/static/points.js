/* The layer of points of a map. Two kinds with one interface: marks of the Vega chart, asked through expression
   functions, or, where there are too many for those, a canvas of our own under the chart, drawn from typed arrays.
   Places and sizes are the chart's: its scales, and its parameter `dot`.

     draw(progress)      everything anew; progress in 0 … 1 between the places left and the places reached
     resize()            the chart has a new size
     paint()             the page has other colours
   `frame` has code and styles: see looks.js. */
(function () {
  "use strict";

  const { stamps } = window.clusterfolio;

  /* Nothing to do: the chart's own marks read the frame when it runs. */
  function marks() {
    return { draw() {}, resize() {}, paint() {} };
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
    return { draw, resize, paint };
  }

  /* Every point over those before it, as Vega draws them. */
  function blend(pixels, width, height, ratio, chart, frame, progress) {
    const { code } = frame;
    const { x, y, fromX, fromY } = chart.places();
    const scale = chart.scale();
    const kinds = frame.styles.map((style) => ready(style, chart.view.signal("dot"), ratio, width));
    const moving = progress < 1 && fromX !== null;
    const [x0, xs] = [(scale.left + scale.x[0]) * ratio, scale.x[1] * ratio];
    const [y0, ys] = [(scale.top + scale.y[0]) * ratio, scale.y[1] * ratio];
    const { PHASES } = stamps;
    for (let sample = 0; sample < code.length; sample += 1) {
      let across = x[sample];
      let up = y[sample];
      if (moving) {
        across = fromX[sample] + (across - fromX[sample]) * progress;
        up = fromY[sample] + (up - fromY[sample]) * progress;
      }
      across = x0 + across * xs;
      up = y0 + up * ys;
      const column = Math.floor(across);
      const row = Math.floor(up);
      const kind = kinds[code[sample]];
      const phase = Math.floor((up - row) * PHASES) * PHASES + Math.floor((across - column) * PHASES);
      const { reach, red, green } = kind;
      if (column >= reach && column < width - reach && row >= reach && row < height - reach) {
        const at = kind.offset[phase];
        const share = kind.share[phase];
        const start = row * width + column;
        for (let i = 0; i < at.length; i += 1) {
          const place = start + at[i];
          pixels[place] = mixed(pixels[place], red, green, share[i]);
        }
      } else {
        edge(pixels, width, height, column, row, kind, phase);
      }
    }
  }

  /* A point that reaches over the edge: only what lies within. */
  function edge(pixels, width, height, column, row, kind, phase) {
    const { dx, dy } = kind.stamp.pixels[phase];
    for (let i = 0; i < dx.length; i += 1) {
      const [across, up] = [column + dx[i], row + dy[i]];
      if (across < 0 || across >= width || up < 0 || up >= height) continue;
      const place = up * width + across;
      pixels[place] = mixed(pixels[place], kind.red, kind.green, kind.share[phase][i]);
    }
  }

  /* Old colour towards new by share / 256, rounded: red and blue at once, green apart. Nothing exceeds 32 bits. */
  function mixed(old, redBlue, green, share) {
    const rest = 256 - share;
    const both = (Math.imul(old & 0xff00ff, rest) + Math.imul(redBlue, share) + 0x800080) >>> 8;
    const one = (Math.imul(old & 0xff00, rest) + Math.imul(green, share) + 0x8000) >>> 8;
    return 0xff000000 | (both & 0xff00ff) | (one & 0xff00);
  }

  /* A style with everything that does not depend on the sample. */
  function ready(style, size, ratio, width) {
    const stamp = stamps.stamp(style.shape, size, ratio);
    const color = packed(rgb(style.fill));
    return {
      stamp, reach: stamp.reach, red: color & 0xff00ff, green: color & 0xff00,
      offset: stamp.pixels.map(({ dx, dy }) => dx.map((across, i) => dy[i] * width + across)),
      share: stamp.pixels.map(({ cover }) => Int32Array.from(cover, (part) => Math.round(256 * part * style.opacity))),
    };
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
