/* The sample under the pointer: ringed on both maps, told in a tip and on the card, once a frame. */
(function () {
  "use strict";

  /* `now()` gives {setting, state}; `setting` is null where nothing is drawn. */
  function create(places, charts, card, tip, now) {
    let hovered = null;
    let ringing = 0;

    function showCard() {
      const { setting, state } = now();
      card.show(hovered === null ? state.sample : hovered, setting, hovered === null && state.sample !== null);
    }

    function hover(sample, name) {
      if (sample === hovered) {
        if (sample === null) tip.hide();
        return;
      }
      hovered = sample;
      const { setting } = now();
      if (sample === null || !setting) tip.hide();
      else tip.show(places[name], sample, setting, charts.locate(name, sample));
      if (ringing) return;
      ringing = window.requestAnimationFrame(function () {
        ringing = 0;
        charts.hover(hovered);
        showCard();
      });
    }

    function leave() {
      hovered = null;
      tip.hide();
    }

    return { hover, leave, showCard };
  }

  window.clusterfolio.pointer = { create };
})();
