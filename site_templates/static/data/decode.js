/* Columns of the data files to typed arrays, and clusters from their centres: columns.py and assignments.py, read back.
   */
(function () {
  "use strict";

  function bytes(text) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text); /* Ten times as fast, where there is one. */
    const binary = window.atob(text);
    const out = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i += 1) out[i] = binary.charCodeAt(i);
    return out;
  }

  function characters(text) {
    const out = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i += 1) out[i] = text.charCodeAt(i) - 48;
    return out;
  }

  function nibbles(text, length) {
    const packed = bytes(text);
    if (packed.length !== (length + 1) >> 1) {
      throw new Error(`A column of ${length} values has ${packed.length} bytes.`);
    }
    const out = new Uint8Array(length);
    for (let i = 0; i < length; i += 1) out[i] = i & 1 ? packed[i >> 1] >> 4 : packed[i >> 1] & 15;
    return out;
  }

  function quantised(values, from, to) {
    const out = new Float32Array(values.length);
    const unit = (to - from) / 65535;
    for (let i = 0; i < values.length; i += 1) out[i] = from + values[i] * unit;
    return out;
  }

  /* Columns {name: [value of each row]} as rows. */
  function rows(columns) {
    const names = Object.keys(columns);
    return columns[names[0]].map((_, at) => Object.fromEntries(names.map((name) => [name, columns[name][at]])));
  }

  /* A chunk's content; a packed one (data/chunk.py) is inflated each time that it is asked for. */
  async function unpacked(content) {
    if (typeof content.deflate !== "string") return content;
    return JSON.parse(await inflated([bytes(content.deflate)]).text());
  }

  /* What zlib has packed, in one or more pieces: a Response. */
  function inflated(pieces) {
    if (!window.DecompressionStream) throw new Error("This browser is too old to unpack them.");
    return new Response(new Blob(pieces).stream().pipeThrough(new DecompressionStream("deflate")));
  }

  /* One column, as written by columns.py. `length` is checked where it is known. */
  function column(coded, length) {
    const values = decode(coded);
    if (length !== undefined && values.length !== length) {
      throw new Error(`A column has ${values.length} values instead of ${length}.`);
    }
    return values;
  }

  function decode(coded) {
    if (coded.chars !== undefined) return characters(coded.chars);
    if (coded.u4 !== undefined) return nibbles(coded.u4, coded.length);
    if (coded.f32 !== undefined) return new Float32Array(bytes(coded.f32).buffer);
    if (coded.u32 !== undefined) return new Uint32Array(bytes(coded.u32).buffer);
    if (coded.u16 !== undefined) {
      const values = new Uint16Array(bytes(coded.u16).buffer);
      return coded.from === undefined ? values : quantised(values, coded.from, coded.to);
    }
    throw new Error("A column has an encoding that this page does not know.");
  }

  /* Centres of a setting on a map; the chunk says the map's extent once, with the coordinates. */
  function centers(coded, x, y) {
    const [across, up] = coded;
    return {
      x: decode({ u16: across, from: x.from, to: x.to }),
      y: decode({ u16: up, from: y.from, to: y.to }),
    };
  }

  /* The cluster whose centre is at the smallest squared distance, the lower on a tie, but for the exceptions.
     The build has run the same steps on the same numbers and compared with the table (assignments.py). */
  function nearest(x, y, at, exceptions) {
    const k = at.x.length;
    const out = k > 256 ? new Uint16Array(x.length) : new Uint8Array(x.length);
    for (let i = 0; i < x.length; i += 1) {
      let best = 0;
      let least = Infinity;
      for (let c = 0; c < k; c += 1) {
        const across = x[i] - at.x[c];
        const up = y[i] - at.y[c];
        const distance = across * across + up * up;
        if (distance < least) {
          least = distance;
          best = c;
        }
      }
      out[i] = best;
    }
    if (exceptions) {
      const samples = decode(exceptions.samples);
      const clusters = column(exceptions.clusters, samples.length);
      samples.forEach((sample, at) => {
        out[sample] = clusters[at];
      });
    }
    return out;
  }

  /* What is said of a chunk that cannot be read. */
  function damaged(name, error) {
    return new Error(`The data of ${name} are damaged (${error.message}).`);
  }

  window.clusterfolio.decode = { bytes, column, centers, nearest, rows, unpacked, inflated, damaged };
})();
