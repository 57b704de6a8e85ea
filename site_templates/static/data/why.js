/* Why a sample is where it is: facts about it at one setting, and the likely reason in one sentence. Pure. */
(function () {
  "use strict";

  const { choices, decode, grid, spatial } = window.clusterfolio;

  /* `near` is the chunk “neighbors”. */
  function create(model, near) {
    const { count } = near;
    const true10 = decode.column(near.samples, model.n * count);
    const indexes = new WeakMap(); /* Of the points of each map, for as long as the model keeps that map. */

    function onMap(sample, state) {
      const map = model.embedding(state);
      if (!indexes.has(map)) indexes.set(map, spatial.create(map.x, map.y));
      return indexes.get(map).neighbors(sample, count);
    }

    /* Everything that the card says of a sample at a setting. Neighbours come nearest first. */
    function facts(sample, setting, state) {
      const labelOf = (each) => (model.labels && model.labels[each] !== model.unlabelled ? model.labels[each] : null);
      const label = labelOf(sample);
      const cluster = setting.clusters[sample];
      const mapped = onMap(sample, state);
      const near10 = Array.from(true10.subarray(sample * count, (sample + 1) * count));
      const describe = (each, shared) => ({
        sample: each,
        label: labelOf(each),
        cluster: setting.clusters[each],
        shared: shared.includes(each),
      });
      return {
        sample,
        label,
        cluster,
        dominant: setting.dominant[cluster],
        wrong: setting.isWrong[sample] === 1,
        noise: cluster === setting.noise,
        among:
          near10.filter((each) => setting.clusters[each] === setting.noise).length, /* Neighbours that are noise. */
        space: state.space,
        by: choices.clusterer(model.study, state).label,
        clustering: choices.clustering(model.study, state),
        margin: setting.margin(sample),
        hasCluster: setting.dominant.includes(label),
        near: near10.map((each) => describe(each, mapped)), /* `shared`: kept by the map. */
        mapped: mapped.map((each) => describe(each, near10)), /* `shared`: truly near. */
      };
    }

    return { facts, reason: (found) => reason(found, model) };
  }

  /* The most frequent value, the lowest on a tie, and how often it comes. */
  function most(values) {
    const counts = new Map();
    for (const value of values) counts.set(value, (counts.get(value) || 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0] || [null, 0];
  }

  const known = (values) => values.filter((value) => value !== null);
  const tally = (values, wanted) => values.filter((value) => value === wanted).length;

  /* The likely reason, {kind, text}. For a misclassified sample the first of these that holds:
     neighbours  most of its true neighbours carry another label (more than carry its own)
     torn        they carry its own, but most of its neighbours on the map carry another (clusters of the map only)
     no-cluster  no cluster of this setting is mostly its label
     border      of its neighbours, in the space that was clustered, some lie in another cluster
     joined      none does: its whole region is in a cluster of another label */
  function reason(found, model) {
    const name = (label) => model.labelName(label);
    const total = found.near.length;
    const labels = found.near.map((each) => each.label);
    const kept = found.near.filter((each) => each.shared).length;
    const mates = tally(found.near.map((each) => each.cluster), found.cluster);
    const map = `the map keeps ${kept} of its ${total} true nearest neighbours`;
    if (found.noise) {
      return {
        kind: "noise",
        text:
          `${found.by} put it in no cluster: it lies where samples are sparse; ${found.among} of its ${total} true ` +
          `nearest neighbours are noise, too, and ${map}.`,
      };
    }
    if (found.label === null) {
      return { kind: "unlabelled", text: `${sentence(map)}; ${mates} of them are in its cluster.` };
    }
    const own = tally(labels, found.label);
    if (!found.wrong) {
      return {
        kind: "right",
        text: `Not misclassified: ${own} of its ${total} true nearest neighbours are ${
          quoted(name(found.label))
        } too, and ${mates} are in its cluster; ${map}.`,
      };
    }
    const [other, others] = most(known(labels).filter((label) => label !== found.label));
    if (others > own) {
      return {
        kind: "neighbours",
        text: `It looks like ${
          quoted(name(other))
        }: ${others} of its ${total} true nearest neighbours are labelled so, ${own} ${quoted(name(found.label))}.`,
      };
    }
    const mapped = found.mapped.map((each) => each.label);
    const ownMapped = tally(mapped, found.label);
    const [stranger, strangers] = most(known(mapped).filter((label) => label !== found.label));
    if (found.space === "map" && strangers > ownMapped) {
      return {
        kind: "torn",
        text: `The map moved it away from its neighbours: ${own} of its ${total} true nearest neighbours are ${
          quoted(name(found.label))
        }, but on the map ${strangers} of its ${mapped.length} nearest are ${
          quoted(name(stranger))
        }; the map keeps ${kept} of the ${total}.`,
      };
    }
    if (!found.hasCluster) {
      return {
        kind: "no-cluster",
        text: `No cluster is mostly ${quoted(name(found.label))} at ${found.clustering}, so every ${
          quoted(name(found.label))
        } counts as misclassified; ${own} of its ${total} true nearest neighbours are ${
          quoted(name(found.label))
        }, too.`,
      };
    }
    const around = found.space === "map" ? found.mapped : found.near;
    const [neighbour, across] = most(around.map((each) => each.cluster).filter((cluster) => cluster !== found.cluster));
    const where = found.space === "map" ? "nearest on the map" : "true nearest neighbours";
    if (across > 0) {
      return {
        kind: "border",
        text: `It lies on a border between two clusters: ${across} of its ${around.length} ${where} are in cluster ` +
          `${neighbour}, ${tally(around.map((each) => each.cluster), found.cluster)} in its own, which is mostly ` +
          `${quoted(name(found.dominant))}.`,
      };
    }
    return {
      kind: "joined",
      text:
        `${found.by} put its whole region into a cluster that is mostly ${quoted(name(found.dominant))}: all of its ` +
        `${around.length} ${where} are in that cluster, though ${own} of its ${total} true nearest neighbours are ` +
        `${quoted(name(found.label))}.`,
    };
  }

  const quoted = (name) => `“${name}”`;

  function sentence(text) {
    return text.charAt(0).toUpperCase() + text.slice(1);
  }

  /* What a sample was called at each setting of a state's method and clusterer, from their chunk of the history. */
  function past(data, model, now) {
    const { mapCount, clusteringCount } = grid.places(model.study, now);
    const onMaps = decode.column(data.map, model.n * clusteringCount * mapCount);
    const onFeatures = decode.column(data.features, model.n * clusteringCount);
    const missing = model.names.length + 1;

    /* By cell of a state: null where there is no setting, −1 right, −2 not counted, else the label given. */
    return function (sample, state) {
      const { columns, rows, at, maps, clusterings } = grid.places(model.study, state);
      return Array.from({ length: columns * rows }, function (_, cell) {
        const { column, row } = at(cell);
        const place = sample * clusteringCount + clusterings[row];
        const code = state.space === "features" ? onFeatures[place] : onMaps[place * mapCount + maps[column]];
        return code === missing ? null : code > missing ? -2 : code - 1;
      });
    };
  }

  window.clusterfolio.why = { create, past };
})();
