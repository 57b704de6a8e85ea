/* `?embed` in the address: the maps alone, for a frame in a blog or a course page. Loaded before the first paint. */
(function () {
  "use strict";

  const root = document.documentElement;
  if ("embeddable" in root.dataset && new URLSearchParams(window.location.search).has("embed")) root.dataset.embed = "";

  /* The link to the whole page at the setting that is shown; the address changes after every step. */
  function follow(link) {
    function point() {
      link.href = window.location.href.split(/[?#]/)[0] + window.location.hash;
    }
    for (const event of ["pointerdown", "focus", "click", "contextmenu"]) link.addEventListener(event, point);
    point();
  }

  /* Markup for a frame that shows `address`; every text in it is escaped. */
  function frame(address, title) {
    const safe = (text) => text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");
    return `<iframe src="${safe(address)}" title="${safe(title)}" width="100%" height="640" loading="lazy"></iframe>`;
  }

  document.addEventListener("DOMContentLoaded", function () {
    for (const link of document.querySelectorAll("a[data-open]")) follow(link);
  });

  window.clusterfolio.embed = { frame };
})();
