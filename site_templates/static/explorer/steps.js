/* Where the reader came from: the setting that the figures are compared with. */
(function () {
  "use strict";

  function create(model) {
    const keys = window.clusterfolio.choices.keys(model.study); /* Of a state: which setting it shows. */
    let committed = null; /* The setting before the current drag, */
    let previous = null; /* and the one before that: what changes are measured against. */
    let dragging = false;

    function take(state, how) {
      dragging = how === "drag";
      if (dragging) return;
      if (committed && keys.some((key) => committed[key] !== state[key])) previous = committed;
      committed = state;
    }

    /* The earlier setting, {setting, state}, when its data are at hand. */
    function before() {
      const state = dragging ? committed : previous;
      if (!state || !model.ready(state)) return null;
      try {
        return { setting: model.setting(state), state };
      } catch {
        return null;
      }
    }

    return { take, before, keys };
  }

  window.clusterfolio.steps = { create };
})();
