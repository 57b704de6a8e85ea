/* Pictures of samples, cut from sprites: one for all, or shards that are loaded when one of their samples is shown.
   Grey strokes on a white ground are drawn in the page's ink. */
(function () {
  "use strict";

  const { decode, dom, shards } = window.clusterfolio;

  /* `first` is the sprite of the first samples, {uri, columns, rows}; `image` {width, height, channels}. Without either,
     tiles stay empty. `more` is {each, load}: samples of a sprite, and a function that promises the sprite of a number;
     leave it out where the first holds all. */
  async function create(first, image, more) {
    if (!first || !image) return none();
    const layout = new CSSStyleSheet();
    layout.replaceSync(`:root { --image-width: ${image.width}; --image-height: ${image.height}; --columns: ${first.columns}; --rows: ${first.rows}; }`);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, layout];
    const pixels = await read(first.uri); /* Kept: cluster means are added up from it. */
    const strokes = image.channels === 1 && emptyGround(pixels, image);
    const paper = new CSSStyleSheet(); /* One rule that all tiles share. */
    const torn = more ? shards.create({ image, columns: first.columns, ink: strokes ? ink : null, inked }, Object.assign({ first: pixels, read }, more)) : null;
    if (!torn) show();
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, paper];

    function show() {
      const uri = strokes ? inInk(pixels).toDataURL() : first.uri;
      paper.replaceSync(`.tile[data-sprite] { background-image: url("${uri}"); }`);
    }

    function theme() {
      if (torn) torn.theme();
      else if (strokes) show();
    }

    function place(node, sample) {
      if (torn) {
        torn.place(node, sample);
        return;
      }
      node.dataset.sprite = "";
      node.style.setProperty("--column", String(sample % first.columns));
      node.style.setProperty("--row", String(Math.floor(sample / first.columns)));
    }

    let turn = 0;

    /* Mean of the pictures of each cluster, painted on canvases: added up here, or as the setting brings them. Promises
       that they are painted; where a later setting was asked for meanwhile, its own are. */
    async function means(setting, canvases) {
      turn += 1;
      if (setting.means) await brought(setting.means, canvases, turn);
      else added(setting.clusters, canvases);
    }

    async function brought(sprite, canvases, mine) {
      const drawn = await read(sprite.uri);
      if (mine !== turn) return;
      const whole = strokes ? inInk(drawn) : onCanvas(drawn);
      canvases.forEach(function (target, cluster) {
        target.width = image.width;
        target.height = image.height;
        target.getContext("2d").drawImage(whole, -(cluster % sprite.columns) * image.width, -Math.floor(cluster / sprite.columns) * image.height);
      });
    }

    function added(clusters, canvases) {
      const { width, height } = image;
      const size = width * height * 4;
      const sums = canvases.map(() => new Float64Array(size));
      const counts = new Uint32Array(canvases.length);
      const values = pixels.data;
      for (let sample = 0; sample < clusters.length; sample += 1) {
        const sum = sums[clusters[sample]];
        counts[clusters[sample]] += 1;
        const left = (sample % first.columns) * width;
        const top = Math.floor(sample / first.columns) * height;
        for (let y = 0, at = 0; y < height; y += 1) {
          let from = ((top + y) * pixels.width + left) * 4;
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

    return { place, means, theme, has: true };
  }

  function none() {
    return { place() {}, async means() {}, theme() {}, has: false };
  }

  /* The pictures of a study, however many sprites hold them. `failed` is told why there are none. */
  async function of(model, failed) {
    const { pictures, dataset } = model.study;
    if (!pictures) return none();
    const load = (number) => model.take(pictures.chunks[number]);
    try {
      return await create(await load(0), dataset.image, pictures.chunks.length > 1 ? { each: pictures.each, load } : null);
    } catch (error) {
      failed(error);
      return none();
    }
  }

  /* One canvas for all that passes through: shards are many, and a canvas a shard would pile up. */
  function scratch(width, height) {
    const canvas = scratch.canvas || (scratch.canvas = document.createElement("canvas"));
    canvas.width = width;
    canvas.height = height;
    return { canvas, context: canvas.getContext("2d", { willReadFrequently: true }) };
  }

  /* An image as pixels: ImageData. Not by an <img>, of which browsers keep what they decoded, half a gigabyte at most. */
  async function read(uri) {
    /* Browsers draw what there is of a picture that was cut off, and say nothing. */
    if (!uri.startsWith("data:") || !window.atob(uri.slice(-16)).includes("IEND")) throw new Error("The picture is cut off or none.");
    const source = await window.createImageBitmap(new Blob([decode.bytes(uri.slice(uri.indexOf(",") + 1))]));
    const { width, height } = source;
    const { context } = scratch(width, height);
    context.drawImage(source, 0, 0);
    source.close();
    return context.getImageData(0, 0, width, height);
  }

  /* The scratch canvas with these pixels, until the next one asks for it. */
  function onCanvas(pixels) {
    const { canvas, context } = scratch(pixels.width, pixels.height);
    context.putImageData(pixels, 0, 0);
    return canvas;
  }

  /* Strokes in a colour on nothing: what is dark becomes opaque. */
  function inked({ data, width, height }, [r, g, b]) {
    const strokes = new ImageData(width, height);
    const out = strokes.data;
    for (let i = 0; i < data.length; i += 4) {
      out[i] = r; out[i + 1] = g; out[i + 2] = b; out[i + 3] = 255 - data[i];
    }
    return strokes;
  }

  function inInk(pixels) {
    return onCanvas(inked(pixels, ink()));
  }

  function ink() {
    const probe = getComputedStyle(document.documentElement).getPropertyValue("--ink").trim();
    return [1, 3, 5].map((at) => parseInt(probe.slice(at, at + 2), 16));
  }

  /* Whether the pictures' outer columns are nearly white: strokes on nothing, as scanned digits are. */
  function emptyGround({ data, width }, image) {
    let sum = 0;
    let count = 0;
    for (let at = 0; at < data.length / 4; at += 1) {
      const x = (at % width) % image.width;
      if (x === 0 || x === image.width - 1) {
        sum += data[at * 4];
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

  window.clusterfolio.pictures = { create, of, tile };
})();
