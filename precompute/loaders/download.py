"""MNIST from OpenML, only when asked for, and only if it is what it should be."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import DataError, fingerprint
from precompute.machine import files

MNIST_SHA256 = {
    "images": "8f2ea437520f4011a407fcbaeca69298683232e300f37c66ff7c7fdf9cc12d78",
    "labels": "905ce91245558d73aa9fcfa76757ef4da15400cda5125eb9785c9ecac913d95a",
}
"""Of (70,000, 28, 28) and (70,000,) uint8, the training part first, as `dataset.fingerprint` gives it."""


def mnist(folder: Path) -> Iterator[str]:
    """Fetch MNIST through scikit-learn, hold it against its fingerprint, and keep it as `mnist.npz`.

    Yields:
        Lines for people.

    Raises:
        DataError: it cannot be fetched, or is not what it should be; then nothing is kept.
    """
    path = folder / "mnist.npz"
    files.check_writable(folder)
    yield "MNIST: fetching 70,000 pictures from OpenML"
    images, labels = _fetched()
    for name, array in (("images", images), ("labels", labels)):
        found = fingerprint(array)
        if found != MNIST_SHA256[name]:
            raise DataError(f"MNIST: {name} have sha256 {found}, not {MNIST_SHA256[name]}; nothing was kept: try again")
    sink = io.BytesIO()
    np.savez_compressed(sink, images=images, labels=labels)
    files.write_atomic(path, sink.getvalue())
    yield f"MNIST: {path} ({path.stat().st_size / 1e6:.1f} MB), as it should be; build it with --data {path}"


def _fetched() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    # imported here: only a download pays for it; without its cache, which would stay in the home folder
    from sklearn.datasets import fetch_openml

    try:
        found: Any = fetch_openml("mnist_784", version=1, as_frame=False, parser="liac-arff", cache=False)
    except (OSError, ValueError) as error:
        raise DataError(
            f"MNIST: OpenML cannot be reached, or answers otherwise ({type(error).__name__}); try again later, or "
            "bring a folder with MNIST's four files: --data FOLDER"
        ) from None
    images = np.asarray(found.data, dtype=np.float64).astype(np.uint8).reshape(-1, 28, 28)
    return images, np.asarray(found.target).astype(np.uint8)
