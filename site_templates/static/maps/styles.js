/* What a point wears: a style for each kind of point, and which style each sample has. Both layers read these. */
(function () {
  "use strict";

  const BASE = 0.85;
  const QUIET = 0.4; // of what is right, where wrong ones are looked for
  const PALE = 0.5; // of noise, and of what has no label
  const FAINT = 0.2; // of these, where they are neither right nor wrong
  const FADED = 0.09; // of what is not in focus

  /* Fills `code` with each sample's place in the returned styles, {fill, opacity, shape}. Odd places are the same
     styles out of focus. `mask` is null or 1 for each sample in focus. */
  function dress(code, model, setting, color, mask) {
    const { palette } = model.study;
    const { clusters, verdict } = setting;
    const of = { cluster: clusters, label: model.labels, right: verdict }[color];
    if (mask) {
      for (let sample = 0; sample < code.length; sample += 1) code[sample] = 2 * of[sample] + (mask[sample] ? 0 : 1);
    } else for (let sample = 0; sample < code.length; sample += 1) code[sample] = 2 * of[sample];
    const none = { fill: palette.none, opacity: PALE, shape: "circle" };
    if (color === "cluster") {
      return pairs(
        setting.colors.map((fill, cluster) => cluster === setting.noise ? none : dot(fill, setting.shapes[cluster])),
      );
    }
    if (color === "label") {
      return pairs([...palette.labels.map((fill, label) => dot(fill, palette.shapes[label])), none]);
    }
    return pairs([{ fill: palette.right, opacity: QUIET, shape: "circle" }, {
      fill: palette.wrong,
      opacity: BASE,
      shape: "cross",
    }, { ...none, opacity: FAINT }]);
  }

  function dot(fill, shape) {
    return { fill, opacity: BASE, shape };
  }

  function pairs(styles) {
    return styles.flatMap((style) => [style, Object.assign({}, style, { opacity: FADED })]);
  }

  const faded = (code) => (code & 1) === 1;

  window.clusterfolio.looks = { dress, faded };
})();
