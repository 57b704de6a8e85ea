/* When things are drawn: figures and maps in the next frame, panels after it, and never for a setting already left. */
(function () {
  "use strict";

  const root = document.documentElement;

  /* A task after the next paint, so that figures and maps are seen before panels are filled. */
  function afterPaint() {
    return new Promise((resolve) => window.requestAnimationFrame(() => window.setTimeout(resolve, 0)));
  }

  function nextTask() {
    return new Promise((resolve) => window.setTimeout(resolve, 0));
  }

  /* `on` has state() (what is wanted now), wait(), maps(setting, state, glide) (a promise of rest), panels(setting)
     (functions, each short), missing(state, error), done(state) and, where one panel may fail alone, broken(error). */
  function create(model, on) {
    let setting = null; /* What is drawn now. */
    let frame = 0;
    let glides = false;
    let turn = 0;

    function request(glide) {
      root.dataset.state = "loading";
      glides = glide;
      turn += 1;
      if (!frame) {
        frame = window.requestAnimationFrame(() => {
          frame = 0;
          draw(turn, glides);
        });
      }
    }

    async function draw(mine, glide) {
      const now = on.state();
      if (!model.ready(now)) {
        on.wait();
        try {
          await model.ensure(now);
        } catch (error) {
          if (mine === turn) showMissing(now, error);
          return;
        }
        if (mine !== turn) return;
      }
      let settled;
      try {
        setting = model.setting(now);
        root.dataset.setting = setting.slug;
        settled = on.maps(setting, now, glide);
        settled.catch(() => {}); /* Reported below, when it is waited for. */
      } catch (error) {
        showMissing(now, error);
        return;
      }
      try {
        if (!(await fill(mine))) return;
        await settled;
      } catch (error) {
        if (mine === turn) showMissing(now, error);
        return;
      }
      if (mine !== turn) return;
      root.dataset.state = "ready";
      on.done(now);
    }

    async function fill(mine) {
      const jobs = on.panels(setting);
      await afterPaint();
      for (const job of jobs) {
        if (mine !== turn) return false;
        try {
          await job();
        } catch (error) {
          if (!on.broken) throw error;
          if (mine === turn) on.broken(error);
        }
        await nextTask();
      }
      return mine === turn;
    }

    /* A setting without data: nothing is shown that belongs to another one. */
    function showMissing(state, error) {
      setting = null;
      root.dataset.setting = "";
      root.dataset.state = "error";
      on.missing(state, error);
    }

    return {
      request,
      setting: () => setting,
      pending: () => frame !== 0,
      glide: () => {
        glides = true;
      },
    };
  }

  window.clusterfolio.drawing = { create, afterPaint };
})();
