/* A long table of which only the rows in sight are in the document. All rows have one height. */
(function () {
  "use strict";

  const { dom } = window.clusterfolio;
  const SPARE = 8; /* Rows above and below the window, so that scrolling finds them there. */

  /* `make(sample)` gives the row of a sample. */
  function create(frame, body, columns, make) {
    const above = space();
    const below = space();
    let samples = [];
    let drawn = "";

    function space() {
      return dom.el("tr", { class: "space", "aria-hidden": "true" }, dom.el("td", { colspan: columns }));
    }

    function height() {
      return parseFloat(getComputedStyle(frame).getPropertyValue("--row"));
    }

    function draw() {
      const row = height();
      const first = Math.max(0, Math.floor(frame.scrollTop / row) - SPARE);
      const last = Math.min(samples.length, Math.ceil((frame.scrollTop + frame.clientHeight) / row) + SPARE);
      const now = `${first} ${last}`;
      if (now === drawn) return;
      drawn = now;
      above.firstChild.style.height = `${first * row}px`;
      below.firstChild.style.height = `${(samples.length - last) * row}px`;
      const shown = samples.slice(first, last).map(function (sample, at) {
        const made = make(sample);
        made.setAttribute("aria-rowindex", String(first + at + 2));
        return made;
      });
      body.replaceChildren(above, ...shown, below);
    }

    function show(list) {
      samples = list;
      body.parentNode.setAttribute("aria-rowcount", String(list.length + 1));
      frame.scrollTop = 0;
      refresh();
    }

    function refresh() {
      drawn = "";
      draw();
    }

    /* Scrolls no farther than needed; the head covers one row's height. */
    function reveal(at) {
      const row = height();
      if (at * row < frame.scrollTop) frame.scrollTop = at * row;
      const low = (at + 2) * row - frame.clientHeight;
      if (low > frame.scrollTop) frame.scrollTop = low;
      draw();
    }

    frame.addEventListener("scroll", draw, { passive: true });
    window.addEventListener("resize", refresh);
    return { show, refresh, reveal };
  }

  window.clusterfolio.auditRows = { create };
})();
