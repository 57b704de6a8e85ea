"""Small ONNX models, written field by field as onnx.proto has them, so that tests need no package to make them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FLOAT, INT64, FLOAT16 = 1, 7, 10


def field(number: int, content: bytes | str | int) -> bytes:
    """One field of a protobuf message."""
    if isinstance(content, int):
        return _varint(number << 3) + _varint(content)
    data = content.encode() if isinstance(content, str) else content
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    parts = []
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def value(name: str, shape: Sequence[int | str], kind: int = FLOAT) -> bytes:
    """What goes in or out: its name, type and sides, a text for one that is free."""
    sides = b"".join(field(1, field(2 if isinstance(side, str) else 1, side)) for side in shape)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, sides)))


def weight(name: str, array: NDArray[np.float32] | NDArray[np.int64], outside: str | None = None) -> bytes:
    """A tensor; its numbers in a file beside the model, if one is named."""
    sides = b"".join(field(1, side) for side in array.shape)
    head = sides + field(2, FLOAT if array.dtype == np.float32 else INT64) + field(8, name)
    if outside is None:
        return head + field(9, array.tobytes())
    return head + field(13, field(1, "location") + field(2, outside)) + field(14, 1)


def node(operator: str, inputs: Sequence[str], outputs: Sequence[str]) -> bytes:
    names = b"".join(field(1, each) for each in inputs) + b"".join(field(2, each) for each in outputs)
    return names + field(4, operator)


def model(
    nodes: Sequence[bytes], inputs: Sequence[bytes], outputs: Sequence[bytes], weights: Sequence[bytes] = ()
) -> bytes:
    graph = b"".join(
        [
            *(field(1, each) for each in nodes),
            field(2, "graph"),
            *(field(5, each) for each in weights),
            *(field(11, each) for each in inputs),
            *(field(12, each) for each in outputs),
        ]
    )
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 17))


def encoder(
    shape: Sequence[int | str] = ("n", 1, 8, 8),
    matrix: NDArray[np.float32] | None = None,
    outside: str | None = None,
    kind: int = FLOAT,
) -> bytes:
    """Flattens pictures and multiplies them by a matrix (64, d); outputs "features"."""
    array = np.eye(64, 3, dtype=np.float32) if matrix is None else matrix
    return model(
        [node("Flatten", ["pictures"], ["flat"]), node("MatMul", ["flat", "matrix"], ["features"])],
        [value("pictures", shape, kind)],
        [value("features", [shape[0] if shape else 1, array.shape[1]])],
        [weight("matrix", array, outside)],
    )


def several(shape: Sequence[int | str] = ("n", 1, 8, 8)) -> bytes:
    """Two outputs: "flat" vectors, and "same" pictures."""
    return model(
        [node("Flatten", ["pictures"], ["flat"]), node("Identity", ["pictures"], ["same"])],
        [value("pictures", shape)],
        [value("flat", ["n", "d"]), value("same", shape)],
    )


def of_texts() -> bytes:
    """Asks for two inputs of whole numbers, as language models do."""
    names = ("input_ids", "attention_mask")
    return model(
        [node("Add", names, ["sums"])],
        [value(name, ["n", "length"], INT64) for name in names],
        [value("sums", ["n", "length"], INT64)],
    )
