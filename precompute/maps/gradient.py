"""The exact t-SNE gradient and its descent, compiled for the processor at hand.

At some thousands of samples the exact sum over all pairs, in single precision and with wide vectors, is faster than
the tree and grid approximations made for larger data, and has no error of its own. Compiled once and kept on disk;
`error_model="numpy"` is needed, for with Python's checks for division by zero the loops do not vectorise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """numba's decorator, typed; the compiled code is kept on disk beside the source.

    Callees are inlined: a call between compiled functions may run one machine code right after compilation and
    another, with other roundings, when both are loaded from disk.
    """
    return cast(F, numba.njit(fastmath=True, error_model="numpy", cache=True, inline="always")(function))


@compiled
def repulsion(x: NDArray[np.float32], y: NDArray[np.float32], fx: NDArray[np.float32], fy: NDArray[np.float32]) -> Any:
    """Sum the repulsive forces on every point over all pairs.

    Args:
        x, y: (n,) float32 coordinates.
        fx, fy: (n,) float32, overwritten by Σ_j q_ij² (y_i − y_j), where q_ij = 1 / (1 + |y_i − y_j|²).

    Returns:
        Z = Σ_{i ≠ j} q_ij, by which the forces are still to be divided.
    """
    one = np.float32(1)
    total = np.float64(0)
    for i in range(len(x)):
        xi, yi = x[i], y[i]
        row, along, up = np.float32(0), np.float32(0), np.float32(0)
        for j in range(len(x)):
            dx, dy = xi - x[j], yi - y[j]
            q = one / (one + dx * dx + dy * dy)
            row += q
            square = q * q
            along += square * dx
            up += square * dy
        fx[i], fy[i] = along, up
        total += row
    return total - len(x)  # the loop counted q_ii = 1


@compiled
def attraction(
    indptr: NDArray[np.int32],
    indices: NDArray[np.int32],
    p: NDArray[np.float32],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    fx: NDArray[np.float32],
    fy: NDArray[np.float32],
) -> None:
    """Sum the attractive forces Σ_j p_ij q_ij (y_i − y_j) over the entries of a sparse P into fx, fy (overwritten).

    Args:
        indptr, indices, p: P as compressed sparse rows, values float32. The rest as for `repulsion`.

    Indices are read as unsigned: for signed ones numba tests each for "from the end", which costs more than half
    of the time (digits, an iteration at perplexity 5, 20, 50: 0.03, 0.09, 0.19 ms against 0.06, 0.20, 0.46;
    tests/benchmarks/bench_grid.py, profile).
    """
    one = np.float32(1)
    for i in range(len(x)):
        xi, yi = x[i], y[i]
        along, up = np.float32(0), np.float32(0)
        for at in range(np.uint64(indptr[i]), np.uint64(indptr[i + 1])):
            j = np.uint32(indices[at])
            dx, dy = xi - x[j], yi - y[j]
            weight = p[at] / (one + dx * dx + dy * dy)
            along += weight * dx
            up += weight * dy
        fx[i], fy[i] = along, up


@compiled
def normalization(x: NDArray[np.float32], y: NDArray[np.float32]) -> float:
    """Z = Σ_{i ≠ j} q_ij over all pairs, in double precision."""
    total = 0.0
    for i in range(len(x)):
        xi, yi = np.float64(x[i]), np.float64(y[i])
        row = 0.0
        for j in range(len(x)):
            dx, dy = xi - x[j], yi - y[j]
            row += 1.0 / (1.0 + dx * dx + dy * dy)
        total += row - 1.0
    return total


@compiled
def divergence(
    indptr: NDArray[np.int32],
    indices: NDArray[np.int32],
    p: NDArray[np.float64],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    total: float,
) -> float:
    """KL divergence of Q from P in double precision, where the normalisation of Q is known.

    Args:
        indptr, indices, p: P as compressed sparse rows, values float64, summing to 1.
        x, y: (n,) float32.
        total: Z = Σ_{i ≠ j} q_ij.

    Returns:
        Σ_ij p_ij log(p_ij Z / q_ij) in nats.
    """
    found = 0.0
    for i in range(len(x)):
        for at in range(indptr[i], indptr[i + 1]):
            if p[at] > 0:
                dx, dy = np.float64(x[i]) - x[indices[at]], np.float64(y[i]) - y[indices[at]]
                found += p[at] * np.log(p[at] * (1.0 + dx * dx + dy * dy) * total)
    return found


@compiled
def kl_divergence(
    indptr: NDArray[np.int32],
    indices: NDArray[np.int32],
    p: NDArray[np.float64],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
) -> float:
    """KL divergence of Q from P, exact: as `divergence`, with q normalised over all pairs."""
    return divergence(indptr, indices, p, x, y, normalization(x, y))


@compiled
def step(
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    update: NDArray[np.float32],
    gains: NDArray[np.float32],
    pull: NDArray[np.float32],
    push: NDArray[np.float32],
    total: float,
    exaggeration: float,
    learning_rate: float,
    momentum: float,
) -> None:
    """Move points one step down the gradient, in place, by openTSNE's rule: momentum, gains, bounded steps.

    Args:
        x, y: (n,) float32 coordinates.
        update, gains: (2, n) float32, last step and gain of each coordinate.
        pull, push: (2, n) float32, forces, those that push still to be divided by `total`.
        exaggeration: factor on P.
        learning_rate, momentum: as in openTSNE.
    """
    n = len(x)
    normal = np.float32(1 / total)
    factor, rate, kept = np.float32(exaggeration), np.float32(learning_rate), np.float32(momentum)
    low, up_by, down_by, longest = np.float32(0.01), np.float32(0.2), np.float32(0.8), np.float32(5)
    for axis in range(2):
        for i in range(n):
            gradient = factor * pull[axis, i] - push[axis, i] * normal
            before = update[axis, i]
            same = before * gradient > 0
            gains[axis, i] = gains[axis, i] * down_by + low if same else gains[axis, i] + up_by
            update[axis, i] = kept * before - rate * gains[axis, i] * gradient
    middle_x, middle_y = 0.0, 0.0
    for i in range(n):
        length = np.sqrt(update[0, i] * update[0, i] + update[1, i] * update[1, i])
        if length > longest:
            update[0, i] *= longest / length
            update[1, i] *= longest / length
        x[i] += update[0, i]
        y[i] += update[1, i]
        middle_x += x[i]
        middle_y += y[i]
    across, up = np.float32(middle_x / n), np.float32(middle_y / n)
    for i in range(n):
        x[i] -= across
        y[i] -= up


@compiled
def descend(
    indptr: NDArray[np.int32],
    indices: NDArray[np.int32],
    p: NDArray[np.float32],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    update: NDArray[np.float32],
    gains: NDArray[np.float32],
    iterations: int,
    exaggeration: float,
    learning_rate: float,
    momentum: float,
) -> None:
    """Move points down the exact gradient, in place, step by step.

    Args:
        indptr, indices, p: P as compressed sparse rows, values float32.
        x, y: (n,) float32 coordinates.
        update, gains: (2, n) float32, last step and gain of each coordinate.
        iterations: how many steps.
        exaggeration: factor on P.
        learning_rate, momentum: as in openTSNE.

    Source: L. van der Maaten, G. Hinton, "Visualizing Data using t-SNE", 2008; step bound and learning rate as in
    P. Poličar, M. Stražar, B. Zupan, "openTSNE", 2024.
    """
    push = np.empty((2, len(x)), dtype=np.float32)
    pull = np.empty((2, len(x)), dtype=np.float32)
    for _ in range(iterations):
        normal = repulsion(x, y, push[0], push[1])
        attraction(indptr, indices, p, x, y, pull[0], pull[1])
        step(x, y, update, gains, pull, push, normal, exaggeration, learning_rate, momentum)


def exact_gradient(
    embedding: NDArray[np.float64],
    P: Any,
    dof: float = 1.0,
    bh_params: Mapping[str, Any] | None = None,
    reference_embedding: NDArray[np.float64] | None = None,
    should_eval_error: bool = False,
    n_jobs: int = 1,
    **_: Any,
) -> tuple[float, NDArray[np.float64]]:
    """The exact gradient as a `negative_gradient_method` of openTSNE, for use with its own optimiser.

    `descend` does the same steps without leaving compiled code; openTSNE's own bookkeeping would cost more than the
    forces.

    Args:
        embedding: (n, 2).
        P: (n, n) sparse rows.
        should_eval_error: whether the divergence is wanted.
        dof, reference_embedding: only 1 and None are supported. The rest is not used.

    Returns:
        KL divergence (0 unless wanted) of Q from P / ΣP, and the gradient (n, 2) without the factor 4, as openTSNE's.

    Raises:
        ValueError: another kernel, a fixed reference embedding, or more than two dimensions.
    """
    del bh_params, n_jobs
    if dof != 1 or reference_embedding is not None or embedding.shape[1:] != (2,):
        raise ValueError(
            f"dof {dof:g}, shape {embedding.shape}, reference {'set' if reference_embedding is not None else 'none'}; "
            'the exact gradient takes dof 1, two dimensions and no reference; use "bh" or "fft" instead'
        )
    x, y = (np.ascontiguousarray(embedding[:, axis], dtype=np.float32) for axis in range(2))
    push, pull = np.empty((2, 2, len(x)), dtype=np.float32)
    normal = repulsion(x, y, push[0], push[1])
    attraction(P.indptr, P.indices, P.data.astype(np.float32), x, y, pull[0], pull[1])
    error = 0.0
    if should_eval_error:
        error = kl_divergence(P.indptr, P.indices, P.data / P.data.sum(), x, y)
    return error, np.ascontiguousarray((pull - push / np.float32(normal)).T, dtype=np.float64)
