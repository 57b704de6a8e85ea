/* The address bar and the history: replaced while a slider moves, pushed when it is released. */
(function () {
  "use strict";

  const PAUSE = 200; // ms between replacements: Safari and Firefox throw on too many

  function create(restore) {
    let shown = null;
    let settled = null;
    let timer = 0;
    let last = 0;

    function write(method, text) {
      try {
        window.history[method](null, "", `#${text}`);
      } catch {
        /* A sandboxed frame may forbid it; the page works without an address. */
      }
      last = performance.now();
    }

    /* While dragging: the address follows, at most five times a second. */
    function follow(text) {
      shown = text;
      window.clearTimeout(timer);
      timer = window.setTimeout(() => write("replaceState", text), Math.max(0, last + PAUSE - performance.now()));
    }

    /* On release: one new step in the history, after the place where the drag began. */
    function push(text) {
      window.clearTimeout(timer);
      shown = text;
      if (text === settled) {
        write("replaceState", text);
        return;
      }
      if (settled !== null && current() !== settled) write("replaceState", settled);
      write("pushState", text);
      settled = text;
    }

    function replace(text) {
      window.clearTimeout(timer);
      shown = text;
      settled = text;
      if (current() !== text) write("replaceState", text);
    }

    function current() {
      return window.location.hash.replace(/^#/, "");
    }

    function changed() {
      if (current() !== shown) restore(current());
    }

    window.addEventListener("popstate", changed);
    window.addEventListener("hashchange", changed);
    return { follow, push, replace, current };
  }

  window.clusterfolio.address = { create };
})();
