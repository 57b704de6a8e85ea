/* The address bar and the history: replaced while a slider moves, pushed when it is released. And what an address can
   have been before it went through mails and chats: those encode it once more, and take the end of a sentence for its
   own. */
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

  const ENDS = /[\s.,;:!?)\]}>"'`*_~|\\»“”‘’…。，、）]$/;
  const MOST = 10; /* Characters that a text may have left at the end of a link. */

  /* A value as it is written, then with what a text left at its end taken off, then the same decoded once more. */
  function forms(value) {
    return [...new Set([...shorter(value), ...shorter(decoded(value))])];
  }

  function shorter(text) {
    const found = [text];
    for (let rest = text; found.length <= MOST && rest.length > 1 && ENDS.test(rest);) {
      rest = rest.slice(0, -1);
      found.push(rest);
    }
    return found;
  }

  function decoded(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  }

  /* `#key=value&…` → {pairs, notes}: as written where that has a meaning, else `amp;` taken off, or decoded once more;
     a sentence for each of these. `good(key, value)` says whether a value names something. */
  function pairs(text, keys, good) {
    const notes = [];
    const found = [];
    for (const [key, value] of new URLSearchParams(String(text).replace(/^#/, ""))) {
      const read = keys.includes(key) ? parted(key, value, keys, good) : understood(key, value, keys);
      if (read) notes.push(told(key, value, read));
      found.push(...(read || [[key, value]]));
    }
    return { pairs: found, notes };
  }

  function told(key, value, read) {
    const { shorten } = window.clusterfolio.state;
    const text = (all) => all.map((pair) => pair.join("=")).join("&");
    const [before, after] = [value === "" ? key : text([[key, value]]), text(read)];
    return before === after
      ? `The address was encoded once more on its way; this is read as ${shorten(after)}.`
      : `“${shorten(before)}” is read as ${shorten(after)}.`;
  }

  /* Pairs of a text that was decoded already, their keys without what an encoding of HTML or of the whole address put
     before them; whether a value is to be decoded once more is for `forms`. */
  function plain(text) {
    return text.split("&").map((pair) => {
      const at = pair.indexOf("=");
      return at < 0 ? [bare(pair), ""] : [bare(pair.slice(0, at)), pair.slice(at + 1)];
    });
  }

  function bare(key) {
    return key.replace(/^(?:#|amp;)+/, "");
  }

  /* What an unknown key was meant as, or null. */
  function understood(key, value, keys) {
    const known = (all) => all.some(([each]) => keys.includes(each));
    const first = [bare(key), value];
    if (known([first])) return [first];
    if (!/[=&]/.test(key)) return null;
    const inner = plain(bare(key));
    const last = inner[inner.length - 1];
    if (!last || !known(inner)) return null;
    if (value !== "") last[1] = last[1] === "" ? value : `${last[1]}=${value}`;
    return inner;
  }

  /* What a value that names nothing and holds further pairs was meant as, or null. */
  function parted(key, value, keys, good) {
    const at = value.indexOf("&");
    if (at < 0) return null;
    const more = plain(value.slice(at + 1));
    return more.some(([each]) => keys.includes(each)) && !good(key, value)
      ? [[key, value.slice(0, at)], ...more]
      : null;
  }

  window.clusterfolio.address = { create, pairs, forms };
})();
