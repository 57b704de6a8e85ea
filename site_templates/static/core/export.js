/* Save menus, and pictures of charts for them. What there is to save on a page is said by saves.js, pair_saves.js and
   audit.js. */
(function () {
  "use strict";

  const app = window.clusterfolio;
  const { dom, png } = app;
  const TYPES = { png: "image/png", svg: "image/svg+xml", json: "application/json", csv: "text/csv" };
  const SCALE = 2; /* Pixels of a picture for each pixel of the page. */
  const PROBE = 16; /* Pixels across and up of what is drawn to see whether the browser lets a page save pictures. */
  const KEEP = 60000; /* ms until the browser may forget what was saved */

  function save(name, type, parts) {
    const address = URL.createObjectURL(new Blob(parts, { type }));
    const link = dom.el("a", { href: address, download: name, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    window.setTimeout(() => URL.revokeObjectURL(address), KEEP);
  }

  function file(canvas) {
    return new Promise((resolve, reject) =>
      canvas.toBlob(
        (found) => (found ? resolve(found) : reject(new Error("The browser could not make the picture."))),
        "image/png",
      )
    );
  }

  /* Whether the browser gives what was drawn. Those that guard canvases against being told apart by them give noise or
     plain white instead, and say nothing; some change single pixels a little, which nobody sees. So a pattern that we
     know is drawn and compared with what comes of it. This is the only place where anything drawn is read. */
  async function faithful() {
    const canvas = dom.el("canvas", { width: PROBE, height: PROBE });
    const context = canvas.getContext("2d");
    const dark = (at) =>
      ((Math.imul(at * at + at, 0x9e3779b1) >>> 20) & 1) === 1; /* Nothing plain or striped is like it. */
    for (let at = 0; at < PROBE * PROBE; at += 1) {
      context.fillStyle = dark(at) ? "#000" : "#fff";
      context.fillRect(at % PROBE, Math.floor(at / PROBE), 1, 1);
    }
    const { data } = await png.read(new Uint8Array(await (await file(canvas)).arrayBuffer()));
    let wrong = 0;
    for (let at = 0; at < PROBE * PROBE; at += 1) if ((data[4 * at] < 128) !== dark(at)) wrong += 1;
    return wrong < (PROBE * PROBE) / 16;
  }

  async function blob(canvas) {
    if (await faithful()) return file(canvas);
    throw new Error(
      "This browser does not let a page read what it has drawn: save it as SVG, or with another browser.",
    );
  }

  /* A chart, or one of the page, to export, on an opaque ground. */
  async function picture(view, as, ground) {
    const before = view.background();
    view.background(ground);
    try {
      await view.runAsync();
      return as === "svg" ? await view.toSVG() : await blob(await view.toCanvas(SCALE));
    } finally {
      await view.background(before).runAsync();
    }
  }

  /* What a view of the page shows, on the page's ground. */
  function live(view, as) {
    return picture(view, as, getComputedStyle(document.documentElement).getPropertyValue("--paper").trim());
  }

  /* A map as it is on the page: `view` is one made for this (charts.still). */
  function drawn(view, as) {
    return live(view, as).finally(() => view.finalize());
  }

  /* An exported chart as it opens elsewhere. */
  async function portrait(spec, as) {
    const { view } = await window.vegaEmbed(document.createElement("div"), spec, {
      mode: "vega-lite",
      ast: true,
      actions: false,
      defaultStyle: false,
      tooltip: { disableDefaultStyle: true },
      renderer: "canvas",
      logLevel: 1,
    });
    return picture(view, as, "white").finally(() => view.finalize());
  }

  /* An exported chart, its widgets where the page's are; where it has fewer values to choose from, `usermeta` says
     which. */
  async function chart(model, name, state) {
    const spec = await model.chunk(`chart-${name}`);
    const kept = (spec.usermeta || {}).values || {};
    const here = { ...state, measure: state.metric };
    for (const [name, values] of Object.entries(kept)) here[name] = app.nearest.value(values, here[name]);
    const allowed = ({ options }, value) => value !== undefined && (!options || options.includes(value));
    const params = (spec.params || []).map((
      each,
    ) => (each.bind && allowed(each.bind, here[each.name])
      ? Object.assign({}, each, { value: here[each.name] })
      : each)
    );
    return Object.assign({}, spec, spec.params ? { params } : {});
  }

  /* `make(view, as)` gives [the file's name without its ending, its content] or throws what is wrong. */
  function menus(notices, make) {
    const all = Array.from(document.querySelectorAll("[data-save]"));

    async function take(view, as) {
      try {
        const [about, content] = await make(view, as);
        const name = `${about}.${as === "json" ? "vl.json" : as}`;
        save(name, TYPES[as], [content]);
        notices.say(`Saved as ${name}.`);
      } catch (error) {
        notices.alert(`This could not be saved. ${error.message}`);
      }
    }

    function close(except) {
      for (const menu of all) if (menu !== except) menu.open = false;
    }

    for (const menu of all) {
      menu.hidden = false;
      menu.addEventListener("toggle", () => {
        if (menu.open) close(menu);
      });
      menu.addEventListener("keydown", function (event) {
        if (event.key !== "Escape" || !menu.open) return;
        event.stopPropagation(); /* The page's own Escape lets go of what is chosen. */
        menu.open = false;
        menu.querySelector("summary").focus();
      });
      for (const button of menu.querySelectorAll("[data-as]")) {
        button.addEventListener("click", function () {
          menu.open = false;
          menu.querySelector("summary").focus();
          take(menu.dataset.save, button.dataset.as);
        });
      }
    }
    document.addEventListener("pointerdown", function (event) {
      close(event.target instanceof Element ? event.target.closest("[data-save]") : null);
    });
  }

  app.export = { menus, save, live, drawn, portrait, chart };
})();
