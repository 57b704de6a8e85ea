/* The link to what is shown: the public address where the build knew one, else a local one, and says so. */
(function () {
  "use strict";

  /* `address()` gives the part after the #. */
  function create(button, field, study, notices, address) {
    button.addEventListener("click", async function () {
      const local = !study.address && (window.location.protocol === "file:" || /^(localhost|127\.|\[::1\])/.test(window.location.host));
      const page = study.address || window.location.href.split("#")[0];
      const link = `${page}#${address()}`;
      field.value = link;
      const warning = local ? " It is local: it points to this copy and works on this computer only." : "";
      try {
        await navigator.clipboard.writeText(link);
        notices.say(`Link copied.${warning}`);
      } catch {
        field.hidden = false;
        field.focus();
        field.select();
        notices.say(`Copy the link from the field.${warning}`);
      }
    });
  }

  window.clusterfolio.sharing = { create };
})();
