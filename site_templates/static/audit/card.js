/* The card of the sample under review: its figures, the labels that it was given, and what is nearly the same. */
(function () {
  "use strict";

  const { dom, pictures } = window.clusterfolio;
  const TWINS = 12; // near-duplicates shown of a sample, the closest; of many equal ones each would have hundreds

  /* `facts` as audit_facts.js makes them; `on` has address(sample), of its card in the explorer, and open(sample). */
  function create(title, body, facts, images, on) {
    const { names, label, figures, id } = facts;

    function line(words, value, name) {
      return dom.el("div", {}, dom.el("dt", {}, words), dom.el("dd", name ? { "data-figure": name } : {}, value));
    }

    function figure(words, name, sample) {
      return line(words, dom.fixed(figures[name][sample], 3), name);
    }

    function labelled(sample) {
      const stability = figures.stability[sample];
      const given = facts.given(sample);
      const lines = [
        line("Label", facts.labelName(sample)),
        line("Class", facts.className(sample)),
        figure("Suspicion", "suspicion", sample),
        figure("Other labels in its clusters", "other_in_clusters", sample),
        figure("Other labels among its neighbours", "other_in_neighbors", sample),
        line(
          "Stability: settings that give its label",
          Number.isNaN(stability) ? "–" : dom.percent(stability),
          "stability",
        ),
        figure("Entropy of what its clusters say, bits", "entropy", sample),
      ];
      if (given.length) {
        lines.push(
          line(
            "Its clusters say",
            `${given.map(([one, count]) => `${names[one]} in ${dom.count(count)}`).join(", ")} settings`,
            "given",
          ),
        );
      }
      return lines;
    }

    /* A sample's picture, or its id where there are none, as the way to its card in the explorer. */
    function picture(sample) {
      const words = `Sample ${id(sample)} in the explorer`;
      return dom.el(
        "a",
        { href: on.address(sample), title: words, "aria-label": words },
        images.has ? pictures.tile(images, sample) : id(sample),
      );
    }

    /* Both samples side by side, to be compared by eye. */
    function pair(sample, { other, distance }) {
      const go = dom.el("button", { type: "button", class: "quiet", "data-open": other }, `Sample ${id(other)}`);
      go.addEventListener("click", () => on.open(other));
      return dom.el(
        "li",
        { "data-twin": other },
        picture(sample),
        picture(other),
        go,
        dom.el("span", { class: "count" }, `distance ${dom.fixed(distance, 3)}`),
      );
    }

    /* `note` says where the sample is not in the list; sample null empties the card. */
    function show(sample, note) {
      dom.text(title, sample === null ? "No sample chosen" : `Sample ${id(sample)}`);
      if (sample === null) {
        body.replaceChildren();
        return;
      }
      const parts = [];
      if (note) parts.push(dom.el("p", { class: "meaning" }, note));
      if (images.has) {
        const tile = pictures.tile(images, sample);
        tile.classList.add("large");
        parts.push(tile);
      }
      parts.push(
        dom.el("dl", {}, ...(label ? labelled(sample) : []), figure("Distance to its neighbours", "distance", sample)),
      );
      const twins = facts.twins(sample);
      if (twins.length) {
        parts.push(
          dom.el("h3", {}, "Nearly the same"),
          dom.el("ul", { class: "twins" }, ...twins.slice(0, TWINS).map((twin) => pair(sample, twin))),
        );
      }
      if (twins.length > TWINS) {
        parts.push(
          dom.el(
            "p",
            { class: "meaning", "data-more-twins": twins.length - TWINS },
            `and ${dom.count(twins.length - TWINS)} more`,
          ),
        );
      }
      parts.push(dom.el("a", { href: on.address(sample), id: "to-explorer" }, "See it in the explorer"));
      body.replaceChildren(...parts);
    }

    return { show };
  }

  window.clusterfolio.auditCard = { create };
})();
