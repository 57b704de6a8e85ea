/* A wrapping strip of sample pictures, each a button. Nodes are made once per sample and used again. */
(function () {
  "use strict";

  const { dom, pictures, portions } = window.clusterfolio;
  const KEPT = 4000; // nodes kept for samples that may come again

  function create(element, model, images, pick) {
    const made = new Map();
    const refresh = dom.roving(element, "button", dom.inGrid);
    const nav = dom.el("nav", { class: "portions", "aria-label": "Portions of these samples" });
    element.after(nav);
    const parts = portions.create(nav, render);

    element.addEventListener("click", function (event) {
      const button = event.target.closest("button");
      if (button) pick(Number(button.dataset.id));
    });

    function node(sample) {
      if (made.has(sample)) {
        const button = made.get(sample);
        if (images.has) images.place(button.firstChild, sample); /* Its picture may have made room for others. */
        return button;
      }
      const name = `Sample ${model.id(sample)}${model.labels ? `, true ${model.labelName(model.labels[sample])}` : ""}`;
      const content = images.has ? pictures.tile(images, sample) : model.id(sample);
      const button = dom.el("button", {
        type: "button",
        class: images.has ? "picture" : "picture worded",
        "data-id": sample,
        "aria-label": name,
        title: name,
        tabindex: "-1",
      }, content);
      made.set(sample, button);
      return button;
    }

    function render(samples) {
      if (made.size > KEPT) made.clear();
      dom.refill(element, Array.from(samples, node));
      refresh();
    }

    return { show: parts.set };
  }

  window.clusterfolio.strip = { create };
})();
