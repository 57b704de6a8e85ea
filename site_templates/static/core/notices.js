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
      const fresh = texts.filter((text, at) => !problem.textContent.includes(text) && texts.indexOf(text) === at);
      alert([problem.textContent, ...fresh].filter(Boolean).join(" "));
    }

    function clear() {
      alert("");
      say("");
    }

    return { alert, say, add, clear };
  }

  /* What stopped a page, in words: its scripts trip over data that are not what they should be. */
  function reason(error) {
    return error instanceof TypeError ? `The data of this page are damaged (${error.message}).` : error.message;
  }

  window.clusterfolio.notices = { create, reason };
})();
