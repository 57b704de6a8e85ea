"""Slugs: the names of data sets, maps and settings, in files and in addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping

# ---------------------------------------------------------------------------------------------------------- slugs

_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


_TAKEN = {"assets", "con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}


def check_dataset_id(name: str) -> str:
    """Return a data set id unchanged if it may serve as a folder's name.

    Raises:
        ValueError: it holds anything but lower-case letters, digits and inner dashes, or over 64 of them; or it is
            the name of the site's own folder, or of a Windows device.
    """
    if name in _TAKEN:
        raise ValueError(f"data set id {name!r}: the name is taken; add a word, as in 'my-{name}'")
    if not _SLUG.fullmatch(name) or len(name) > 64:
        raise ValueError(
            f"data set id {name!r}: allowed are at most 64 lower-case letters, digits and dashes, as in 'my-digits'"
        )
    return name


def null_id(name: str) -> str:
    """Id of the shuffled baseline of a data set."""
    return f"{name}-null"


def number_slug(value: float) -> str:
    """A parameter's value as it stands in slugs and addresses, printed shortest: 35.0 → "35", 12.5 → "12.5"."""
    text = repr(float(value))
    return text.removesuffix(".0")


VALUES = "values"
"""The representation that every study has: the data's own numbers. It adds nothing to slugs and addresses."""
KMEANS = "kmeans"
"""The clusterer that adds nothing to slugs and addresses."""
IMPLIED: Mapping[str, str] = {"representation": VALUES, "method": "tsne", "clusterer": KMEANS}
"""What an address means that does not say it, whatever else a study has: a link keeps its meaning as studies grow."""
FEATURES = "features"
"""Stands where a map's slug would, for a clustering of the features."""


def embedding_slug(method: str, representation: str = VALUES) -> str:
    """Name of an embedding: "pca", "tsne-p35", "cnn.tsne-p35".

    Args:
        method: with its values, see `parameters.slug`.
        representation: that it was made from.
    """
    return method if representation == VALUES else f"{representation}.{method}"


def setting_slug(part: str, clustering: str) -> str:
    """Name of a setting: "tsne-p35-k10" on a map, "features-k10" on the features.

    Args:
        part: the map's slug, or that of the features.
        clustering: the clusterer with its values, see `parameters.slug`.
    """
    return f"{part}-{clustering}"
