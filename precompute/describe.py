"""The manifest of a study: all that a reader of its tables must know, and what decided their bits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from precompute import store, tables
from precompute.labels import audit_tables, stability, suspicion
from precompute.maps import registry as maps_registry
from precompute.metrics import limits
from precompute.metrics import registry as metrics_registry
from precompute.run import rules
from precompute.run.plan import FEATURES, MEASURED_BY
from precompute.run.study import PlannedStudy


def describe(study: PlannedStudy) -> store.Manifest:
    """The manifest but for its files, its holes, and on which machine and versions it was computed."""
    data, config, grid, wanted = study.data, study.config, study.grid, study.plan
    texts = config.texts
    embeddings_found = [
        store.EmbeddingInfo(slug=part.slug, method=part.method, perplexity=part.parameters.get("perplexity"))
        for part in wanted.ordered
        if part.slug != FEATURES
    ]
    settings = [
        store.SettingInfo(
            slug=store.setting_slug(None if part.slug == FEATURES else part.slug, k),
            embedding=None if part.slug == FEATURES else part.slug,
            space="features" if part.slug == FEATURES else "map",
            k=k,
        )
        for part in wanted.ordered
        for k in part.ks
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
        ),
        parameters={
            "variance": config.variance,
            "starts": config.starts,
            "seed": config.seed,
            "neighbors": limits.neighbor_count(data.n),
            **suspicion.PARAMETERS,
        },
        axes=[
            store.Axis(
                name="perplexity",
                label="Perplexity",
                values=list(grid.perplexity),
                meaning="About how many neighbours t-SNE keeps close to each sample.",
            ),
            store.Axis(
                name="k",
                label="Clusters k",
                values=[float(k) for k in grid.k],
                meaning="How many clusters K-Means makes.",
            ),
        ],
        methods=[
            store.MethodInfo(name=name, label=method.label, parameters=list(method.parameters))
            for name, method in maps_registry.METHODS.items()
            if name in {info.method for info in embeddings_found}
        ],
        embeddings=embeddings_found,
        settings=settings,
        metrics=_definitions(data.labels is not None, data.n),
        failed=[],
        versions={},
        machine={},
        files={},
        rules=table_rules(),
    )


def clipped(described: store.Manifest, distinct: Mapping[str, int]) -> store.Manifest:
    """A manifest without each k that is more than the points of its space that differ.

    Args:
        distinct: by embedding's slug or "features", how many points differ where some k is more.
    """
    settings = [one for one in described.settings if one.k <= distinct.get(one.embedding or FEATURES, one.k)]
    ks = {float(one.k) for one in settings}
    axes = [
        msgspec.structs.replace(axis, values=[value for value in axis.values if value in ks])
        if axis.name == "k" and ks and distinct
        else axis
        for axis in described.axes
    ]
    return msgspec.structs.replace(described, settings=settings, axes=axes, distinct=dict(distinct))


def table_rules() -> dict[str, str]:
    """What the tables follow from, cells given: fingerprints by module."""
    return rules.of(suspicion, audit_tables, stability, tables, store.slugs, store.format, store.writing, *MEASURED_BY)


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
