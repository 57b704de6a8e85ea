/* Sliders, radio buttons and keys: what people move, as changes of the state, and back. */
(function () {
  "use strict";

  const { choices, dom, nearest, state: rules } = window.clusterfolio;

  /* `on` has state(), change(patch, how), walk(map, key) and escape(). `places` are the maps. */
  function create(study, places, on) {
    const sliders = Array.from(document.querySelectorAll("input[type='range'][data-control]"));
    const radios = Array.from(document.querySelectorAll("input[type='radio'][data-control]"));

    const entries = Array.from(document.querySelectorAll("[data-of-method], [data-of-clusterer]"));

    /* Sliders are those of the method and the clusterer that are chosen, as are the words that name these. */
    function show(state) {
      const active = choices.parameters(study, state);
      for (const node of entries) {
        const { ofMethod, ofClusterer } = node.dataset;
        node.hidden = ofMethod ? ofMethod !== state.method : ofClusterer !== state.clusterer;
      }
      for (const slider of sliders) {
        slider.closest(".slider").hidden = !active.includes(slider.name);
        const value = state[slider.name];
        range(slider, state);
        if (Number(slider.value) !== value) slider.value = String(value);
        slider.setAttribute("aria-valuetext", `${value} ${slider.dataset.unit}`.trim());
        dom.text(document.querySelector(`output[for="${slider.id}"]`), String(value));
        const share = (value - Number(slider.min)) / (Number(slider.max) - Number(slider.min) || 1);
        slider.style.setProperty("--fill", `${100 * share}%`);
      }
      for (const radio of radios) radio.checked = state[radio.name] === radio.value;
    }

    /* A slider goes over what is computed beside all else that is chosen. */
    function range(slider, state) {
      const values = choices.offered(study, state, slider.name);
      const [low, high] = [values[0], values[values.length - 1]];
      if (Number(slider.min) !== low) slider.min = String(low);
      if (Number(slider.max) !== high) slider.max = String(high);
      slider.disabled = values.length < 2;
    }

    for (const slider of sliders) {
      const all = () => choices.offered(study, on.state(), slider.name);
      const read = () => nearest.value(all(), Number(slider.value));
      slider.addEventListener("input", () => on.change({ [slider.name]: read() }, "drag"));
      slider.addEventListener("change", () => on.change({ [slider.name]: read() }, "push"));
      slider.addEventListener("keydown", function (event) {
        const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
        if (!by) return;
        event.preventDefault(); /* On uneven axes one step is the next value there is. */
        on.change({ [slider.name]: rules.step(all(), on.state()[slider.name], by) }, "push");
      });
    }
    for (const radio of radios) {
      radio.addEventListener(
        "change",
        () => on.change({ [radio.name]: radio.value, label: null, cluster: null }, "push"),
      );
    }
    for (const [name, map] of Object.entries(places)) {
      map.addEventListener("keydown", function (event) {
        if (!event.key.startsWith("Arrow") || !on.walk(name, event.key)) return;
        event.preventDefault();
      });
    }
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape") on.escape();
    });

    return { show };
  }

  window.clusterfolio.controls = { create };
})();
