/* What the pages with scripts have in common: how they begin, what stops them, and how a reader gets about in them. */
(function () {
  "use strict";

  const app = window.clusterfolio;
  const MARGIN = 200; // px of the maps that are seen, at least, where nothing is scrolled

  /* Run a page. What stops it is said, and marked for those who wait for the page. */
  function begin(notices, main) {
    main().catch(function (error) {
      notices.alert(app.notices.reason(error));
      document.documentElement.dataset.state = "error";
      window.console.error(error);
    });
  }

  /* The data that stand in the page, by name. */
  function data(...names) {
    const found = names.map(app.get);
    if (found.some((each) => !each)) {
      throw new Error("The data of this page could not be loaded. The files beside it may be missing.");
    }
    return found;
  }

  /* Vega is large and comes last, so that the first data are asked for before it runs. Waits for it when called. */
  function vega() {
    const arrived = window.vegaEmbed
      ? Promise.resolve()
      : new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve));
    return async function () {
      await arrived;
      if (!window.vegaEmbed) {
        throw new Error("The drawing library could not be loaded. The files beside this page may be missing.");
      }
    };
  }

  /* The part of this page that an address such as #maps leads to, or null. */
  function partOf(hash) {
    const name = hash.replace(/^#/, "");
    return name === "" ? null : document.getElementById(name);
  }

  /* What the address bar calls as the reader goes back and forth. `on` has read(text) → {state, notes}, written() and
     go(state); a link to a part of the page changes no state. */
  function restorer(notices, on) {
    const address = app.address.create(function (text) {
      if (partOf(text)) {
        address.replace(on.written());
        return;
      }
      const { state, notes } = on.read(text);
      on.go(state);
      notices.alert(notes.join(" "));
    });
    return address;
  }

  /* Show what makes no sense without a script. */
  function reveal() {
    for (const part of document.querySelectorAll("[data-needs-script]")) part.hidden = false;
  }

  /* Bring the maps into view, if little of them is. */
  function showMaps() {
    const maps = document.querySelector("#maps");
    const box = maps.getBoundingClientRect();
    if (box.bottom < MARGIN || box.top > window.innerHeight - MARGIN) maps.scrollIntoView({ block: "start" });
  }

  /* The form that leads to a sample, by its number or id. */
  function goForm(model, notices, find) {
    document.querySelector("#go").addEventListener("submit", function (event) {
      event.preventDefault();
      const text = document.querySelector("#go-id").value;
      const sample = model.sampleOf(text);
      if (sample === null) {
        notices.alert(`There is no sample “${text.slice(0, 40)}”. Samples are numbered 0 to ${model.n - 1}.`);
      } else find(sample);
    });
  }

  app.page = { begin, data, vega, partOf, restorer, reveal, showMaps, goForm };
})();
