/* Light or dark: the system's choice until the reader makes one. Loaded before the first paint. */
(function () {
  "use strict";

  const KEY = "clusterfolio.theme";
  const THEMES = ["light", "dark"];
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  function stored() {
    try {
      const value = window.localStorage.getItem(KEY);
      return THEMES.includes(value) ? value : null;
    } catch {
      return null;
    }
  }

  function current() {
    return root.dataset.theme || (system.matches ? "dark" : "light");
  }

  function announce() {
    for (const button of document.querySelectorAll("[data-action='theme']")) {
      button.setAttribute("aria-pressed", String(current() === "dark"));
    }
    document.dispatchEvent(new CustomEvent("clusterfolio:theme"));
  }

  function toggle() {
    root.dataset.theme = current() === "dark" ? "light" : "dark";
    try {
      window.localStorage.setItem(KEY, root.dataset.theme);
    } catch {
      /* Storage may be full or forbidden; the choice then lasts as long as the page. */
    }
    announce();
  }

  const choice = stored();
  if (choice) root.dataset.theme = choice;
  system.addEventListener("change", announce);
  document.addEventListener("DOMContentLoaded", function () {
    for (const button of document.querySelectorAll("[data-action='theme']")) {
      button.hidden = false;
      button.addEventListener("click", toggle);
    }
    announce();
  });
})();
