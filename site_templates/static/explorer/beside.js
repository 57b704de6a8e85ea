/* The map beside the main one: chosen by name, and loaded when that one is drawn. */
(function () {
  "use strict";

  const one = (selector) => document.querySelector(selector);

  /* `charts` are those of charts.js; `on` has state(), change(patch, how) and failed(error). */
  function create(model, charts, on) {
    const { study } = model;
    const select = one("select[name='beside']");
    const place = one("#pca");
    let missing = null; /* The map that could not be loaded. */

    select.addEventListener("change", () => on.change({ beside: select.value }, "push"));

    /* What the page says of it, at once. */
    function name({ beside }) {
      if (select.value !== beside) select.value = beside;
      place.closest(".map-frame").classList.toggle("flat", beside === study.flat);
      const map = `${study.besides[beside]} map of the same samples. Arrow keys go from sample to sample.`;
      place.setAttribute("aria-label", map);
    }

    /* Its points, as soon as they are there; until then, and where they cannot be had, none. */
    async function show() {
      const { beside } = on.state();
      if (charts.beside() === beside || missing === beside) return;
      place.classList.add("broken");
      try {
        await model.chunk(beside);
        if (on.state().beside !== beside) return; /* Another one has been chosen meanwhile. */
        charts.stand(model.plane(beside));
        place.classList.remove("broken");
        missing = null;
      } catch (error) {
        missing = beside;
        on.failed(new Error(`The ${study.besides[beside]} map cannot be shown. ${error.message}`));
      }
    }

    /* {name, x, y, at} of what is shown, or null. */
    const plane = () => (charts.beside() === on.state().beside ? model.plane(charts.beside()) : null);

    return { name, show, plane };
  }

  window.clusterfolio.beside = { create };
})();
