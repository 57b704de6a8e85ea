/* Which side a click on the strip of small maps sets. The strip shows the maps of one data set, so a side that shows
   another one is not for choosing while the other side shows this one. */
(function () {
  "use strict";

  const { dom, compareState } = window.clusterfolio;

  /* `root` has the radio buttons “film-side” and, where there are several data sets, a [data-aim] for what is said. */
  function create(root, catalog) {
    const radios = Array.from(root.querySelectorAll("input[name='film-side']"));
    const note = root.querySelector("[data-aim]");
    let wanted = radios.find((radio) => radio.checked).value; /* As the reader chose it last. */

    for (const radio of radios) {
      radio.addEventListener("change", () => {
        if (radio.checked) wanted = radio.value;
      });
    }

    /* {side, open, none}: the side that a click sets, those to choose between, and whether neither shows this data set.
       */
    function at(state) {
      const own = compareState.SIDES.filter((side) => state[side].study === catalog.own);
      const open = own.length ? own : compareState.SIDES;
      return { side: open.includes(wanted) ? wanted : open[0], open, none: !own.length };
    }

    function show(state) {
      const { side, open, none } = at(state);
      for (const radio of radios) {
        radio.checked = radio.value === side;
        radio.disabled = !open.includes(radio.value);
      }
      const strange = compareState.SIDES.filter((each) => !open.includes(each));
      const title = (each) => catalog.studies[state[each].study].title;
      const { title: here } = catalog.studies[catalog.own];
      if (none) {
        dom.text(
          note,
          `Neither side shows ${here}: a click sets the nearest map of the side's own data set.`,
        );
      } else {dom.text(
          note,
          strange.length
            ? `${strange[0].toUpperCase()} shows ${title(strange[0])}, so a click sets ${side.toUpperCase()}.`
            : "",
        );}
    }

    return { at, show };
  }

  window.clusterfolio.filmstripAim = { create };
})();
