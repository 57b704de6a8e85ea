/* A card for each cluster: what it looks like, what lies at its heart and at its edge, and where its samples go at
   settings of its clusterer. */
(function () {
  "use strict";

  const { choices, dom, decode, legend, pictures } = window.clusterfolio;

  /* `means()` promises canvases with the clusters' mean pictures; `on` has find(sample). */
  function create(root, model, images, means, on) {
    const { study } = model;
    const cards = Array.from({ length: study.most }, (_, cluster) => make(cluster));
    let chunk = null;
    let turn = 0;

    root.addEventListener("click", function (event) {
      const button = event.target.closest("button[data-example]");
      if (button) on.find(Number(button.dataset.example));
    });

    function make(cluster) {
      const parts = {
        swatch: dom.el("span", { class: "swatch", "aria-hidden": "true" }),
        title: dom.el("span", {}),
        flag: legend.chance(),
        canvas: dom.el("canvas", { class: "mean", role: "img", "aria-label": `Mean image of cluster ${cluster}` }),
        medoid: dom.el("div", { class: "picks" }),
        central: dom.el("div", { class: "picks" }),
        border: dom.el("div", { class: "picks" }),
        labels: dom.el("div", { class: "band-part" }),
        less: dom.el("div", { class: "band-part" }),
        more: dom.el("div", { class: "band-part" }),
      };
      const row = (name, ...nodes) => dom.el("div", { class: "card-row" }, dom.el("h4", {}, name), ...nodes);
      const node = dom.el(
        "li",
        { class: "cluster-card", "data-card-of": cluster },
        dom.el("h3", {}, parts.swatch, parts.title, parts.flag),
      );
      const rows = images.has
        ? [dom.el("div", { class: "card-pair" }, row("Mean", parts.canvas), row("Medoid", parts.medoid))]
        : [row("Medoid", parts.medoid)];
      rows.push(row("Central", parts.central), row("Borderline", parts.border));
      if (model.names) rows.push(row("True labels", parts.labels));
      rows.push(parts.less, parts.more);
      node.append(...rows);
      return Object.assign(parts, { node, refresh: dom.roving(node, "button", dom.inGrid) });
    }

    function pick(sample) {
      const name = `Sample ${model.id(sample)}${model.labels ? `, true ${model.labelName(model.labels[sample])}` : ""}`;
      const content = images.has ? pictures.tile(images, sample) : model.id(sample);
      return dom.el("button", {
        type: "button",
        class: images.has ? "picture" : "picture worded",
        "data-example": sample,
        tabindex: "-1",
        "aria-label": name,
        title: name,
      }, content);
    }

    async function show(setting, state) {
      turn += 1;
      const mine = turn;
      try {
        chunk = chunk || await model.chunk("examples");
      } catch (error) {
        dom.text(root, `The cards cannot be shown. ${error.message}`);
        return;
      }
      if (mine !== turn) return; /* Another setting has been chosen meanwhile. */
      const { count } = chunk;
      const found = examples(setting);
      const [less, more] = [-1, 1].map((by) => other(state, by));
      const counts = model.names ? labelCounts(setting) : null;
      root.replaceChildren(...cards.slice(0, setting.stats.length).map((card) => card.node));
      setting.stats.forEach(function (each, cluster) {
        const card = cards[cluster];
        const at = cluster * 2 * count;
        const samples = (from) =>
          Array.from(found.subarray(at + from, at + from + count)).filter(Boolean).map((one) => one - 1);
        card.flag.hidden = !(setting.vanished || []).includes(cluster);
        dom.swatch(card.swatch, setting.colors[cluster], setting.shapes[cluster]);
        dom.text(
          card.title,
          `Cluster ${cluster}${each.label === null ? "" : `, mostly ${model.labelName(each.label)}`} (${
            dom.count(each.size)
          })`,
        );
        card.medoid.replaceChildren(pick(each.medoid));
        card.central.replaceChildren(...samples(0).map(pick));
        card.border.replaceChildren(...samples(count).map(pick));
        if (counts) {
          card.labels.replaceChildren(
            ...band(
              counts[cluster].map((size, label) => ({
                size,
                key: label,
                name: model.labelName(label),
                color: study.palette.labels[label] || study.palette.none,
              })),
            ),
          );
        }
        flow(card.less, setting, cluster, less);
        flow(card.more, setting, cluster, more);
        card.refresh();
      });
      if (!images.has) return;
      const painted = await means();
      if (mine === turn) {
        cards.slice(0, setting.stats.length).forEach((card, cluster) => copy(painted[cluster], card.canvas));
      }
    }

    function examples(setting) {
      try {
        return decode.column(chunk.of[setting.slug], setting.stats.length * 2 * chunk.count);
      } catch (error) {
        chunk = null;
        throw model.damaged("examples", error);
      }
    }

    /* The setting a step on along the clusterer's first parameter, {setting, name, value}, or null where there is
       none. */
    function other(state, by) {
      const [name] = choices.clusterer(study, state).parameters;
      const values = name ? study.parameters[name].values : [];
      const value = values[values.indexOf(state[name]) + by];
      if (value === undefined) return null;
      try {
        return { setting: model.setting({ ...state, [name]: value }), name, value };
      } catch {
        return null;
      }
    }

    function labelCounts(setting) {
      const counts = setting.dominant.map(() => new Array(model.names.length + 1).fill(0));
      for (let sample = 0; sample < model.n; sample += 1) counts[setting.clusters[sample]][model.labels[sample]] += 1;
      return counts;
    }

    /* Where the samples of a cluster are at another setting of its clusterer. */
    function flow(element, setting, cluster, to) {
      element.hidden = to === null;
      if (to === null) return;
      const { setting: target, name, value } = to;
      const sizes = target.dominant.map(() => 0);
      for (let sample = 0; sample < model.n; sample += 1) {
        if (setting.clusters[sample] === cluster) sizes[target.clusters[sample]] += 1;
      }
      const parts = sizes.map((size, key) => ({
        size,
        key,
        name: key === target.noise ? "noise" : `cluster ${model.clusterText(target, key)}`,
        color: target.colors[key],
      }));
      element.dataset.flowTo = String(value);
      element.replaceChildren(
        dom.el("h4", {}, `At ${choices.word(study, name)} ${value}`),
        ...band(parts),
      );
    }

    /* A band whose parts are as wide as they count, the largest named below it. */
    function band(parts) {
      const filled = parts.filter((part) => part.size).sort((a, b) => b.size - a.size || a.key - b.key);
      const total = filled.reduce((sum, part) => sum + part.size, 0);
      const bars = filled.map(function (part) {
        const bar = dom.el("span", { "data-part": part.key, "data-size": part.size });
        bar.style.width = `${(100 * part.size) / total}%`;
        bar.style.backgroundColor = part.color;
        return bar;
      });
      const named = filled.slice(0, 3).map((part) => `${part.name}: ${dom.count(part.size)}`);
      const rest = filled.length - named.length;
      return [
        dom.el("div", { class: "band", "aria-hidden": "true" }, ...bars),
        dom.el("p", { class: "meaning" }, `${named.join("; ")}${rest ? `; ${rest} more` : ""}`),
      ];
    }

    function copy(from, to) {
      to.width = from.width;
      to.height = from.height;
      if (from.width && from.height) to.getContext("2d").drawImage(from, 0, 0);
    }

    return { show, mark() {} };
  }

  window.clusterfolio.clusterCards = { create };
})();
