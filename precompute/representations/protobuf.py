"""The files of weights that an ONNX model names, read from its bytes before anything loads them.

The fields are those of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), the encoding that of
https://protobuf.dev/programming-guides/encoding. Only what can hold a tensor is looked into; no number is decoded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

_FIELDS: Mapping[str, Mapping[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {13: "entry"},
}
"""Which fields of which message hold which message."""
_DEEPEST = 100


class WireError(ValueError):
    """The bytes are no ONNX model; the message says where they are wrong."""


def external_places(content: bytes) -> set[str]:
    """Where the weights lie that a model does not hold itself, as it writes it.

    Raises:
        WireError: the bytes are no whole ONNX model.
    """
    view = memoryview(content)
    if not any(number == 7 for number, _ in _fields(view)):
        raise WireError("it holds no graph")
    return set(_places(view, "model", 0))


def _places(view: memoryview, message: str, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise WireError("its parts are nested too deeply")
    for number, inner in _fields(view):
        kind = _FIELDS[message].get(number)
        if kind == "entry":
            entry = dict(_fields(inner))
            if bytes(entry.get(1, b"")) == b"location":
                yield bytes(entry.get(2, b"")).decode("utf-8", "replace")
        elif kind is not None:
            yield from _places(inner, kind, depth + 1)


def _fields(view: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Number and content of each field that has a length; the others are passed over."""
    at = 0
    while at < len(view):
        tag, at = _varint(view, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            _, at = _varint(view, at)
            continue
        length = {1: 8, 5: 4}.get(wire)
        if wire == 2:
            length, at = _varint(view, at)
        if length is None or number == 0:
            raise WireError(f"byte {at:,} begins no field")
        if at + length > len(view):
            raise WireError(f"it ends {at + length - len(view):,} bytes too early")
        if wire == 2:
            yield number, view[at : at + length]
        at += length


def _varint(view: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(view) or shift > 63:
            raise WireError(f"byte {at:,} begins no field")
        byte = view[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
