/* Addresses of the misclassified samples: a page that said all of them would be twice as large, so beyond the first of
   each pair it may name a sample without; the pair's heading and the name tell it. */
(function () {
  "use strict";

  const { ids } = window.clusterfolio;

  for (const pair of document.querySelectorAll(".pairs > div")) {
    const heading = pair.querySelector("h3 a");
    const setting = heading && heading.getAttribute("href").replace(/&pair=[^&]*$/, "");
    const own = pair.parentNode.dataset.ids === "own";
    for (const name of heading ? pair.querySelectorAll("b") : []) {
      const link = document.createElement("a");
      const text = name.textContent;
      link.href = `${setting}&${own ? ids.written([text], 0) : ids.written(null, text)}`;
      link.className = name.className;
      link.textContent = text;
      name.replaceWith(link);
    }
  }
})();
