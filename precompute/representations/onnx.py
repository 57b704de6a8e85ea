"""Image encoders in ONNX files, run by onnxruntime: on the CPU, one thread, without anything random."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.dataset import DataError, Dataset
from precompute.loaders.raw import check_dimensions, shown
from precompute.loaders.scaling import scaled
from precompute.representations import prepare
from precompute.representations.prepare import Preparation
from precompute.representations.protobuf import WireError, external_places
from precompute.representations.representation import Representation, Wanted

MODEL_BYTES = 2_000_000_000
"""Of a model and the weights beside it; protobuf allows no larger file."""
_NUMBERS = 8_000_000
"""Of the pictures that are run at once, and `_PICTURES` of them at most."""
_PICTURES = 256
_KINDS: Mapping[str, type[np.floating[Any]]] = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
_EXPORT = "export the part of the model that turns pictures into one vector each"


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model that comes with the package: its file, how its pictures are prepared, and its title."""

    path: Path
    prepare: str
    title: str


MODELS: Mapping[str, Model] = {
    "digits-cnn": Model(
        path=Path(__file__).parent / "digits_cnn" / "model.onnx",
        prepare="strokes-8x8",
        title="CNN trained on MNIST",
    ),
}


@dataclass(frozen=True)
class Encoder:
    """An opened model: how it is called, and how many pictures it takes at once (None: any number)."""

    session: Any
    input: str
    kind: type[np.floating[Any]]
    output: str
    at_once: int | None

    def encode(self, inputs: NDArray[np.float32], who: str) -> NDArray[np.float32]:
        """(n, d) numbers of prepared pictures.

        Raises:
            DataError: the model fails on them, or gives something else than one vector each.
        """
        try:
            (numbers,) = self.session.run([self.output], {self.input: inputs.astype(self.kind, copy=False)})
        # onnxruntime's errors have no class of their own in common
        except Exception as error:
            raise DataError(
                f"{who}: the model fails on pictures of {_sides(inputs.shape[1:])}: {_first(error)}"
            ) from None
        if not isinstance(numbers, np.ndarray) or numbers.dtype.kind != "f" or len(numbers) != len(inputs):
            raise DataError(f"{who}: output {shown(self.output)} is no array of floats, a row a picture; {_EXPORT}")
        sides = tuple(side for side in numbers.shape[1:] if side != 1)
        if len(sides) != 1:
            raise DataError(
                f"{who}: output {shown(self.output)} has {_sides(numbers.shape[1:]) or 'one number'} for each picture; "
                f"needed: one vector. Pool it, or name another output; {_EXPORT}"
            )
        return numbers.reshape(len(inputs), sides[0]).astype(np.float32)


def from_model(wanted: Wanted, data: Dataset) -> Representation:
    """Run an image encoder over the study's pictures.

    Raises:
        DataError: there is no such model, it is too large, damaged or wants data outside its folder; it is no image
            encoder or wants other pictures; the data have no pictures.
    """
    who = f"representation {wanted.name!r}"
    known = MODELS.get(str(wanted.place))
    path = known.path if known else Path(wanted.place)
    how = wanted.prepare or (known.prepare if known else None)
    if how is None:
        raise DataError(
            f"{who}: say how pictures are prepared for {path.name}: prepare = one of {', '.join(prepare.PREPARATIONS)}"
        )
    preparation = prepare.check(how, data, who)
    content = weighed(path, who)
    assert data.image_shape is not None  # by `prepare.check`
    encoder = opened(path, content, wanted.output, preparation.sides(data.image_shape), who)
    numbers = encoded(encoder, preparation, data, who)
    check_dimensions(numbers.shape, who)
    outputs = scaled(numbers, f"{who}: output {shown(encoder.output)}", wanted.scale)
    digest = hashlib.sha256(content).hexdigest()
    return Representation(
        name=wanted.name,
        title=wanted.title or (known.title if known else wanted.name),
        values=outputs.values,
        source=f"{path.name if known is None else wanted.place} (sha256 {digest}), output {encoder.output!r}, "
        f"pictures prepared as {how}: {preparation.label}",
        scaling=outputs.words,
    )


def weighed(path: Path, who: str) -> bytes:
    """The bytes of a model, once it is known to be no larger than allowed and to want nothing outside its folder.

    Raises:
        DataError: it is not there, too large, no ONNX file, or names data outside its folder.
    """
    if not path.is_file():
        problem = "a folder" if path.is_dir() else "no such file"
        raise DataError(f"{who}: {path}: {problem}; name an ONNX file, or one of {', '.join(MODELS)}")
    size = path.stat().st_size
    if size > MODEL_BYTES:
        raise DataError(f"{who}: {path.name}: {size:,} bytes; allowed: {MODEL_BYTES:,}")
    content = path.read_bytes()
    try:
        places = external_places(content)
    except WireError as error:
        raise DataError(f"{who}: {path.name}: no whole ONNX file ({error}); export it anew, or get it again") from None
    folder = path.parent.resolve()
    for place in sorted(places):
        beside = (folder / place).resolve()
        if not beside.is_relative_to(folder):
            raise DataError(
                f"{who}: {path.name}: wants the file {shown(place)}, which is not in its folder; put it beside the "
                "model and export it anew, or keep all weights in one file"
            )
        if not beside.is_file():
            raise DataError(f"{who}: {path.name}: the file of weights {shown(place)} is not beside it; get it, too")
        size += beside.stat().st_size
    if size > MODEL_BYTES:
        raise DataError(f"{who}: {path.name}: {size:,} bytes with the files beside it; allowed: {MODEL_BYTES:,}")
    return content


def opened(path: Path, content: bytes, output: str | None, sides: tuple[int, int, int], who: str) -> Encoder:
    """Load a model that was weighed.

    Args:
        path: its place, where files of weights lie beside it.
        content: its bytes.
        output: name of the output; None: the only one.
        sides: (channels, height, width) of the pictures that it will get.
        who: for messages.

    Raises:
        DataError: onnxruntime cannot load it, or it takes or gives something else than an image encoder.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.use_deterministic_compute = True
    options.log_severity_level = 4
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(path.parent.resolve()))
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    # onnxruntime's errors have no class of their own in common
    except Exception as error:
        raise DataError(f"{who}: {path.name} cannot be loaded: {_first(error)}; export it anew") from None
    where = f"{who}: {path.name}"
    inputs = session.get_inputs()
    asked = ", ".join(f"{each.name} {_wanted_shape(each.shape)} {each.type}" for each in inputs)
    if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].type not in _KINDS:
        raise DataError(
            f"{where}: no image encoder: it asks for {asked or 'nothing'}; needed: one input of pictures, "
            f"(n, channels, height, width) floats. {_EXPORT.capitalize()}"
        )
    (one,) = inputs
    _check_sides(one.shape, sides, where)
    at_once = one.shape[0] if isinstance(one.shape[0], int) and one.shape[0] > 0 else None
    outputs = [each.name for each in session.get_outputs()]
    if output is not None and output not in outputs:
        raise DataError(f"{where}: has no output {shown(output)}; allowed: {', '.join(map(shown, outputs))}")
    if output is None and len(outputs) > 1:
        raise DataError(f"{where}: has {len(outputs)} outputs; say which: output = one of {', '.join(outputs)}")
    return Encoder(session, one.name, _KINDS[one.type], output or outputs[0], at_once)


def encoded(encoder: Encoder, preparation: Preparation, data: Dataset, who: str) -> NDArray[np.float32]:
    """(n, d) numbers of all pictures, a few at a time; a last batch that is short is filled up where it must be full.

    Raises:
        DataError: see `Encoder.encode`.
    """
    assert data.pixels is not None and data.image_shape is not None
    pictures = data.pixels.reshape(data.n, *data.image_shape)
    rows = encoder.at_once
    if rows is None:
        first = preparation.prepare(pictures[:1])
        rows = max(1, min(_PICTURES, _NUMBERS // first.size))
    parts = []
    for begin in range(0, data.n, rows):
        inputs = preparation.prepare(pictures[begin : begin + rows])
        short = (rows - len(inputs)) if encoder.at_once else 0
        full = np.concatenate([inputs, np.repeat(inputs[-1:], short, axis=0)]) if short else inputs
        parts.append(encoder.encode(full, who)[: len(inputs)])
    return np.concatenate(parts)


def _check_sides(asked: list[Any], sides: tuple[int, int, int], where: str) -> None:
    """Refuse a model whose pictures are of another shape than the prepared ones.

    Args:
        asked: (n, channels, height, width) of the model, texts for sides that are free.
        sides: (channels, height, width) that are there.
        where: for messages.
    """
    if _fits(asked, sides):
        return
    last = "; channels come last in it: export it with channels first" if asked[3] in (1, 3) else ""
    fitting = [name for name, each in prepare.PREPARATIONS.items() if each.shape and _fits(asked, each.shape)]
    ways = f"; prepare = {' or '.join(fitting)} would fit" if fitting and not last else ""
    raise DataError(f"{where}: takes pictures of {_wanted_shape(asked[1:])}, prepared are {_sides(sides)}{last}{ways}")


def _fits(asked: list[Any], sides: tuple[int, int, int]) -> bool:
    return all(not isinstance(side, int) or side == there for side, there in zip(asked[1:], sides, strict=True))


def _wanted_shape(shape: list[Any]) -> str:
    return _sides(tuple(side if isinstance(side, int) else "any" for side in shape)) or "a number"


def _sides(shape: tuple[Any, ...]) -> str:
    return " × ".join(map(str, shape))


def _first(error: Exception) -> str:
    """The first line of what onnxruntime says, for a message."""
    lines: Iterator[str] = (line.strip() for line in str(error).splitlines() if line.strip())
    return shown(next(lines, type(error).__name__), 200)
