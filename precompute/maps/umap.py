"""UMAP, by umap-learn, from the study's own neighbours."""

from __future__ import annotations

import contextlib
import functools
import threading
import warnings
from collections.abc import Mapping

import numpy as np

from precompute.maps.align import align
from precompute.maps.method import Embedding, Source
from precompute.parameters import Parameter

N_NEIGHBORS = Parameter(
    name="n_neighbors",
    letter="n",
    label="Neighbours",
    unit="neighbours",
    meaning="How many neighbours, the sample itself among them, UMAP takes for each sample's surroundings.",
    default=(5.0, 10.0, 15.0, 30.0, 50.0, 100.0),
    large=(5.0, 15.0, 50.0),
    coarse=(5.0, 15.0, 50.0),
    robust=(15.0,),
    start=lambda _: 15.0,
    whole=True,
    limits=lambda facts: (2.0, facts.n - 1.0),
    neighbors=lambda value: int(value) - 1,
)
MIN_DIST = Parameter(
    name="min_dist",
    letter="d",
    label="Min distance",
    unit="on the map",
    meaning="How close to each other UMAP lets samples lie.",
    default=(0.1,),
    start=lambda _: 0.1,
    whole=False,
    limits=lambda _: (0.0, 1.0),
    implied=0.1,
)


def umap(source: Source, parameters: Mapping[str, float]) -> Embedding:
    """UMAP, turned and mirrored onto the PCA map at the end; everything not named here is umap-learn's default.

    Args:
        source: the data.
        parameters: "n_neighbors", from 2 to n − 1; "min_dist"; "restart": if it is there, the start is random, another
            one for each value; without it the start is spectral, or random where few samples differ and their
            neighbours allow no spectral one.

    Returns:
        The map.

    Raises:
        ValueError: more neighbours are asked for than the source has.

    Source: L. McInnes, J. Healy, J. Melville, "UMAP: Uniform Manifold Approximation and Projection for Dimension
    Reduction", 2018.
    """
    # imported here: a build with nothing to do must not pay for numba
    from tqdm import tqdm

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Tensorflow not installed", ImportWarning)  # its networks are not used
        from umap import UMAP
    _keep_compiled()
    # its progress bars, shown or not, share a lock of the system's, which a worker that is stopped would leave behind
    tqdm.set_lock(threading.RLock())

    count = int(parameters["n_neighbors"])
    indices, distances = source.neighbors.indices, source.neighbors.distances
    if indices.shape[1] < count - 1:
        raise ValueError(f"n_neighbors is {count}; allowed with {indices.shape[1]} neighbours: {indices.shape[1] + 1}")
    # exactly as many columns, the sample itself first: of few samples umap-learn uses every column that it is given
    own = np.arange(len(indices), dtype=indices.dtype)[:, None]
    nearest = np.hstack([own, indices[:, : count - 1]])
    away = np.hstack([np.zeros_like(own, dtype=distances.dtype), distances[:, : count - 1]])
    restart = int(parameters.get("restart", 0))
    model = UMAP(
        n_neighbors=count,
        min_dist=parameters["min_dist"],
        init="random" if restart else "spectral",
        random_state=np.random.RandomState([source.seed, restart]),
        n_jobs=1,
        precomputed_knn=(nearest, away),
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "precomputed_knn", UserWarning)  # it could not place new samples
        warnings.filterwarnings("ignore", "Spectral initiali", UserWarning)  # then it starts from random points
        points = model.fit_transform(source.features)
    return Embedding(align(points.astype(np.float32), source.start), {})


@functools.cache
def _keep_compiled() -> None:
    """Have numba keep what it compiles of umap-learn, as it keeps our own: else each process compiles it anew.

    It takes thirty times as long as a map of a few hundred samples. The bits are the same.
    """
    from umap import distances, layouts, umap_, utils

    for module in (distances, layouts, umap_, utils):
        for function in vars(module).values():
            if hasattr(function, "enable_caching") and function.py_func.__module__ == module.__name__:
                with contextlib.suppress(RuntimeError):  # there is no folder to keep it in
                    function.enable_caching()
