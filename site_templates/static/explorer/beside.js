/* The map beside the main one: chosen by name, loaded when it is. */
(function () {
  "use strict";

  const one = (selector) => document.querySelector(selector);

  /* `on` has state() and change(patch, how). */
  function create(model, on) {
    const { study } = model;
    const select = one("select[name='beside']");
    const frame = one("#pca").closest(".map-frame");

    if (select) select.addEventListener("change", () => on.change({ beside: select.value }, "push"));

    function show({ beside }) {
      if (select && select.value !== beside) select.value = beside;
      frame.classList.toggle("flat", beside === study.flat);
      one("#pca").setAttribute(
        "aria-label",
        `${study.besides[beside]} map of the same samples. Arrow keys go from sample to sample.`,
      );
    }

    return { show };
  }

  window.clusterfolio.beside = { create };
})();
