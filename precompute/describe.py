"""The manifest of a study: all that a reader of its tables must know, and what decided their bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from precompute import neighbors, store, tables
from precompute.clusterers import registry as clusterers_registry
from precompute.labels import audit_tables, stability, suspicion
from precompute.maps import registry as maps_registry
from precompute.metrics import limits
from precompute.metrics import registry as metrics_registry
from precompute.run import rules
from precompute.run.plan import MEASURED_BY, EmbeddingPlan
from precompute.run.study import PlannedStudy


def describe(study: PlannedStudy) -> store.Manifest:
    """The manifest but for its files, its failed cells, and on which machine and versions it was computed."""
    data, config, wanted = study.data, study.config, study.plan
    texts = config.texts
    maps = [_map(part) for part in wanted.ordered if part.is_map]
    settings = [
        store.SettingInfo(
            slug=one.slug,
            embedding=part.slug if part.is_map else None,
            representation=store.VALUES,
            space="map" if part.is_map else store.FEATURES,
            clusterer=one.clusterer,
            parameters=dict(one.parameters),
        )
        for part in wanted.ordered
        for one in part.settings.values()
    ]
    return store.Manifest(
        format=store.FORMAT,
        dataset=store.DatasetInfo(
            id=config.id,
            title=texts.get("title", data.title),
            description=texts.get("description", data.description),
            source=texts.get("credit", data.source),
            license=texts.get("license", data.license),
            n=data.n,
            dimensions=int(data.values.shape[1]),
            image=data.image_shape,
            polarity=None if data.image_shape is None else data.polarity,
            labels=list(data.label_names) if data.labels is not None else None,
            scaling=data.scaling,
            sha256=data.sha256(),
            null_of=data.null_of,
            samples_sha256=data.samples_sha256(),
            null_from=data.null_from,
            reading=dict(data.reading),
            units=[store.Unit(name=name, shift=shift, span=span) for name, shift, span in data.units],
        ),
        parameters={
            "variance": config.variance,
            "starts": config.starts,
            "seed": config.seed,
            "neighbors": limits.neighbor_count(data.n),
            **suspicion.PARAMETERS,
        },
        axes=_axes(study),
        representations=[
            store.RepresentationInfo(
                name=store.VALUES,
                label="Values" if data.image_shape is None else "Pixels",
                dimensions=int(data.values.shape[1]),
            )
        ],
        methods=[
            store.MethodInfo(name=name, label=method.label, parameters=[one.name for one in method.parameters])
            for name, method in maps_registry.METHODS.items()
            if name in {info.method for info in maps}
        ],
        clusterers=[
            store.ClustererInfo(
                name=name, label=one.label, parameters=[each.name for each in one.parameters], noise=one.noise
            )
            for name, one in clusterers_registry.CLUSTERERS.items()
            if name in config.clusterers
        ],
        embeddings=maps,
        settings=settings,
        metrics=_definitions(data.labels is not None, data.n),
        failed=[
            store.Failure(
                cell=one.clusterer if one.space is None else f"{one.clusterer}, {one.space}",
                reason=f"it is computed of up to {one.most:,} samples, and these are {data.n:,}",
                clusterer=one.clusterer,
                space=one.space,
            )
            for one in config.left_out(data.n)
        ],
        versions={},
        machine={},
        files={},
        rules=table_rules(),
    )


def _map(part: EmbeddingPlan) -> store.EmbeddingInfo:
    return store.EmbeddingInfo(
        slug=part.slug, representation=store.VALUES, method=part.method, parameters=dict(part.parameters)
    )


def _axes(study: PlannedStudy) -> list[store.Axis]:
    facts = study.plan.parts[store.FEATURES].facts
    found = []
    for one in study.config.parameters:
        values = study.grid[one.name]
        found.append(
            store.Axis(
                name=one.name,
                letter=one.letter,
                label=one.label,
                unit=one.unit,
                meaning=one.meaning,
                values=list(values),
                start=_nearest(values, one.start(facts)),
                whole=one.whole,
                implied=one.implied,
            )
        )
    return found


def _nearest(values: Sequence[float], wanted: float) -> float:
    """The value nearest to the wanted one, the lower on a tie."""
    return min(values, key=lambda value: (abs(value - wanted), value))


def failure(part: EmbeddingPlan, reason: str) -> store.Failure:
    """What is missing where a part could not be computed."""
    is_shown = part.is_map and part.measured
    return store.Failure(cell=part.slug, reason=reason, embedding=_map(part) if is_shown else None)


def clipped(described: store.Manifest, study: PlannedStudy, distinct: Mapping[str, int]) -> store.Manifest:
    """A manifest without the settings that need more points that differ than there are.

    Args:
        described: the manifest.
        study: that it is of.
        distinct: by slug of the map or of the features, how many points differ where that leaves settings out.
    """
    parts = study.plan.parts
    left = {slug: {one.slug for one in parts[slug].up_to(count).settings.values()} for slug, count in distinct.items()}
    settings = [one for one in described.settings if one.part not in left or one.slug in left[one.part]]
    used = {name: {one.parameters.get(name) for one in settings} for name in _of_clusterers(described)}
    axes = [
        msgspec.structs.replace(axis, values=[value for value in axis.values if value in used[axis.name]])
        if distinct and used.get(axis.name, {None}) != {None}
        else axis
        for axis in described.axes
    ]
    axes = [
        axis if axis.start in axis.values else msgspec.structs.replace(axis, start=_nearest(axis.values, axis.start))
        for axis in axes
    ]
    return msgspec.structs.replace(described, settings=settings, axes=axes, distinct=dict(distinct))


def _of_clusterers(described: store.Manifest) -> set[str]:
    return {name for one in described.clusterers for name in one.parameters}


def table_rules() -> dict[str, str]:
    """What the tables follow from, cells given: fingerprints by module, and whose clusters are evidence."""
    made_by = (suspicion, neighbors, audit_tables, stability, tables, store.slugs, store.format, store.writing)
    methods = [name for name, method in maps_registry.METHODS.items() if method.evidence]
    clusterers = [name for name, clusterer in clusterers_registry.CLUSTERERS.items() if clusterer.evidence]
    return {**rules.of(*made_by, *MEASURED_BY), "evidence": ", ".join([*methods, *clusterers])}


def _definition(
    name: str, of: Literal["setting", "embedding"], metric: metrics_registry.Metric[Any], n: int
) -> store.MetricInfo:
    """What a reader must know of a measure; that it is an estimate stands beside the figure on every page."""
    return store.MetricInfo(
        name=name,
        of=of,
        label=metric.label,
        meaning=metric.explained(n),
        lower=metric.lower,
        upper=metric.upper,
        better=metric.better,
        space=metric.space,
        comparable_over=list(metric.comparable_over),
        ranks_noise=metric.ranks_noise,
        undefined=metric.undefined,
        decimals=metric.decimals,
    )


def _definitions(labelled: bool, n: int) -> list[store.MetricInfo]:
    found = [
        _definition(name, "setting", metric, n)
        for name, metric in metrics_registry.SETTING_METRICS.items()
        if labelled or not metric.needs_labels
    ]
    found += [_definition(name, "embedding", metric, n) for name, metric in metrics_registry.EMBEDDING_METRICS.items()]
    found += [
        store.MetricInfo(
            name=name,
            of="provenance",
            label=figure.label,
            meaning=figure.meaning,
            lower=0,
            upper=None,
            better=None,
            space=None,
            comparable_over=[],
            decimals=figure.decimals,
        )
        for name, figure in metrics_registry.PROVENANCE.items()
    ]
    return found
