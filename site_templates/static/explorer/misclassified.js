/* Every misclassified sample as a picture with its caption. Nodes are made once per sample and used again. */
(function () {
  "use strict";

  const app = window.clusterfolio;
  const { dom, pictures } = app;
  const KEPT = 4000; // nodes kept for samples that may come again

  function create(parts, model, images, on) {
    const { list, filter, sort, status } = parts;
    const made = new Map();
    const refresh = dom.roving(list, "button", dom.inGrid);
    const pages = dom.el("nav", { class: "portions", "aria-label": "Portions of the misclassified samples" });
    list.after(pages);
    const portions = app.portions.create(pages, fill);
    let setting = null;
    let shown = "";

    list.addEventListener("click", function (event) {
      const button = event.target.closest("button");
      if (button) on.pick(Number(button.dataset.sample));
    });
    filter.addEventListener("change", () => on.pair(filter.value || null));
    sort.addEventListener("change", () => render(current));

    function node(sample) {
      let each = made.get(sample);
      if (!each) {
        const caption = dom.el("span", { class: "caption" });
        const name = dom.el("span", { class: "name" }, `#${model.id(sample)}`);
        const button = dom.el("button", { type: "button", class: "case", "data-sample": sample, tabindex: "-1" });
        const tile = images.has ? pictures.tile(images, sample) : null;
        if (tile) button.append(tile);
        button.append(caption, " ", name);
        each = { item: dom.el("li", {}, button), button, caption, tile };
        made.set(sample, each);
      } else if (each.tile) {
        images.place(each.tile, sample); /* Its picture may have made room for others. */
      }
      return each;
    }

    function options() {
      const pairs = setting.pairs.filter(([label, dominant]) => label !== dominant).sort((a, b) => b[2] - a[2]);
      const first = dom.el("option", { value: "" }, `all (${dom.count(setting.wrong.length)})`);
      filter.replaceChildren(
        first,
        ...pairs.map(([label, dominant, count]) =>
          dom.el(
            "option",
            { value: `${label}-${dominant}` },
            `true ${model.labelName(label)} in a cluster of ${model.labelName(dominant)} (${dom.count(count)})`,
          )
        ),
      );
    }

    let current = null;

    function show(next, state) {
      if (setting !== next) {
        setting = next;
        shown = "";
        options();
      }
      render(state);
    }

    function render(state) {
      current = state;
      const key = `${setting.slug} ${state.pair} ${sort.value}`;
      if (key !== shown) {
        filter.value = state.pair || "";
        const wanted = filter.value === "" ? null : state.pair;
        let samples = Array.from(setting.wrong);
        if (wanted) {
          const [label, dominant] = wanted.split("-").map(Number);
          samples = samples.filter((sample) =>
            model.labels[sample] === label && setting.dominant[setting.clusters[sample]] === dominant
          );
        }
        if (filter.value === "") filter.value = "";
        if (sort.value === "sample") samples.sort((a, b) => a - b);
        portions.set(samples);
        shown = key;
        dom.text(
          status,
          samples.length === 0
            ? "No sample is misclassified at this setting."
            : wanted
            ? `${dom.count(samples.length)} of ${dom.count(setting.wrong.length)} misclassified samples`
            : `${dom.count(samples.length)} misclassified samples`,
        );
      }
      mark(state);
    }

    function fill(samples) {
      if (made.size > KEPT) made.clear();
      list.replaceChildren(...samples.map(function (sample) {
        const { item, caption } = node(sample);
        dom.text(
          caption,
          `true ${model.labelName(model.labels[sample])} → in a cluster of ${
            model.labelName(setting.dominant[setting.clusters[sample]])
          }`,
        );
        return item;
      }));
      refresh();
      if (current) mark(current);
    }

    let marked = null;

    function mark(state) {
      if (marked) dom.pressed(marked.button, false);
      marked = made.get(state.sample) || null;
      if (marked) dom.pressed(marked.button, true);
    }

    return { show, mark };
  }

  app.misclassified = { create };
})();
