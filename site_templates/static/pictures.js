/* Pictures of samples, cut from one sprite. Grey strokes on a white ground are drawn in the page's ink. */
(function () {
  "use strict";

  const { dom } = window.clusterfolio;
  const sheet = new CSSStyleSheet();

  /* `sprite` is {uri, columns, rows}; `image` {width, height, channels}. Without either, tiles stay empty. */
  async function create(sprite, image) {
    if (!sprite || !image) return none();
    const source = new Image();
    source.src = sprite.uri;
    await source.decode();
    const canvas = document.createElement("canvas");
    canvas.width = source.naturalWidth;
    canvas.height = source.naturalHeight;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(source, 0, 0);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
    const values = new Uint8ClampedArray(pixels.data);
    const strokes = image.channels === 1 && emptyGround(values, canvas.width, image);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

    function theme() {
      let uri = sprite.uri;
      if (strokes) {
        const [r, g, b] = ink();
        const data = pixels.data;
        for (let i = 0; i < data.length; i += 4) {
          data[i] = r; data[i + 1] = g; data[i + 2] = b; data[i + 3] = 255 - values[i];
        }
        context.putImageData(pixels, 0, 0);
        uri = canvas.toDataURL();
      }
      sheet.replaceSync(`:root { --image-width: ${image.width}; --image-height: ${image.height}; --columns: ${sprite.columns}; --rows: ${sprite.rows}; }
        .tile { background-image: url("${uri}"); }`);
    }

    function place(node, sample) {
      node.style.setProperty("--column", String(sample % sprite.columns));
      node.style.setProperty("--row", String(Math.floor(sample / sprite.columns)));
    }

    /* Mean of the pictures of each cluster, painted on canvases. `clusters` gives each sample's cluster. */
    function means(clusters, canvases) {
      const { width, height } = image;
      const size = width * height * 4;
      const sums = canvases.map(() => new Float64Array(size));
      const counts = new Uint32Array(canvases.length);
      for (let sample = 0; sample < clusters.length; sample += 1) {
        const sum = sums[clusters[sample]];
        counts[clusters[sample]] += 1;
        const left = (sample % sprite.columns) * width;
        const top = Math.floor(sample / sprite.columns) * height;
        for (let y = 0, at = 0; y < height; y += 1) {
          let from = ((top + y) * canvas.width + left) * 4;
          for (let x = 0; x < width * 4; x += 1, at += 1, from += 1) sum[at] += values[from];
        }
      }
      const [r, g, b] = ink();
      canvases.forEach(function (target, cluster) {
        target.width = width;
        target.height = height;
        const painted = new ImageData(width, height);
        for (let i = 0; i < size; i += 4) {
          const mean = sums[cluster].subarray(i, i + 4).map((value) => value / counts[cluster]);
          painted.data.set(strokes ? [r, g, b, 255 - mean[0]] : mean, i);
        }
        target.getContext("2d").putImageData(painted, 0, 0);
      });
    }

    theme();
    return { place, means, theme, has: true };
  }

  function none() {
    return { place() {}, means() {}, theme() {}, has: false };
  }

  function ink() {
    const probe = getComputedStyle(document.documentElement).getPropertyValue("--ink").trim();
    return [1, 3, 5].map((at) => parseInt(probe.slice(at, at + 2), 16));
  }

  /* Whether the pictures' outer columns are nearly white: strokes on nothing, as scanned digits are. */
  function emptyGround(values, width, image) {
    let sum = 0;
    let count = 0;
    for (let at = 0; at < values.length / 4; at += 1) {
      const x = (at % width) % image.width;
      if (x === 0 || x === image.width - 1) {
        sum += values[at * 4];
        count += 1;
      }
    }
    return sum / count > 230;
  }

  function tile(pictures, sample) {
    const node = dom.el("span", { class: "tile", "aria-hidden": "true" });
    pictures.place(node, sample);
    return node;
  }

  window.clusterfolio.pictures = { create, tile };
})();
