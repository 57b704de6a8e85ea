"""Shuffled baselines: whether one is of the same data as the study that it is shown beside."""

from __future__ import annotations

from precompute import store

SAME = ("seed", "variance", "starts")
"""Parameters that a study and its shuffled baseline share."""


def misfit(study: store.Manifest, copy: store.Manifest) -> str | None:
    """Why a shuffled baseline must not be shown beside a study as it now stands; None if it may.

    An earlier build may have left it: the data, or what was asked for, have changed since.
    """
    if copy.dataset.null_of != study.dataset.id:
        return f"no shuffled baseline of {study.dataset.id}"
    if copy.dataset.null_from is None:
        return "a shuffled baseline that an earlier version made, which did not say of what data"
    if copy.dataset.null_from != study.dataset.sha256:
        return f"a shuffled baseline of other data than {study.dataset.id} holds now"
    for name in SAME:
        one, other = study.parameters.get(name), copy.parameters.get(name)
        if one != other:
            return f"a shuffled baseline made with {name} {other:g}, {study.dataset.id} has {one:g}"
    return None
