/* A strip of misclassified images leads to the pair in the explorer; with this script each image leads to its sample, as
   its name below does. */
(function () {
  "use strict";

  function follow(strip) {
    const pair = strip.getAttribute("href");
    const [columns, rows] = [Number(strip.dataset.columns), Number(strip.dataset.rows)];
    const names = strip.parentNode.querySelectorAll(".named a");

    /* The link is set before it is followed, so that it opens in a new tab as well. */
    function aim(event) {
      const box = strip.getBoundingClientRect();
      const column = Math.min(columns - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * columns)));
      const row = Math.min(rows - 1, Math.max(0, Math.floor(((event.clientY - box.top) / box.height) * rows)));
      const name = names[row * columns + column]; /* Not all that are pictured are named. */
      strip.setAttribute("href", name ? name.getAttribute("href") : pair);
      strip.title = name ? `Sample ${name.textContent}` : "";
    }

    strip.addEventListener("pointermove", aim);
    strip.addEventListener("pointerdown", aim);
  }

  for (const strip of document.querySelectorAll(".strip")) follow(strip);
})();
