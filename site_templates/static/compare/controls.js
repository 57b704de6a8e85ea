/* The controls of the two sides: sliders, choices, data set; as wishes for a setting, and back. Which there are is said
   by the page; which of them play a part beside what a side shows, by the catalog. */
(function () {
  "use strict";

  const { choices, dom, nearest, state: rules, compareState, compareCatalog } = window.clusterfolio;

  /* `on` has place(side) (what is shown there now, flat), choose(side, wish, how, kept) and set(patch). */
  function create(catalog, on) {
    const sides = Object.fromEntries(compareState.SIDES.map((side) => [side, read(side)]));
    const looks = ["color", "only"].map((name) => Array.from(document.querySelectorAll(`input[name="${name}"]`)));

    function read(side) {
      const root = document.querySelector(`.side[data-side="${side}"]`);
      const key = (input) => input.name.slice(0, -`-${side}`.length); /* Each control stands on both sides. */
      const all = (type) => Array.from(root.querySelectorAll(`input[type="${type}"]`), (input) => [key(input), input]);
      return {
        root,
        title: root.querySelector("[data-title]"),
        study: root.querySelector("select"),
        note: root.querySelector(".side-note"),
        sliders: all("range"),
        radios: all("radio"),
        last: {}, /* What its controls were set to last, so that who comes back to a method finds its values again. */
      };
    }

    for (const [side, parts] of Object.entries(sides)) {
      const wish = (patch, how, kept) => on.choose(side, { ...parts.last, ...on.place(side), ...patch }, how, kept);
      for (const [key, slider] of parts.sliders) {
        const values = () => compareCatalog.values(catalog.studies[on.place(side).study], on.place(side), key);
        const value = () => nearest.value(values(), Number(slider.value));
        slider.addEventListener("input", () => wish({ [key]: value() }, "drag"));
        slider.addEventListener("change", () => wish({ [key]: value() }, "push"));
        slider.addEventListener("keydown", function (event) {
          const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
          if (!by) return;
          event.preventDefault(); /* On uneven axes one step is the next value there is. */
          wish({ [key]: rules.step(values(), on.place(side)[key], by) }, "push");
        });
      }
      for (const [key, radio] of parts.radios) {
        radio.addEventListener("change", () => wish({ [key]: radio.value }, "push", { [key]: radio.value }));
      }
      if (parts.study) parts.study.addEventListener("change", () => wish({ study: parts.study.value }, "push"));
    }
    for (const radios of looks) {
      for (const radio of radios) radio.addEventListener("change", () => on.set({ [radio.name]: radio.value }));
    }

    function show(state) {
      for (const [side, parts] of Object.entries(sides)) showSide(parts, on.place(side));
      for (const radios of looks) for (const radio of radios) radio.checked = state[radio.name] === radio.value;
    }

    function showSide(parts, at) {
      const of = catalog.studies[at.study];
      const flat = at.space === "features";
      Object.assign(parts.last, at);
      for (const [key, slider] of parts.sliders) {
        slider.closest(".slider").hidden = at[key] === undefined;
        if (at[key] !== undefined) set(parts, slider, at[key], compareCatalog.values(of, at, key));
        slider.disabled = flat && choices.method(of, at).parameters.includes(key);
      }
      for (const [key, radio] of parts.radios) {
        const options = of.options[key];
        radio.checked = radio.value === at[key];
        radio.disabled = flat && key === "method";
        radio.closest("label").hidden = !options.has(radio.value);
        radio.closest("fieldset").hidden = options.size < 2;
      }
      if (parts.study) parts.study.value = at.study;
      const [map, clustering] = [choices.map(of, at), choices.clustering(of, at)];
      const before = at.study === catalog.own ? "" : `${of.title}, `;
      dom.text(parts.title, `${before}${flat ? "features" : map}, ${clustering}`);
      dom.text(
        parts.note,
        flat ? `Clusters of the features, drawn on the map of ${map}. Neighbours are those in the features.` : "",
      );
    }

    function set(parts, slider, value, values) {
      const [low, high] = [Math.min(value, ...values), Math.max(value, ...values)];
      Object.assign(slider, { min: String(low), max: String(high) });
      if (Number(slider.value) !== value) slider.value = String(value);
      slider.setAttribute("aria-valuetext", `${value} ${slider.dataset.unit}`.trim());
      dom.text(parts.root.querySelector(`output[for="${slider.id}"]`), String(value));
      slider.style.setProperty("--fill", `${(100 * (value - low)) / (high - low || 1)}%`);
    }

    return { show };
  }

  window.clusterfolio.compareControls = { create };
})();
