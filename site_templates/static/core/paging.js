/* Long lists in portions: all at once up to some number, else one portion at a time with buttons, and counts said. */
(function () {
  "use strict";

  const { dom } = window.clusterfolio;
  const ALL = 2000; // up to so many items are shown at once
  const PORTION = 200;

  /* `nav` is empty and gets the buttons; `show(items)` shows a portion. */
  function create(nav, show) {
    const back = dom.el("button", { type: "button", class: "quiet" }, "Previous");
    const on = dom.el("button", { type: "button", class: "quiet" }, "Next");
    const where = dom.el("span", { class: "count", "aria-live": "polite" });
    nav.append(back, where, on);
    let items = [];
    let start = 0;

    function turn(to) {
      start = to;
      const end = Math.min(items.length, start + (items.length <= ALL ? ALL : PORTION));
      nav.hidden = items.length <= ALL;
      back.disabled = start === 0;
      on.disabled = end === items.length;
      dom.text(where, `${dom.count(start + 1)} to ${dom.count(end)} of ${dom.count(items.length)}`);
      show(items.slice(start, end));
    }

    back.addEventListener("click", () => turn(Math.max(0, start - PORTION)));
    on.addEventListener("click", () => turn(start + PORTION));
    nav.hidden = true;

    return {
      /* Other items, from the first portion on. */
      set(next) {
        items = next;
        turn(0);
      },
    };
  }

  window.clusterfolio.portions = { create };
})();
