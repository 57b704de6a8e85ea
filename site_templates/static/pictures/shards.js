/* Pictures too many for one sprite: shards, loaded when one of their samples is shown, from which tiles are painted one
   by one. As background pictures they would fill the browser's own store of decoded pictures, half a gigabyte of it. */
(function () {
  "use strict";

  const { dom } = window.clusterfolio;
  const MOST_PIXELS = 20e6; // of shards at hand, however large the pictures are: 20 MB if they are grey
  const LARGEST = 192; // px across or up of what is painted: no tile is larger on a screen of two pixels to one

  /* `look` is {image, columns, ink}: how pictures are laid out, and ink(), the colour of those that are strokes, null
     where they are none.
     `source` is {first, each, load, read}: pixels of the first shard, samples of a shard, load(number), which promises
     {uri}, and read(uri), which promises pixels. */
  function create({ image, columns, ink }, { first, each, load, read }) {
    const most = Math.max(2, Math.floor(MOST_PIXELS / (first.width * first.height))); /* Shards are laid out alike. */
    const grey = image.channels === 1;
    let color = ink && ink();
    const kept = new Map([[0, packed(first)]]);
    const samples = new WeakMap(); /* By tile. */
    const seen = new Set(); /* Tiles in or near the window: only their shards are asked for. */
    const watcher = new IntersectionObserver(function (entries) {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) {
          seen.add(target);
          want(target);
        } else {
          seen.delete(target);
          target.replaceChildren();
        }
      }
    }, { rootMargin: "200px" });

    const shardOf = (node) => Math.floor(samples.get(node) / each);

    function place(node, sample) {
      samples.set(node, sample);
      node.replaceChildren();
      if (seen.has(node)) want(node);
      else watcher.observe(node);
    }

    function want(node) {
      const number = shardOf(node);
      if (!kept.has(number)) bring(number);
      const shard = kept.get(number);
      kept.delete(number); /* Last asked for goes last. */
      kept.set(number, shard);
      if (shard) paint(node, shard);
    }

    function bring(number) {
      kept.set(number, null);
      load(number).then(({ uri }) => read(uri)).then(function (pixels) {
        const shard = packed(pixels);
        kept.set(number, shard);
        for (const node of seen) if (shardOf(node) === number) paint(node, shard);
        leave();
      }).catch(() => kept.delete(number)); /* A tile stays empty; the next look at it tries again. */
    }

    /* Those not asked for longest make room; what was painted from them stays. */
    function leave() {
      for (const [number, shard] of kept) {
        if (kept.size <= most) return;
        if (number !== 0 && shard) kept.delete(number);
      }
    }

    /* A shard's pixels: of grey pictures one number each, of strokes how opaque they are. */
    function packed({ data, width }) {
      if (!grey) return { data, width };
      const one = new Uint8Array(data.length / 4);
      for (let at = 0; at < one.length; at += 1) one[at] = data[4 * at + (color ? 3 : 0)];
      return { data: one, width };
    }

    function paint(node, { data, width }) {
      const at = samples.get(node) % each;
      const whole = context(image.width, image.height);
      const painted = whole.createImageData(image.width, image.height);
      const start = Math.floor(at / columns) * image.height * width + (at % columns) * image.width;
      for (let y = 0; y < image.height; y += 1) row(data, start + y * width, painted.data, 4 * y * image.width);
      whole.putImageData(painted, 0, 0);
      node.replaceChildren(within(whole.canvas));
    }

    function row(data, from, out, to) {
      for (let x = 0; x < image.width; x += 1, to += 4) {
        for (let i = 0; i < 3; i += 1) out[to + i] = color ? color[i] : data[grey ? from + x : 4 * (from + x) + i];
        out[to + 3] = color ? data[from + x] : 255;
      }
    }

    /* Other colours: what is seen is painted again. */
    function theme() {
      if (!ink) return;
      color = ink();
      for (const node of seen) want(node);
    }

    return { place, theme };
  }

  /* Nothing is read back: it keeps hundreds of small canvases off the graphics card. */
  function context(width, height) {
    return dom.el("canvas", { width, height }).getContext("2d", { willReadFrequently: true });
  }

  /* A canvas, or a smaller one with what it shows. */
  function within(canvas) {
    const scale = LARGEST / Math.max(canvas.width, canvas.height);
    if (scale >= 1) return canvas;
    const small = context(
      Math.max(1, Math.round(canvas.width * scale)),
      Math.max(1, Math.round(canvas.height * scale)),
    );
    small.imageSmoothingQuality = "high";
    small.drawImage(canvas, 0, 0, small.canvas.width, small.canvas.height);
    return small.canvas;
  }

  window.clusterfolio.shards = { create };
})();
