/* Small helpers for making and moving in the document. Text is always text. */
(function () {
  "use strict";

  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === false) continue;
      node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children);
    return node;
  }

  /* Writes only what has changed: unchanged text costs no layout. */
  function text(node, value) {
    if (node && node.textContent !== value) node.textContent = value;
  }

  /* The little mark beside a name: its colour, and one of the shapes of the palette, or "cross". */
  function swatch(node, color, shape) {
    node.style.backgroundColor = color;
    if (node.dataset.shape !== shape) node.dataset.shape = shape;
  }

  function pressed(button, on) {
    const value = String(on);
    if (button.getAttribute("aria-pressed") !== value) button.setAttribute("aria-pressed", value);
  }

  /* One tab stop for a crowd of buttons; arrow keys move inside. `move(buttons, at, key)` gives the next index. */
  function roving(container, selector, move) {
    function all() {
      return Array.from(container.querySelectorAll(selector)).filter((each) => !each.hidden);
    }
    container.addEventListener("keydown", function (event) {
      const here = event.target.closest(selector);
      if (!here || event.altKey || event.ctrlKey || event.metaKey) return;
      const buttons = all();
      const next = move(buttons, buttons.indexOf(here), event.key);
      if (next === null || !buttons[next]) return;
      event.preventDefault();
      enter(buttons[next]);
      buttons[next].focus();
    });
    container.addEventListener("focusin", function (event) {
      const here = event.target.closest(selector);
      if (here) enter(here);
    });
    function enter(button) {
      const old = container.querySelector(`${selector}[tabindex="0"]`);
      if (old && old !== button) old.tabIndex = -1;
      button.tabIndex = 0;
    }
    return function refresh() {
      if (container.querySelector(`${selector}[tabindex="0"]:not([hidden])`)) return;
      const first = all()[0];
      if (first) first.tabIndex = 0;
    };
  }

  /* New children in place of the old ones; where one of those had the focus, it keeps it, or the one in its place has
     it. */
  function refill(container, children) {
    const had = document.activeElement;
    const at = Array.from(container.children).findIndex((each) => each.contains(had));
    container.replaceChildren(...children);
    if (at < 0) return;
    const next = container.children[Math.min(at, container.children.length - 1)];
    const button = container.contains(had)
      ? had
      : next && (next.matches("button") ? next : next.querySelector("button"));
    if (button) button.focus({ preventScroll: true });
  }

  /* Left and right by one, up and down by a row as laid out. */
  function inGrid(buttons, at, key) {
    if (key === "ArrowRight") return at + 1;
    if (key === "ArrowLeft") return at - 1;
    if (key === "Home") return 0;
    if (key === "End") return buttons.length - 1;
    if (key !== "ArrowDown" && key !== "ArrowUp") return null;
    const here = buttons[at].getBoundingClientRect();
    const sign = key === "ArrowDown" ? 1 : -1;
    for (let i = at + sign; buttons[i]; i += sign) {
      const box = buttons[i].getBoundingClientRect();
      if (sign * (box.top - here.top) > 4 && Math.abs(box.left - here.left) < here.width * 0.6) return i;
    }
    return null;
  }

  function count(value) {
    return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
  }

  /* “1 sample”, “1,200 samples” */
  function counted(value, noun) {
    return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
  }

  /* A number with a true minus sign and a fixed number of decimals; “–” where there is none. */
  function fixed(value, decimals) {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    const shown = Math.abs(value).toFixed(decimals);
    const [whole, part] = shown.split(".");
    const sign = value < 0 && Number(shown) !== 0 ? "−" : "";
    return sign + count(whole) + (part ? `.${part}` : "");
  }

  function percent(share) {
    return `${(100 * share).toFixed(1)} %`;
  }

  /* A share that is all or nothing only where it is that exactly. */
  function part(share) {
    const text = (100 * share).toFixed(1);
    return `${text === "100.0" && share < 1 ? "99.9" : text} %`;
  }

  window.clusterfolio.dom = { el, text, pressed, swatch, roving, refill, inGrid, count, counted, fixed, percent, part };
})();
