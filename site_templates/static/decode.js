/* Columns of the data files to typed arrays. */
(function () {
  "use strict";

  function bytes(text) {
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

  function quantised(values, from, to) {
    const out = new Float32Array(values.length);
    const unit = (to - from) / 65535;
    for (let i = 0; i < values.length; i += 1) out[i] = from + values[i] * unit;
    return out;
  }

  /* One column, as written by payload.py. `length` is checked where it is known. */
  function column(coded, length) {
    const values = decode(coded);
    if (length !== undefined && values.length !== length) {
      throw new Error(`A column has ${values.length} values instead of ${length}.`);
    }
    return values;
  }

  function decode(coded) {
    if (coded.chars !== undefined) return characters(coded.chars);
    if (coded.u8 !== undefined) return bytes(coded.u8);
    if (coded.f32 !== undefined) return new Float32Array(bytes(coded.f32).buffer);
    if (coded.u32 !== undefined) return new Uint32Array(bytes(coded.u32).buffer);
    if (coded.u16 !== undefined) {
      const values = new Uint16Array(bytes(coded.u16).buffer);
      return coded.from === undefined ? values : quantised(values, coded.from, coded.to);
    }
    throw new Error("A column has an encoding that this page does not know.");
  }

  window.clusterfolio.decode = { column };
})();
