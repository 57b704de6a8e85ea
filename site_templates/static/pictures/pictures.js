/* Pictures of samples, cut from sprites: one for all, or shards that are loaded when one of their samples is shown.
   Strokes (`image.polarity` is "ink") are drawn in the page's ink, all other pictures as they are. */
(function () {
  "use strict";

  const { dom, png, shards } = window.clusterfolio;

  /* `first` is the sprite of the first samples, {uri, columns, rows}; `image` {width, height, channels, polarity}.
     Without either, tiles stay empty. `more` is {each, load}: samples of a sprite, and a function that promises the
     sprite of a number; leave it out where the first holds all. */
  async function create(first, image, more) {
    if (!first || !image) return none();
    const layout = new CSSStyleSheet();
    layout.replaceSync(
      `:root { --image-width: ${image.width}; --image-height: ${image.height}; ` +
        `--columns: ${first.columns}; --rows: ${first.rows}; }`,
    );
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, layout];
    const bytes = png.bytesOf(first.uri);
    const pixels = await png.read(bytes); /* Kept: cluster means are added up from it. */
    const strokes = image.polarity === "ink";
    const paper = new CSSStyleSheet(); /* One rule that all tiles share. */
    const torn = more
      ? shards.create(
        { image, columns: first.columns, ink: strokes ? ink : null },
        Object.assign({ first: pixels, read }, more),
      )
      : null;
    if (!torn) show();
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, paper];

    function show() {
      const uri = strokes ? png.uriOf(png.tinted(bytes, ink())) : first.uri;
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
      if (strokes) inked(drawn, ink());
      canvases.forEach(function (target, cluster) {
        target.width = image.width;
        target.height = image.height;
        target.getContext("2d").putImageData(
          drawn,
          -(cluster % sprite.columns) * image.width,
          -Math.floor(cluster / sprite.columns) * image.height,
        );
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
        if (!sum) continue; /* Noise. */
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
          painted.data.set(strokes ? [r, g, b, mean[3]] : mean, i);
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
      return await create(
        await load(0),
        dataset.image,
        pictures.chunks.length > 1 ? { each: pictures.each, load } : null,
      );
    } catch (error) {
      failed(error);
      return none();
    }
  }

  /* The same before they are there: what is to be shown is shown as soon as `load()` has brought them. */
  function later(model, failed) {
    if (!model.study.pictures) return Object.assign(none(), { load() {} });
    const waiting = new Map(); /* Sample by tile. */
    let here = null;
    let start = null;
    const arrived = new Promise((resolve) => {
      start = () => resolve(of(model, failed));
    }).then(function (found) {
      here = found;
      images.has = found.has;
      for (const [node, sample] of waiting) found.place(node, sample);
      waiting.clear();
      return found;
    });
    const images = {
      has: true,
      load: start,
      place(node, sample) {
        if (here) here.place(node, sample);
        else waiting.set(node, sample);
      },
      means: (setting, canvases) => arrived.then((found) => found.means(setting, canvases)),
      theme() {
        if (here) here.theme();
      },
    };
    return images;
  }

  /* An image as pixels. Not by an <img>, of which browsers keep what they decoded, half a gigabyte at most. */
  async function read(uri) {
    return png.read(png.bytesOf(uri));
  }

  /* Gives strokes another colour. */
  function inked({ data }, color) {
    for (let i = 0; i < data.length; i += 4) data.set(color, i);
  }

  function ink() {
    const probe = getComputedStyle(document.documentElement).getPropertyValue("--ink").trim();
    return [1, 3, 5].map((at) => parseInt(probe.slice(at, at + 2), 16));
  }

  function tile(pictures, sample) {
    const node = dom.el("span", { class: "tile", "aria-hidden": "true" });
    pictures.place(node, sample);
    return node;
  }

  window.clusterfolio.pictures = { create, of, later, tile };
})();
