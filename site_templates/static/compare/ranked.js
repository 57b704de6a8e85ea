/* A list of samples as pictures with captions, the first few until more are asked for. Nodes are made once a sample. */
(function () {
  "use strict";

  const { dom, pictures } = window.clusterfolio;

  /* `parts` has list, more (a button) and status; `few` is how many come at once. */
  function create(parts, few, model, images, pick) {
    const { list, more } = parts;
    const refresh = dom.roving(list, "button", dom.inGrid);
    const made = new Map();
    let marked = null;
    let samples = [];
    let caption = null;
    let limit = few;

    list.addEventListener("click", function (event) {
      const button = event.target.closest("button");
      if (button) pick(Number(button.dataset.sample));
    });
    more.addEventListener("click", function () {
      const at = limit;
      limit += few;
      fill();
      const next = list.children[at];
      if (next) next.querySelector("button").focus();
    });

    function node(sample) {
      if (!made.has(sample)) {
        const text = dom.el("span", { class: "caption" });
        const button = dom.el("button", {
          type: "button",
          class: "case",
          "data-sample": sample,
          tabindex: "-1",
          "aria-pressed": "false",
        });
        if (images.has) button.append(pictures.tile(images, sample));
        button.append(text, " ", dom.el("span", { class: "name" }, `#${model.id(sample)}`));
        made.set(sample, { item: dom.el("li", {}, button), button, text });
      }
      return made.get(sample);
    }

    function fill() {
      const shown = samples.slice(0, limit);
      list.replaceChildren(...shown.map(function (sample) {
        const { item, button, text } = node(sample);
        const { words, value } = caption(sample);
        dom.text(text, words);
        if (value === undefined) delete button.dataset.value;
        else button.dataset.value = String(value);
        return item;
      }));
      more.hidden = samples.length <= limit;
      dom.text(more, `Show ${Math.min(few, samples.length - limit)} more of ${dom.count(samples.length)}`);
      refresh();
    }

    /* `words(sample)` gives {words, value}. */
    function show(ranked, words, status) {
      [samples, caption, limit] = [ranked, words, few];
      dom.text(parts.status, status);
      fill();
    }

    function mark(sample) {
      if (marked) dom.pressed(marked.button, false);
      marked = made.get(sample) || null;
      if (marked) dom.pressed(marked.button, true);
    }

    return { show, mark };
  }

  window.clusterfolio.ranked = { create };
})();
