/* The link to the comparison takes along what the explorer shows: its setting as side B, and the pinned sample. */
(function () {
  "use strict";

  function create(link) {
    const page = link ? link.getAttribute("href") : "";

    function show(setting, state) {
      if (!link) return;
      link.href = `${page}#b=${setting.slug}${state.sample === null ? "" : `&sample=${state.sample}`}`;
    }

    return { show };
  }

  window.clusterfolio.onward = { create };
})();
