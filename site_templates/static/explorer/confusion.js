/* The confusion matrix, dominant label × true label: a table whose filled cells are buttons. */
(function () {
  "use strict";

  const { dom } = window.clusterfolio;

  function create(table, model, pick) {
    const labels = model.names.map((_, code) => code);
    const cells = new Map();
    const heads = [];
    const body = dom.el("tbody", {});
    const top = dom.el(
      "tr",
      {},
      dom.el("td", {}, "mostly"),
      ...labels.map((code) => dom.el("th", { scope: "col" }, model.labelName(code))),
    );
    for (const dominant of labels) {
      const head = dom.el("th", { scope: "row" }, model.labelName(dominant));
      const row = dom.el("tr", {}, head);
      heads.push(row);
      for (const label of labels) {
        const button = dom.el("button", { type: "button", "aria-pressed": "false", tabindex: "-1", hidden: true });
        button.dataset.pair = `${label}-${dominant}`;
        if (label === dominant) button.dataset.right = "";
        cells.set(button.dataset.pair, button);
        row.append(dom.el("td", {}, button));
      }
      body.append(row);
    }
    /* Noise is counted apart: it is in no cell, for no cluster gives it a label. */
    const noise = labels.map(() => dom.el("td", { class: "number" }));
    const apart = dom.el("tr", { class: "apart", hidden: true }, dom.el("th", { scope: "row" }, "noise"), ...noise);
    body.append(apart);
    table.append(dom.el("thead", {}, top), body);
    const refresh = dom.roving(table, "button", dom.inGrid);
    table.addEventListener("click", function (event) {
      const button = event.target.closest("button");
      if (button) pick(button.dataset.pair);
    });

    function showNoise(setting) {
      apart.hidden = !setting.noiseCount;
      if (apart.hidden) return;
      const counts = new Array(labels.length + 1).fill(0);
      setting.clusters.forEach((cluster, sample) => {
        if (cluster === setting.noise) counts[model.labels[sample]] += 1;
      });
      noise.forEach((cell, label) => dom.text(cell, counts[label] ? dom.count(counts[label]) : ""));
    }

    function show(setting, state) {
      showNoise(setting);
      const counts = new Map(setting.pairs.map(([label, dominant, count]) => [`${label}-${dominant}`, count]));
      const wrong = setting.pairs.filter(([label, dominant]) => label !== dominant).map((each) => each[2]);
      const right = setting.pairs.filter(([label, dominant]) => label === dominant).map((each) => each[2]);
      const most = { wrong: Math.max(1, ...wrong), right: Math.max(1, ...right) };
      for (const [pair, button] of cells) {
        const count = counts.get(pair) || 0;
        button.hidden = count === 0;
        if (!count) continue;
        const [label, dominant] = pair.split("-").map((code) => model.labelName(Number(code)));
        dom.text(button, dom.count(count));
        button.setAttribute("aria-label", `${count}: true ${label} in a cluster of ${dominant}`);
        button.style.setProperty(
          "--share",
          (Math.sqrt(count / ("right" in button.dataset ? most.right : most.wrong))).toFixed(2),
        );
      }
      const given = new Set(setting.dominant);
      heads.forEach((row, code) => row.classList.toggle("none", !given.has(code)));
      refresh();
      mark(state);
    }

    function mark(state) {
      for (const [pair, button] of cells) dom.pressed(button, state.pair === pair);
    }

    return { show, mark };
  }

  window.clusterfolio.confusion = { create };
})();
