/* One small map for each value of a parameter. The picture was made with the site; the rings come from the samples'
   places. */
(function () {
  "use strict";

  const { dom, decode, load, get, forget, spatial } = window.clusterfolio;
  const NEAR = 12; // of 255 steps across a frame, from the pointer to a sample

  /* `strip` is the chunk's part: frames ([slug of the map, value]), rows ({label, method, word, frames}, a method each,
     word the parameter's, frames how many), columns and lines of the picture, picture, places. `on` has
     hover(sample|null), choose(slug) and broken(error). */
  function create(root, strip, n, on) {
    let frames = null; /* {x, y, index} of each frame, once the places are loaded. */
    let ringed = null;
    const rowOf = strip.rows.flatMap((row) => new Array(row.frames).fill(row));
    const nodes = strip.frames.map(function ([slug, value], at) {
      const { method, word } = rowOf[at];
      const picture = dom.el("span", { class: "frame-picture", "aria-hidden": "true" });
      picture.style.backgroundImage = `url("${strip.picture}")`;
      picture.style.setProperty("--columns", String(strip.columns));
      picture.style.setProperty("--rows", String(strip.lines));
      picture.style.setProperty("--column", String(at % strip.columns));
      picture.style.setProperty("--row", String(Math.floor(at / strip.columns)));
      const ring = dom.el("span", { class: "frame-ring", "aria-hidden": "true", hidden: true });
      const marks = dom.el("span", { class: "frame-marks" });
      const button = dom.el(
        "button",
        {
          type: "button",
          class: "frame",
          "data-map": slug,
          tabindex: "-1",
          title: word ? `${method}, ${word} ${value}` : method,
        },
        dom.el("span", { class: "frame-map" }, picture, ring),
        dom.el(
          "span",
          { class: "frame-name" },
          dom.el("span", { class: "hidden-text" }, word ? `${method}, ${word} ` : ""),
          word ? String(value) : method,
          marks,
        ),
      );
      return { button, picture, ring, marks, slug };
    });
    root.replaceChildren(...strip.rows.map(function (row) {
      const own = nodes.filter((_, at) => rowOf[at] === row).map((each) => each.button);
      const heading = strip.rows.length > 1 ? [dom.el("h3", {}, row.label)] : [];
      const node = dom.el("div", { class: "film-row" }, ...heading, dom.el("div", { class: "frames" }, ...own));
      node.style.setProperty("--frames", String(own.length));
      return node;
    }));
    dom.roving(root, "button", dom.inGrid)();

    root.addEventListener("click", function (event) {
      const button = event.target.closest("button");
      if (button) on.choose(button.dataset.map);
    });
    root.addEventListener("pointermove", function (event) {
      const at = nodes.findIndex((each) => each.button.contains(event.target));
      if (at < 0 || event.pointerType === "touch") return;
      const box = nodes[at].picture.getBoundingClientRect();
      const found = nearest(
        at,
        (255 * (event.clientX - box.left)) / box.width,
        (255 * (event.clientY - box.top)) / box.height,
      );
      on.hover(found);
    });
    root.addEventListener("pointerleave", () => on.hover(null));

    /* The places are asked for when the strip comes into view, or a sample is to be ringed. */
    let asked = null;
    function places() {
      asked = asked || load("film", strip.places).then(read).catch(function (error) {
        asked = null; /* The next sample tries again. */
        forget("film");
        on.broken(error);
      });
    }

    function read() {
      frames = get("film").frames.map(function (coded) {
        const packed = decode.column(coded, n);
        const frame = { x: new Uint8Array(n), y: new Uint8Array(n), index: null };
        for (let sample = 0; sample < n; sample += 1) {
          frame.x[sample] = packed[sample] & 255;
          frame.y[sample] = packed[sample] >> 8;
        }
        return frame;
      });
      rings();
    }

    function nearest(at, x, y) {
      if (!frames) return null;
      const frame = frames[at];
      frame.index = frame.index || spatial.create(frame.x, frame.y);
      const found = frame.index.nearest(x, y, NEAR);
      return found < 0 ? null : found;
    }

    function rings() {
      nodes.forEach(function (each, at) {
        const hidden = ringed === null || !frames;
        if (each.ring.hidden !== hidden) each.ring.hidden = hidden;
        if (hidden) return;
        each.ring.style.setProperty("--x", String(frames[at].x[ringed] / 255));
        each.ring.style.setProperty("--y", String(frames[at].y[ringed] / 255));
      });
    }

    function ring(sample) {
      if (sample === ringed) return;
      ringed = sample;
      if (frames) rings();
      else if (sample !== null) places(); /* Without places the strip still shows its maps. */
    }

    /* `shown` is {a, b}: the slug of the map on each side, null where that is another study's. */
    function mark(shown) {
      for (const each of nodes) {
        const sides = Object.keys(shown).filter((side) => shown[side] === each.slug);
        const text = sides.map((side) => side.toUpperCase()).join(" ");
        if (each.marks.textContent === text) continue;
        each.marks.replaceChildren(
          ...sides.map((side) => dom.el("span", { class: "side-mark", "data-side": side }, side.toUpperCase())),
        );
        each.button.toggleAttribute("data-shown", sides.length > 0);
      }
    }

    new IntersectionObserver(function (entries, self) {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      self.disconnect();
      places();
    }).observe(root);

    return { ring, mark };
  }

  window.clusterfolio.filmstrip = { create };
})();
