/* Samples by the ids that the data gave them, which last when others are added; numbers do not. Pure.

   `ids` are those of all samples as pages show them, null where the data have none of their own. */
(function () {
  "use strict";

  const tables = new WeakMap(); /* Of each list of ids: id → sample, null where several look alike. */

  function table(ids) {
    if (!tables.has(ids)) {
      const made = new Map();
      ids.forEach((id, sample) => made.set(id, made.has(id) ? null : sample));
      tables.set(ids, made);
    }
    return tables.get(ids);
  }

  /* The sample of an id, or null. */
  function sample(ids, id) {
    const found = ids ? table(ids).get(id) : undefined;
    return found === undefined ? null : found;
  }

  /* What ends a link in a text is written as an escape: a link's finder would leave it behind. */
  function encoded(text) {
    return encodeURIComponent(text).replace(
      /[!'()*]|\.$/g,
      (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  }

  /* A sample as addresses name it: `id=…`, or `sample=…` where no id of its own is known. */
  function written(ids, number) {
    const id = ids ? ids[number] : "";
    return id !== "" && sample(ids, id) === number ? `id=${encoded(id)}` : `sample=${number}`;
  }

  /* An id in an address, as `parseFragment` wants it read (state.js). */
  function read(ids, n, text) {
    const value = sample(ids, text);
    if (value !== null) return { value };
    if (!ids) return { value, allowed: `these samples have no ids of their own, they are numbered 0 to ${n - 1}` };
    return {
      value,
      allowed: "no sample is called that; it may have been renamed or taken out since the link was made",
    };
  }

  window.clusterfolio.ids = { sample, written, read };
})();
