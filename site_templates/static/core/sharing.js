/* The link to what is shown, and a frame that shows it: the public address where the build knew one, else a local one,
   and says so. */
(function () {
  "use strict";

  /* `places` has the buttons `copy` and, where there is one, `embed`, and the field for browsers that copy nothing;
     `address()` gives the part after the #. */
  function create(places, study, notices, address) {
    /* A frame in a notebook has no address that leads anywhere. */
    if (!study.address && window.location.protocol === "about:") {
      for (const button of [places.copy, places.embed]) if (button) button.hidden = true;
      return;
    }
    const local = !study.address &&
      (window.location.protocol === "file:" || /^(localhost|127\.|\[::1\])/.test(window.location.host));
    const page = study.address || window.location.href.split(/[?#]/)[0];
    const warning = local ? " It is local: it points to this copy and works on this computer only." : "";

    async function offer(text, what) {
      const { field } = places;
      field.value = text;
      try {
        await navigator.clipboard.writeText(text);
        notices.say(`${what} copied.${warning}`);
      } catch {
        field.hidden = false;
        field.focus();
        field.select();
        notices.say(`Copy the ${what.toLowerCase()} from the field.${warning}`);
      }
    }

    places.copy.addEventListener("click", () => offer(`${page}#${address()}`, "Link"));
    if (places.embed) {
      places.embed.addEventListener("click", function () {
        offer(window.clusterfolio.embed.frame(`${page}?embed#${address()}`, study.dataset.title), "Frame");
      });
    }
  }

  window.clusterfolio.sharing = { create };
})();
