"""A file of numbers as a representation: its rows are brought into the samples' order, by id where it has ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from precompute import neighbors
from precompute.dataset import DataError, Dataset
from precompute.loaders.options import Options
from precompute.loaders.raw import check_amount, check_dimensions, named, shown
from precompute.loaders.registry import FORMATS
from precompute.loaders.registry import read as read_raw
from precompute.loaders.scaling import scaled
from precompute.metrics.limits import neighbor_count
from precompute.representations.representation import Representation, Wanted

READABLE = ("npz", "npy", "csv", "parquet")
"""Formats of `loaders.registry` that can hold (n, d) numbers."""
_LISTED = 3
"""Ids that a message names; the rest is counted."""
_DRAWN = 2_000
"""Samples that show whether two representations have neighbours in common."""
_SPREADS = 4
"""Standard deviations above chance from which neighbours count as common."""


def from_file(wanted: Wanted, data: Dataset) -> Representation:
    """Read (n, d) numbers, one row a sample, and bring them into the samples' order.

    Raises:
        DataError: the file cannot be read, holds something else, lacks samples, repeats ids, or has no ids and another
            number of rows than there are samples.
    """
    path = named(Path(wanted.place))
    if path.exists() and not any(FORMATS[name].matches(path) for name in READABLE):
        known = "; ".join(FORMATS[name].label for name in READABLE)
        raise DataError(f"{path.name}: no file of numbers for representation {wanted.name!r}; allowed: {known}")
    raw = read_raw(path, Options(id_column=wanted.id_column, label_column=""))
    numbers = raw.features
    if numbers is None and raw.images is not None and raw.images.ndim == 3 and raw.kind in ("CSV", "Parquet"):
        numbers = raw.images.reshape(len(raw.images), -1)  # columns that are named like pixels
    if numbers is None or numbers.ndim != 2:
        shape = (raw.features if raw.features is not None else raw.images).shape  # type: ignore[union-attr]
        raise DataError(f"{path.name}: numbers have shape {shape}; needed: (samples, dimensions), a row a sample")
    check_amount(numbers.shape, path.name)
    check_dimensions(numbers.shape, path.name)
    notes, doubts = list(raw.notes), []
    if raw.ids is not None and len(raw.ids) != len(numbers):
        raise DataError(f"{path.name}: {len(raw.ids):,} ids for {len(numbers):,} rows; needed: one a row")
    by_id = raw.ids is not None and wanted.match != "order"
    if raw.ids is not None and by_id:
        rows, said = matched(raw.ids, data.ids, path.name)
        notes += said
        numbers = numbers[rows]
    elif len(numbers) != data.n:
        raise DataError(
            f"{path.name}: {len(numbers):,} rows for {data.n:,} samples, and nothing that says which is whose; bring a "
            f"row for each sample, in their order, or ids ({_IDS})"
        )
    else:
        notes.append(f"{path.name}: no ids are compared, so row 0 is taken for sample {data.ids[0]!r}, and so on")
    numbers_scaled = scaled(numbers, path.name, wanted.scale)
    values = numbers_scaled.values
    if not by_id and wanted.match != "order":
        doubts += _order_doubt(values, data.values, path.name)
    return Representation(
        name=wanted.name,
        title=wanted.title or wanted.name,
        values=values,
        source=f"{path.name}, {values.shape[1]:,} numbers a sample, matched by {'id' if by_id else 'order'}",
        scaling=numbers_scaled.words,
        notes=tuple(notes),
        doubts=tuple(doubts),
    )


_IDS = "ids in an .npz, or a column id in a CSV or Parquet file"


def matched(ids: Sequence[str], samples: Sequence[str], where: str) -> tuple[NDArray[np.int64], list[str]]:
    """Which row of a file belongs to which sample.

    Args:
        ids: of the file's rows.
        samples: ids of the study's samples.
        where: for messages.

    Returns:
        (samples,) rows, and a note on rows that belong to none.

    Raises:
        DataError: ids repeat, or samples have no row; says how many, and names the first few.
    """
    counts = Counter(ids)
    repeated = [name for name, count in counts.items() if count > 1]
    if repeated:
        raise DataError(f"{where}: {_some(repeated, 'id')} stand more than once; needed: one row a sample")
    places = {name: row for row, name in enumerate(ids)}
    missing = [name for name in samples if name not in places]
    known = set(samples)
    extra = [name for name in ids if name not in known]
    if missing:
        also = f"; {_some(extra, 'row')} belong to no sample" if extra else ""
        raise DataError(
            f"{where}: no row for {_some(missing, 'sample')}{also}; add the rows, write ids as the data have them, or "
            'match = "order" if the rows are in the samples\' order'
        )
    notes = [f"{where}: {_some(extra, 'row')} belong to no sample and are left out"] if extra else []
    return np.array([places[name] for name in samples], dtype=np.int64), notes


def _some(names: Sequence[str], what: str) -> str:
    """How many, and the first few."""
    first = ", ".join(shown(name) for name in names[:_LISTED])
    return f"{len(names):,} {what}{'s' if len(names) > 1 else ''} ({first}{' …' if len(names) > _LISTED else ''})"


def _order_doubt(values: NDArray[np.float32], first: NDArray[np.float32], where: str) -> list[str]:
    """A sentence where the two have no more neighbours in common than rows in another order would have."""
    rows = np.arange(len(values))
    if len(rows) > _DRAWN:
        rows = np.sort(np.random.default_rng(0).choice(len(rows), _DRAWN, replace=False))
    count = neighbor_count(len(rows))
    one, other = (neighbors.nearest(array[rows], count).indices for array in (values, first))
    common = int((one[:, :, None] == other[:, None, :]).sum())
    # of each sample count² / (n − 1) by chance; twice the variance, as neighbourhoods are often mutual
    chance = len(rows) * count**2 / (len(rows) - 1)
    if common > chance + _SPREADS * (2 * chance) ** 0.5:
        return []
    share = common / (len(rows) * count)
    return [
        f"{where}: its neighbours and those of the first representation are the same ones in {share:.1%} of cases, as "
        f"by chance ({count / (len(rows) - 1):.1%}): are the rows in the samples' order? Bring ids ({_IDS}), or say "
        'match = "order"'
    ]
