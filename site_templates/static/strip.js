/* A wrapping strip of sample pictures, each a button. Nodes are made once per sample and used again. */
(function () {
  "use strict";

  const { dom, pictures } = window.clusterfolio;

  function create(element, model, images, pick) {
    const made = new Map();
    const refresh = dom.roving(element, "button", dom.inGrid);

    element.addEventListener("click", function (event) {
      const button = event.target.closest("button");
      if (button) pick(Number(button.dataset.id));
    });

    function node(sample) {
      if (!made.has(sample)) {
        const name = `Sample ${model.id(sample)}${model.labels ? `, true ${model.labelName(model.labels[sample])}` : ""}`;
        const content = images.has ? pictures.tile(images, sample) : model.id(sample);
        made.set(sample, dom.el("button", { type: "button", class: images.has ? "picture" : "picture worded", "data-id": sample, "aria-label": name, title: name, tabindex: "-1" }, content));
      }
      return made.get(sample);
    }

    function show(samples) {
      element.replaceChildren(...samples.map(node));
      refresh();
    }

    return { show };
  }

  window.clusterfolio.strip = { create };
})();
