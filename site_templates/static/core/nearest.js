/* The nearest of what there is: the one rule for links, sliders and choices that ask for what was not computed. Pure.
   nearest.py is the same rule in the build; tests/browser/nearest.json pins the two to each other. */
(function () {
  "use strict";

  const WORDS = ["representation", "clusterer", "space", "method"]; /* Kept in this order, and before all numbers. */

  /* The value nearest to the wanted one, the lower on a tie. */
  function value(values, wanted) {
    return values.reduce(function (best, each) {
      const [far, least] = [Math.abs(each - wanted), Math.abs(best - wanted)];
      return far < least || (far === least && each < best) ? each : best;
    });
  }

  /* Whether of two lists of numbers the first comes first: by the first number that differs. */
  function before(x, y) {
    const at = x.findIndex((number, i) => number !== y[i]);
    return at >= 0 && x[at] < y[at];
  }

  /* The one whose numbers `far(each)` are least, the first on a tie; null where there is none. */
  function least(all, far) {
    let best = null;
    let fewest = null;
    for (const each of all) {
      const numbers = far(each);
      if (fewest === null || before(numbers, fewest)) [best, fewest] = [each, numbers];
    }
    return best;
  }

  /* Of `all` the one whose state `of(each)` is nearest to a wanted one: by words, those in `first` before the others,
     then by the numbers called `names`, one after the other; the lower on a tie. What only one of them has is passed
     over: clusters of the features have no method, so that any does. */
  function state(all, wanted, names, { first = [], of = (each) => each } = {}) {
    const words = [...first, ...WORDS.filter((key) => !first.includes(key))];
    return least(all, function (each) {
      const own = of(each);
      const both = (key) => own[key] !== undefined && wanted[key] !== undefined;
      return [
        ...words.map((key) => (both(key) && own[key] !== wanted[key] ? 1 : 0)),
        ...names.map((name) => (both(name) ? Math.abs(own[name] - wanted[name]) : 0)),
        ...names.map((name) => own[name] || 0),
      ];
    });
  }

  window.clusterfolio.nearest = { value, state, least, before, WORDS };
})();
