/* The samples in the box or of a chosen move: how many, and their pictures. */
(function () {
  "use strict";

  const { dom, strip } = window.clusterfolio;
  const WHILE_DRAWN = 60; // pictures shown while the box is still being drawn

  function create(root, model, images, pick) {
    const text = root.querySelector("#selection-text");
    const clear = root.querySelector("#unselect");
    const pictures = strip.create(root.querySelector("#strip"), model, images, pick);

    /* `samples` is null where nothing is selected. */
    function show(samples, done) {
      root.classList.toggle("filled", samples !== null);
      clear.hidden = samples === null;
      dom.text(text, samples === null ? text.dataset.hint : dom.counted(samples.length, "sample"));
      pictures.show(samples === null ? [] : samples.slice(0, done ? samples.length : WHILE_DRAWN));
    }

    return { show };
  }

  window.clusterfolio.compareSelection = { create };
})();
