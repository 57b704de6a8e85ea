/* The figures of a setting and how they changed. Names, meanings and what may be compared come from the registry. */
(function () {
  "use strict";

  const { choices, dom } = window.clusterfolio;

  function create(model) {
    const cards = Array.from(document.querySelectorAll("[data-metric]")).map(function (node) {
      const name = node.dataset.metric;
      return {
        name,
        node,
        change: document.querySelector(`[data-change="${name}"]`),
        extra: document.querySelector(`[data-extra="${name}"]`),
        of: document.querySelector(`[data-of-share="${name}"]`),
      };
    });
    const figures = Array.from(document.querySelectorAll("[data-figure]"));

    const reference = document.querySelector("#reference");
    const unavoidable = document.querySelector("[data-unavoidable]");
    const untouched = reference.textContent;
    const caution = document.querySelector("#caution");
    const noisy = Array.from(document.querySelectorAll("[data-noise-only]"));

    function show(setting, state, before) {
      const moved = before ? choices.roles(model.study, before.state, state) : [];
      dom.text(reference, moved.length ? `Compared with ${place(before.state, state)}.` : untouched);
      if (unavoidable) {
        dom.text(
          unavoidable,
          setting.unavoidable
            ? `With ${setting.stats.length} clusters at least ${dom.count(setting.unavoidable)} cannot be avoided.`
            : "",
        );
      }
      const about = model.study.cautions.find(({ method, clusterer }) =>
        method === state.method && clusterer === state.clusterer && state.space === "map"
      );
      caution.hidden = !about;
      dom.text(caution, about ? about.text : "");
      for (const node of noisy) node.hidden = !setting.noiseCount;
      const share = model.share(setting);
      for (const card of cards) {
        if (card.of) dom.text(card.of, share && ofSetting(card.name) ? `of the ${share}` : "");
        const value = valueOf(setting, card.name);
        card.node.dataset.value = value === null ? "" : String(value);
        dom.text(card.node, written(card.name, value));
        if (card.extra) dom.text(card.extra, extra(card.name, setting));
        if (card.change) showChange(card, value, moved, before);
      }
      for (const node of figures) {
        dom.text(node, written(node.dataset.figure, valueOf(setting, node.dataset.figure)));
      }
    }

    /* Whether a figure is of clusters, and so of what is clustered alone. */
    function ofSetting(name) {
      const metric = model.study.metrics[name];
      return metric !== undefined && metric.of === "setting" && name !== "clustered";
    }

    function clear() {
      for (const card of cards) {
        card.node.dataset.value = "";
        for (const node of [card.node, card.change, card.extra, card.of]) dom.text(node, node === card.node ? "–" : "");
      }
      for (const node of figures) dom.text(node, "–");
    }

    function valueOf(setting, name) {
      const value = setting.values[name];
      return value === undefined || value === null || Number.isNaN(value) ? null : value;
    }

    function written(name, value) {
      if (value === null) return "–";
      const metric = model.study.metrics[name];
      return dom.fixed(
        value,
        metric && metric.decimals !== undefined ? metric.decimals : Number.isInteger(value) ? 0 : 3,
      );
    }

    function extra(name, setting) {
      return name === "misclassified" && setting.counted ? dom.percent(setting.wrongCount / setting.counted) : "";
    }

    /* How a figure differs from `before`, {setting, state} or null: judged only where the registry allows it. */
    function showChange(card, value, moved, before) {
      const old = before ? valueOf(before.setting, card.name) : null;
      const metric = model.study.metrics[card.name];
      const comparable = metric && metric.better && choices.comparable(metric, moved);
      const way = comparable ? (metric.better === "higher" ? value > old : value < old) ? "better" : "worse" : "";
      if (value === null) label(card.change, (metric && metric.undefined) || "", "");
      else if (old === null) label(card.change, "", "");
      else if (value === old) label(card.change, "= unchanged", "");
      else if (way) label(card.change, `${value > old ? "▲" : "▼"} ${way}, was ${written(card.name, old)}`, way);
      else label(card.change, `was ${written(card.name, old)}${metric && metric.better ? ", not comparable" : ""}`, "");
    }

    function label(node, text, way) {
      dom.text(node, text);
      if (way) node.dataset.way = way;
      else delete node.dataset.way;
    }

    /* The earlier setting, as far as it differs: “perplexity 34”. */
    function place(was, now) {
      const { study } = model;
      const names = choices.parameters(study, was);
      return choices.keys(study).filter((key) => was[key] !== now[key]).flatMap(function (key) {
        if (Object.hasOwn(study.parameters, key)) return names.includes(key) ? [choices.values(study, [key], was)] : [];
        if (key === "space") return [`clusters in ${spaceLabel(was.space)}`];
        if (key === "representation") return [study.representations.find(({ name }) => name === was[key]).label];
        return [choices[key](study, was).label];
      }).join(", ");
    }

    function spaceLabel(name) {
      return model.study.spaces.find((space) => space.name === name).label;
    }

    return { show, clear };
  }

  window.clusterfolio.numbers = { create };
})();
