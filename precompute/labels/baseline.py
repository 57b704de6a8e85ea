"""The shuffled baseline: the same values in every column and no structure between them, to compare results with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from precompute.dataset import Dataset
from precompute.store import null_id


def name_of(study: str) -> str:
    """Id of the shuffled baseline of a study."""
    return null_id(study)


def shuffled(data: Dataset, seed: int, study: str, title: str) -> Dataset:
    """Data without structure: the values of each column, shuffled over the samples independently of the others.

    Every column keeps its distribution; whatever clusters appear were made by the method. Pictures are shuffled in the
    same way, labels stay where they are.

    Args:
        data: what to shuffle.
        seed: of the shuffling.
        study, title: id and title of the study of these data.
    """
    rng = np.random.default_rng([seed, 1])
    order = rng.permuted(np.tile(np.arange(data.n), (data.values.shape[1], 1)), axis=1)
    values = np.take_along_axis(data.values, order.T, axis=0)
    pixels = data.pixels
    if pixels is not None:
        if pixels.shape[1] != order.shape[0]:
            order = rng.permuted(np.tile(np.arange(data.n), (pixels.shape[1], 1)), axis=1)
        pixels = np.take_along_axis(pixels, order.T, axis=0)
    return replace(
        data,
        id=name_of(study),
        title=f"{title}, shuffled",
        description="Nothing to find: the values of each pixel or feature, shuffled over the samples.",
        values=values,
        pixels=pixels,
        null_of=study,
        null_from=data.sha256(),
    )
