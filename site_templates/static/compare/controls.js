/* The controls of the two sides: sliders, space, data set; as wishes for a setting, and back. */
(function () {
  "use strict";

  const { dom, state: rules, pairState } = window.clusterfolio;

  /* `on` has place(side) (what is shown there now), choose(side, {study, perplexity, k, space}, how) and set(patch). */
  function create(catalog, on) {
    const sides = Object.fromEntries(pairState.SIDES.map((side) => [side, read(side)]));
    const choices = ["color", "only"].map((name) => Array.from(document.querySelectorAll(`input[name="${name}"]`)));

    function read(side) {
      const root = document.querySelector(`.side[data-side="${side}"]`);
      return {
        root,
        title: root.querySelector("[data-title]"),
        study: root.querySelector("select"),
        note: root.querySelector(".side-note"),
        sliders: Array.from(root.querySelectorAll("input[type='range']")),
        spaces: Array.from(root.querySelectorAll("input[type='radio']")),
      };
    }

    for (const [side, parts] of Object.entries(sides)) {
      const wish = (patch, how) => on.choose(side, Object.assign({}, on.place(side), patch), how);
      for (const slider of parts.sliders) {
        const key = slider.name.split("-")[0];
        const values = () => catalog.studies[on.place(side).study][key === "k" ? "ks" : "perplexities"];
        const value = () => rules.nearest(values(), Number(slider.value));
        slider.addEventListener("input", () => wish({ [key]: value() }, "drag"));
        slider.addEventListener("change", () => wish({ [key]: value() }, "push"));
        slider.addEventListener("keydown", function (event) {
          const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
          if (!by) return;
          event.preventDefault(); /* On uneven axes one step is the next value there is. */
          wish({ [key]: rules.step(values(), on.place(side)[key], by) }, "push");
        });
      }
      for (const radio of parts.spaces) radio.addEventListener("change", () => wish({ space: radio.value }, "push"));
      if (parts.study) parts.study.addEventListener("change", () => wish({ study: parts.study.value }, "push"));
    }
    for (const radios of choices) {
      for (const radio of radios) radio.addEventListener("change", () => on.set({ [radio.name]: radio.value }));
    }

    function show(state) {
      for (const [side, parts] of Object.entries(sides)) showSide(parts, on.place(side));
      for (const radios of choices) for (const radio of radios) radio.checked = state[radio.name] === radio.value;
    }

    function showSide(parts, at) {
      const { title, perplexities, ks } = catalog.studies[at.study];
      for (const slider of parts.sliders) {
        const key = slider.name.split("-")[0];
        const values = key === "k" ? ks : perplexities;
        Object.assign(slider, { min: String(Math.min(...values)), max: String(Math.max(...values)) });
        if (Number(slider.value) !== at[key]) slider.value = String(at[key]);
        slider.disabled = key === "perplexity" && at.space === "features";
        slider.setAttribute("aria-valuetext", `${at[key]} ${slider.dataset.unit}`.trim());
        dom.text(parts.root.querySelector(`output[for="${slider.id}"]`), String(at[key]));
        const share = (at[key] - Number(slider.min)) / (Number(slider.max) - Number(slider.min) || 1);
        slider.style.setProperty("--fill", `${100 * share}%`);
      }
      for (const radio of parts.spaces) radio.checked = radio.value === at.space;
      if (parts.study) parts.study.value = at.study;
      dom.text(
        parts.title,
        `${at.study === catalog.own ? "" : `${title}, `}${
          at.space === "features" ? "features" : `perplexity ${at.perplexity}`
        }, k ${at.k}`,
      );
      dom.text(
        parts.note,
        at.space === "features"
          ? `Clusters of the features, drawn on the map of perplexity ${at.perplexity}. ` +
            "Neighbours are those in the features."
          : "",
      );
    }

    return { show };
  }

  window.clusterfolio.pairControls = { create };
})();
