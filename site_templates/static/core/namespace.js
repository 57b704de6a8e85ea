/* The one global object, and the way data come in: a data file is a script that calls `receive`, because
   fetch and modules fail on file://. */
(function () {
  "use strict";

  const received = new Map();
  const loads = new Map();

  /* Chunks of other studies bear the same names; the script that runs says which folder it came from. */
  function receive(name, value) {
    const script = document.currentScript;
    received.set(`${(script && script.dataset.folder) || ""}${name}`, value);
  }

  /* A page that stands alone holds its chunks itself, as blocks of JSON. */
  function block(name) {
    return document.querySelector(`script[data-chunk="${CSS.escape(name)}"]`);
  }

  /* A block is parsed when it is first asked for. */
  function get(name) {
    if (!received.has(name)) {
      const inside = block(name);
      if (inside) received.set(name, JSON.parse(inside.textContent));
    }
    return received.get(name);
  }

  /* The chunk called `plain`, from memory, from the page or by a script tag. A failed load may be tried again. */
  function load(base, plain, file) {
    const [name, path] = [`${base}${plain}`, `${base}${file}`];
    if (has(name)) return new Promise((resolve) => resolve(get(name)));
    if (!loads.has(name)) {
      const loading = new Promise(function (resolve, reject) {
        const script = document.createElement("script");
        script.src = path;
        script.dataset.folder = base;
        script.onload = function () {
          script.remove();
          if (received.has(name)) resolve(received.get(name));
          else reject(new Error(`The file ${path} is damaged: it does not hold “${name}”.`));
        };
        script.onerror = function () {
          script.remove();
          reject(new Error(`The file ${path} could not be loaded.`));
        };
        document.head.append(script);
      });
      loads.set(name, loading);
      loading.catch(function () {
        loads.delete(name);
      });
    }
    return loads.get(name);
  }

  function has(name) {
    return received.has(name) || block(name) !== null;
  }

  /* A chunk that turned out to be damaged, so that the next visit loads it again. */
  function forget(name) {
    received.delete(name);
    loads.delete(name);
  }

  /* The chunks of a folder: "" for this page's study, "../other/" for another one. */
  function folder(base) {
    return {
      load: (name, path) => load(base, name, path),
      has: (name) => has(`${base}${name}`),
      get: (name) => get(`${base}${name}`),
      forget: (name) => forget(`${base}${name}`),
    };
  }

  window.clusterfolio = Object.assign({ receive, folder }, folder(""));
})();
