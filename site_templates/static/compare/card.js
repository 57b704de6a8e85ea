/* The card of one sample in both settings: its clusters, and its nearest neighbours on either side. */
(function () {
  "use strict";

  const { dom, strip, state: rules } = window.clusterfolio;
  const { VERDICTS } = window.clusterfolio.card;
  const SIDES = ["a", "b"];

  /* `pairs` is the pair model; `pick(sample)` pins another sample. */
  function create(root, pairs, model, images, pick) {
    const at = (name) => root.querySelector(`[data-card="${name}"]`);
    const near = Object.fromEntries(SIDES.map((side) => [side, strip.create(at(`near-${side}`), model, images, pick)]));
    let shown = "";

    function show(sample, pair, state, pinned) {
      const empty = sample === null || !pair;
      const key = empty ? "" : `${pair.slug} ${sample}`;
      at("unpin").hidden = !pinned;
      if (key === shown && key !== "") return;
      at("hint").hidden = !empty;
      at("body").hidden = empty;
      dom.text(at("title"), empty ? "No sample chosen" : `Sample ${model.id(sample)}`);
      shown = "";
      if (empty) return;
      at("tile").hidden = !images.has;
      images.place(at("tile"), sample);
      if (at("label")) dom.text(at("label"), model.labelName(model.labels[sample]));
      const around = pair.near();
      dom.text(at("kept"), `${around.shared[sample]} of ${pair.count} neighbours`);
      at("kept").dataset.value = String(around.jaccard(sample));
      for (const side of SIDES) {
        const { setting, model: own } = pair[side];
        const cluster = setting.clusters[sample];
        const wrong = setting.isWrong[sample] === 1;
        const verdict = own.labels ? ` ${VERDICTS[setting.verdict[sample]]}` : "";
        const name = `${setting.dominant[cluster] === null ? "" : "mostly "}${own.clusterName(setting, cluster)}`;
        dom.text(at(`cluster-${side}`), name + verdict);
        at(`cluster-${side}`).dataset.wrong = String(wrong);
        const other = new Set(around[side === "a" ? "b" : "a"](sample));
        near[side].show(around[side](sample));
        for (const node of at(`near-${side}`).children) {
          node.classList.toggle("both", other.has(Number(node.dataset.id)));
        }
        link(at(`why-${side}`), pair[side], Object.assign(pairs.explorerState(state, side), { sample }));
      }
      shown = key;
    }

    /* The same setting and sample in that study's explorer. */
    function link(node, side, wanted) {
      const { study } = side.model;
      const target = Object.assign(rules.start(study), wanted);
      delete target.study;
      node.href = `${side.base}index.html#${rules.format(target, study)}`;
    }

    return { show };
  }

  window.clusterfolio.compareCard = { create };
})();
