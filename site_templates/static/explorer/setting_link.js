/* The explorer's link to the page of the setting that it shows: that page has a preview, what follows a # has none. */
(function () {
  "use strict";

  const root = document.documentElement;

  function follow(link) {
    const folder = link.href.replace(/[^/]*$/, "");
    const update = () => {
      link.hidden = !root.dataset.setting;
      if (root.dataset.setting) link.href = `${folder}${root.dataset.setting}.html`;
    };
    new MutationObserver(update).observe(root, { attributeFilter: ["data-setting"] });
    update();
  }

  document.addEventListener("DOMContentLoaded", function () {
    const link = document.querySelector("#setting-page[href]"); /* Without an address where the page stands alone. */
    if (link) follow(link);
  });
})();
