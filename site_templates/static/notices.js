/* What the page says: problems in an alert, what was done in a status line. */
(function () {
  "use strict";

  const { dom } = window.clusterfolio;

  function create(problem, status) {
    function alert(text) {
      dom.text(problem, text);
      problem.hidden = text === "";
    }

    function say(text) {
      dom.text(status, text);
    }

    /* Beside what is already said. */
    function add(...texts) {
      alert([problem.textContent, ...texts].filter(Boolean).join(" "));
    }

    function clear() {
      alert("");
      say("");
    }

    return { alert, say, add, clear };
  }

  window.clusterfolio.notices = { create };
})();
