/* Rows as CSV, as csv_tables.py writes it: what starts a formula in a spreadsheet gets an apostrophe, and the mark of
   UTF-8 comes first, without which Excel takes the letters for those of its own country. */
(function () {
  "use strict";

  const MARK = "\ufeff";

  /* `columns` are [name, values] pairs of one length; `formula` is the pattern of a text that starts a formula. Texts
     are quoted, numbers are not, null is empty. */
  function text(columns, formula) {
    const starts = new RegExp(formula);

    function cell(value) {
      if (value === null || value === undefined || Number.isNaN(value)) return "";
      if (typeof value === "number") return String(value);
      return `"${(starts.test(value) ? `'${value}` : value).replace(/"/g, '""')}"`;
    }

    const lines = [columns.map(([name]) => cell(name)).join(",")];
    const count = columns.length ? columns[0][1].length : 0;
    for (let row = 0; row < count; row += 1) lines.push(columns.map(([, values]) => cell(values[row])).join(","));
    return `${MARK}${lines.join("\n")}\n`;
  }

  window.clusterfolio.csv = { text };
})();
