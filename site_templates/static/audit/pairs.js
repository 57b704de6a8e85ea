/* The table of confusable pairs: the first few stand on the page, the others come when asked for. */
(function () {
  "use strict";

  const { dom, decode, pictures } = window.clusterfolio;

  /* `parts` has body, more (a button, or null where all stand there) and count (a status); `content` is the page's
     data. */
  function create(parts, content, facts, images, address) {
    const { body, more, count } = parts;
    const rows = decode.rows(content.pairs);
    const few = body.rows.length;

    function example(sample) {
      const name = `Sample ${facts.id(sample)}`;
      return dom.el(
        "a",
        { href: address(sample), "aria-label": name },
        images.has ? pictures.tile(images, sample) : facts.id(sample),
      );
    }

    function row(pair) {
      const number = (value) => dom.el("td", { class: "number" }, dom.count(value));
      return dom.el(
        "tr",
        {},
        dom.el("th", { scope: "row" }, facts.names[pair.label]),
        dom.el("td", {}, facts.names[pair.given]),
        number(pair.counted),
        number(pair.times),
        number(pair.samples),
        dom.el("td", { class: "examples" }, ...pair.examples.map(example)),
      );
    }

    function show(all) {
      const shown = rows.slice(0, all ? rows.length : few);
      body.replaceChildren(...shown.map(row));
      dom.text(
        count,
        `${dom.count(shown.length)} of ${dom.counted(content.pair_count, "pair")}`,
      );
      if (more) dom.pressed(more, all);
    }

    show(false); /* With pictures in the page's ink, as everywhere. */
    if (more) more.addEventListener("click", () => show(more.getAttribute("aria-pressed") !== "true"));

    /* All pairs, as columns for csv.js. */
    function columns() {
      const of = (name) => rows.map((each) => each[name]);
      const named = (name) => of(name).map((one) => facts.names[one]);
      return [["label", named("label")], ["cluster_label", named("given")], ["times_counted", of("counted")], [
        "times",
        of("times"),
      ], ["samples", of("samples")]];
    }

    return { columns };
  }

  window.clusterfolio.auditPairs = { create };
})();
