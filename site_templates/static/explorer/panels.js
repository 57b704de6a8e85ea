/* The sections below the maps: each shows a setting, and marks what is in focus in it. */
(function () {
  "use strict";

  const app = window.clusterfolio;
  const { choices, dom } = app;
  const one = (selector) => document.querySelector(selector);

  /* `on` has state(), change(patch, how), filter(key, value), pick(sample), find(sample) (pick one far from the
     maps), pair(pair), link(samples, kept) (lines on the map from the pinned sample) and broken(error). */
  function create(model, images, focus, on) {
    const { study } = model;
    const clusters = app.clusters.create(
      one("#clusters tbody"),
      model,
      images,
      (cluster) => on.filter("cluster", cluster),
    );
    const maps = app.gridMap.create(study);
    const why = app.whyView.create(one("#why"), model, images, maps, {
      state: on.state,
      pick: on.pick,
      go: (patch) => on.change(patch, "push"),
      link: on.link,
      broken: on.broken,
    });
    const grid = app.gridView.create(one("#grid"), model, maps, {
      state: on.state,
      go: (patch) => on.change(patch, "push"),
      measure: (metric) => on.change({ metric }, "push"),
      broken: on.broken,
    });
    const cards = app.clusterCards.create(one("#cluster-cards"), model, images, clusters.means, on);
    const painted = [
      /* With mean pictures, which are drawn in the page's ink. */
      guarded(clusters, one("#clusters tbody"), "The clusters"),
      guarded(cards, one("#cluster-cards"), "The cluster cards"),
    ];
    const panels = [
      guarded(grid, one("#grid"), "The grid"),
      guarded(why, one("#why"), "The facts about this sample"),
      ...painted,
    ];
    if (model.names !== null && one("#confusion table") !== null) panels.push(...labelled());
    panels.push(
      guarded(insights(), one("#insight-list"), "What stands out"),
      guarded(description(), one("#map-text"), "The description of the maps"),
    );
    let variance = null;
    let drawing = null;

    /* What fails in one panel stays there: the panel is blanked, so that it shows nothing of another setting. */
    function guarded(panel, place, name) {
      function failed(error) {
        place.classList.add("broken");
        return new Error(`${name} cannot be shown. ${error.message}`);
      }
      return {
        async show(setting, state) {
          try {
            await panel.show(setting, state);
          } catch (error) {
            throw failed(error);
          }
          place.classList.remove("broken");
        },
        async mark(state, setting) {
          try {
            await panel.mark(state, setting);
          } catch (error) {
            on.broken(failed(error));
          }
        },
      };
    }

    function each(...actions) {
      for (const action of actions) {
        try {
          action();
        } catch (error) {
          on.broken(error);
        }
      }
    }

    function labelled() {
      const confusion = app.confusion.create(one("#confusion table"), model, (pair) => on.filter("pair", pair));
      const misclassified = app.misclassified.create(
        {
          list: one("#cases"),
          filter: one("#pair"),
          sort: one("#sort"),
          status: one("#cases-status"),
        },
        model,
        images,
        { pick: on.find, pair: on.pair },
      );
      return [
        guarded(confusion, one("#confusion table"), "The confusion matrix"),
        guarded(cell(), one("#cell"), "The chosen cell"),
        guarded(
          { show: misclassified.show, mark: (state, setting) => misclassified.show(setting, state) },
          one("#cases"),
          "The misclassified",
        ),
      ];
    }

    /* The pictures of the chosen cell of the confusion matrix. */
    function cell() {
      const strip = app.strip.create(one("#cell"), model, images, on.pick);
      function show(setting, state) {
        const samples = focus.ofPair(setting, state);
        const [label, dominant] = (state.pair || "0-0").split("-").map((code) => model.labelName(Number(code)));
        dom.text(
          one("#cell-text"),
          state.pair === null
            ? "Choose a cell to see its images."
            : `${dom.count(samples.length)} × true ${label} in a cluster of ${dominant}`,
        );
        strip.show(samples);
      }
      return { show, mark: (state, setting) => show(setting, state) };
    }

    function insights() {
      function show(setting) {
        one("#insight-list").replaceChildren(
          ...setting.insights.map((each) => dom.el("li", { "data-kind": each.kind }, each.text)),
        );
      }
      return { show, mark() {} };
    }

    /* “t-SNE at perplexity 30” */
    function mapped(state) {
      const { label, parameters } = choices.method(study, state);
      return parameters.length ? `${label} at ${choices.values(study, parameters, state)}` : label;
    }

    /* The maps in words, for those who cannot see them. */
    function description() {
      function show(setting, state) {
        const parts = setting.stats.map((each, cluster) =>
          `cluster ${cluster}: ${dom.counted(each.size, "sample")}${
            each.label === null ? "" : `, mostly ${model.labelName(each.label)}`
          }`
        );
        const { label } = choices.method(study, state);
        one("#map").setAttribute("aria-label", `${label} map. Arrow keys go from sample to sample.`);
        dom.text(
          one("#map-text"),
          `Both maps show the same ${model.n} samples: ${mapped(state)} on the left, ${
            state.beside === study.flat ? "the first two principal components" : study.besides[state.beside]
          } on the right. ${choices.clusterer(study, state).label} has made ${
            dom.counted(parts.length, "cluster")
          } in ` +
            `${study.spaces.find((space) => space.name === state.space).label}; ${
              [...parts, ...(setting.noiseCount ? [`noise: ${dom.counted(setting.noiseCount, "sample")}`] : [])].join(
                "; ",
              )
            }.`,
        );
      }
      return { show, mark() {} };
    }

    /* Drawn once, after the first setting. */
    function drawVariance() {
      if (!study.charts.variance || !one("#variance")) return null;
      drawing = drawing || app.charts.variance(one("#variance"), study.charts.variance).then(function (made) {
        variance = made;
        variance.paint();
        variance.resize();
      });
      drawing.catch(() => {
        drawing = null;
      }); /* The next setting tries again. */
      return drawing;
    }

    return {
      /* What is to be done to show a setting: short functions, for `drawing`. */
      jobs: (setting, state) => [...panels.map((panel) => () => panel.show(setting, state())), drawVariance],
      here: (state) => each(() => grid.here(state)),
      mark: (setting, state) => panels.forEach((panel) => panel.mark(state, setting)),
      resize() {
        grid.resize();
        if (variance) variance.resize();
      },
      /* The theme has changed. */
      paint(setting, state) {
        each(why.paint, grid.paint);
        if (variance) variance.paint();
        if (setting) { for (const panel of painted) panel.show(setting, state).catch(on.broken); }
      },
    };
  }

  window.clusterfolio.panels = { create };
})();
