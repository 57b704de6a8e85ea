/* Links to other pages take along what the explorer shows: the comparison its setting as side B and the pinned sample,
   the explorer of the shuffled data the whole state. */
(function () {
  "use strict";

  const { ids } = window.clusterfolio;

  /* `all` are links to another explorer; `own` are the ids of the samples; `address()` gives the part after the #.
     Where the page stands alone some links have no address: they are left as they are. */
  function create(link, all, own, address) {
    const page = link ? link.getAttribute("href") : "";
    const same = all.filter((each) => each.hasAttribute("href"));
    const pages = same.map((each) => each.getAttribute("href"));

    function show(setting, state) {
      same.forEach((each, at) => {
        each.href = `${pages[at]}#${address()}`;
      });
      if (!link) return;
      link.href = `${page}#b=${setting.slug}${state.sample === null ? "" : `&${ids.written(own, state.sample)}`}`;
    }

    return { show };
  }

  window.clusterfolio.navLinks = { create };
})();
