/* PNG files as pixels and in other colours, without drawing them: what was drawn is never read back, for browsers that
   guard canvases give other pixels than those drawn. Format: ISO/IEC 15948. */
(function () {
  "use strict";

  const { decode } = window.clusterfolio;
  const CHANNELS = { 0: 1, 2: 3, 3: 1, 6: 4 }; /* By the kind of colour: grey, RGB, palette, RGBA. */
  const HEAD = 8; // bytes before the first chunk

  /* The file's chunks, {name, at, data}; `at` is where the content begins. */
  function chunks(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const found = [];
    for (let at = HEAD; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
      const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
      found.push({ name, at: at + 8, data: bytes.subarray(at + 8, at + 8 + view.getUint32(at)) });
    }
    if (found.length < 3 || found[0].name !== "IHDR" || found[found.length - 1].name !== "IEND") throw broken();
    return found;
  }

  function broken() {
    return new Error("The picture is cut off or none.");
  }

  /* The picture as ImageData. Of PNG's ways to store one, those are read that the build and browsers write: eight bits,
     or four with a palette, and not interlaced. */
  async function read(bytes) {
    const all = chunks(bytes);
    const named = (name) => all.filter((each) => each.name === name).map((each) => each.data);
    const [head] = named("IHDR");
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const [width, height] = [view.getUint32(0), view.getUint32(4)];
    const [depth, kind, interlaced] = [head[8], head[9], head[12]];
    const channels = CHANNELS[kind];
    if (!channels || interlaced || !(depth === 8 || (depth === 4 && kind === 3))) throw broken();
    const length = Math.ceil((width * channels * depth) / 8);
    const packed = decode.inflated(named("IDAT"));
    const rows = new Uint8Array(
      await packed.arrayBuffer().catch(() => {
        throw broken();
      }),
    );
    if (rows.length !== (length + 1) * height) throw broken();
    const pixels = new Uint32Array(
      width * height,
    ); /* Red, green, blue and alpha of each, in the order of ImageData's bytes. */
    const color = kind === 3 ? palette(named("PLTE")[0], named("tRNS")[0]) : null;
    let above = new Uint8Array(length);
    for (let y = 0; y < height; y += 1) {
      const from = y * (length + 1);
      const row = rows.subarray(from + 1, from + 1 + length);
      if (rows[from]) restore(row, above, rows[from], channels);
      spread(row, pixels, y * width, width, channels, depth, color);
      above = row;
    }
    return new ImageData(new Uint8ClampedArray(pixels.buffer), width, height);
  }

  function palette(colors, alpha) {
    if (!colors) throw broken();
    return Uint32Array.from({ length: colors.length / 3 }, function (_, at) {
      const opaque = !alpha || at >= alpha.length;
      return pixel(colors[3 * at], colors[3 * at + 1], colors[3 * at + 2], opaque ? 255 : alpha[at]);
    });
  }

  function pixel(r, g, b, a) {
    return ((a << 24) | (b << 16) | (g << 8) | r) >>> 0;
  }

  /* A row as it was before its filter: each byte was stored as what it differs from its neighbours' prediction. */
  function restore(row, above, filter, step) {
    for (let x = 0; x < row.length; x += 1) {
      const left = x < step ? 0 : row[x - step];
      const up = above[x];
      if (filter === 1) row[x] += left;
      else if (filter === 2) row[x] += up;
      else if (filter === 3) row[x] += (left + up) >> 1;
      else row[x] += nearest(left, up, x < step ? 0 : above[x - step]);
    }
  }

  /* Paeth's predictor: of the three, the one nearest to left + up - corner. */
  function nearest(left, up, corner) {
    const [toLeft, toUp, toCorner] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
    if (toLeft <= toUp && toLeft <= toCorner) return left;
    return toUp <= toCorner ? up : corner;
  }

  function spread(row, pixels, to, width, channels, depth, color) {
    for (let x = 0; x < width; x += 1) {
      const at = x * channels;
      if (depth === 4) pixels[to + x] = color[x & 1 ? row[x >> 1] & 15 : row[x >> 1] >> 4];
      else if (color) pixels[to + x] = color[row[x]];
      else if (channels === 1) pixels[to + x] = pixel(row[x], row[x], row[x], 255);
      else pixels[to + x] = pixel(row[at], row[at + 1], row[at + 2], channels === 4 ? row[at + 3] : 255);
    }
  }

  /* The file with one colour for all of its palette, each place as opaque as it was. */
  function tinted(bytes, [r, g, b]) {
    const found = chunks(bytes).find((each) => each.name === "PLTE");
    if (!found) throw broken();
    const { at, data } = found;
    const made = bytes.slice();
    for (let i = at; i < at + data.length; i += 3) made.set([r, g, b], i);
    new DataView(made.buffer).setUint32(at + data.length, check(made.subarray(at - 4, at + data.length)));
    return made;
  }

  /* CRC-32 of a chunk's name and content. */
  function check(bytes) {
    let rest = -1;
    for (const byte of bytes) {
      rest ^= byte;
      for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
    }
    return ~rest >>> 0;
  }

  /* Bytes of a data URI, and the other way round. */
  function bytesOf(uri) {
    if (!uri.startsWith("data:")) throw broken();
    return decode.bytes(uri.slice(uri.indexOf(",") + 1));
  }

  function uriOf(bytes) {
    let text = "";
    for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
    return `data:image/png;base64,${window.btoa(text)}`;
  }

  window.clusterfolio.png = { read, tinted, bytesOf, uriOf };
})();
