/* The samples in the box: how many of which label, and their pictures. */
(function () {
  "use strict";

  const { dom, strip } = window.clusterfolio;
  const WHILE_DRAWN = 60; // pictures shown while the box is still being drawn

  function create(root, model, images, focus, pick) {
    const text = root.querySelector("#selection-text");
    const clear = root.querySelector("#unselect");
    const pictures = strip.create(root.querySelector("#strip"), model, images, pick);
    let settled = null; /* The box that was last shown as done. */

    function show(done) {
      const box = focus.box();
      if (done) settled = box;
      root.classList.toggle("filled", box !== null);
      clear.hidden = box === null;
      dom.text(text, box === null ? text.dataset.hint : focus.summary());
      pictures.show(box === null ? [] : box.slice(0, done ? box.length : WHILE_DRAWN));
    }

    return { show, stale: () => settled !== focus.box() };
  }

  window.clusterfolio.selection = { create };
})();
