/* What changed from A to B, as pictures: the moves between labels, who made them, and who lost its neighbours. */
(function () {
  "use strict";

  const { dom, ranked } = window.clusterfolio;
  const MOVES = 24; // buttons; rarer moves are in the list below them

  /* `on` has pick(sample) and light(samples). */
  function create(catalog, model, images, on) {
    const one = (selector) => document.querySelector(selector);
    const parts = (name) => ({
      list: one(`#${name}-list`),
      more: one(`#${name}-more`),
      status: one(`#${name}-status`),
    });
    const changed = ranked.create(parts("changed"), catalog.more, model, images, on.pick);
    const torn = ranked.create(parts("torn"), catalog.more, model, images, on.pick);
    const moves = one("#moves");
    const refresh = dom.roving(moves, "button", dom.inGrid);
    let current = [];

    moves.addEventListener("click", function (event) {
      const button = event.target.closest("button");
      if (button) on.light(current[Number(button.dataset.move)].samples);
    });

    function showMoves(pair) {
      current = pair.changes.moves;
      moves.replaceChildren(
        ...current.slice(0, MOVES).map((move, at) =>
          dom.el(
            "button",
            { type: "button", class: "chip", "data-move": at, tabindex: "-1" },
            dom.el("span", { class: "name" }, `${move.from} → ${move.to}`),
            " ",
            dom.el("span", { class: "count" }, `(${dom.count(move.samples.length)})`),
          )
        ),
      );
      refresh();
      const way = new Map(current.flatMap((move) => move.samples.map((sample) => [sample, move])));
      changed.show(
        Array.from(way.keys()),
        (sample) => ({ words: `${way.get(sample).from} → ${way.get(sample).to}${truth(sample)}` }),
        current.length === 0
          ? "No sample has: both sides give every sample the same."
          : `${dom.count(pair.changes.count)} of ${dom.count(catalog.n)} samples, the most frequent moves first`,
      );
    }

    function truth(sample) {
      return model.labels ? `, true ${model.labelName(model.labels[sample])}` : "";
    }

    function showTorn(pair) {
      const near = pair.near();
      const samples = [];
      for (let sample = 0; sample < catalog.n; sample += 1) if (near.shared[sample] < pair.count) samples.push(sample);
      samples.sort((x, y) => near.shared[x] - near.shared[y] || x - y);
      torn.show(
        samples,
        (sample) => ({
          words: `keeps ${near.shared[sample]} of ${pair.count}${truth(sample)}`,
          value: near.jaccard(sample),
        }),
        samples.length === 0
          ? "No sample has lost a neighbour: both sides lie on the same map."
          : `${dom.counted(near.tornCount, "sample")} lost more than half, ${
            dom.count(samples.length)
          } lost at least one`,
      );
    }

    function mark(sample) {
      changed.mark(sample);
      torn.mark(sample);
    }

    return { jobs: (pair) => [() => showMoves(pair), () => showTorn(pair)], mark };
  }

  window.clusterfolio.compareLists = { create };
})();
