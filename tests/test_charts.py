"""The charts: widgets declared with their parameters, and Vega that the page can run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from precompute.store import Manifest, Study
from site_templates import words
from site_templates.charts import controls, maps, variance
from site_templates.charts import vega as charts_vega
from site_templates.data import choices

AXES = {"perplexity": (5.0, 30.0, 50.0), "k": tuple(float(k) for k in range(3, 16))}
START: dict[str, float | str] = {
    "representation": "values", "method": "tsne", "perplexity": 30.0, "clusterer": "kmeans", "k": 10.0,
    "space": "map", "color": "cluster", "beside": "pca",
}  # fmt: skip
VARIANCE = tuple(variance.Component(i, 0.5**i, 1 - 0.5**i) for i in range(1, 11))


TINY: list[Manifest] = []


@pytest.fixture(scope="module", autouse=True)
def manifest(tiny_study: Study) -> Iterator[None]:
    """What the controls are declared from."""
    TINY.append(tiny_study.manifest)
    yield
    TINY.clear()


def declared(
    axes: dict[str, Any] | None = None, start: dict[str, float | str] | None = None, labelled: bool = True
) -> tuple[controls.Control, ...]:
    [one] = TINY
    values = {**AXES, **(axes or {})}
    made = msgspec.structs.replace(
        one,
        axes=[msgspec.structs.replace(axis, values=list(values[axis.name])) for axis in one.axes],
        dataset=one.dataset if labelled else msgspec.structs.replace(one.dataset, labels=None),
    )
    return controls.declared(made, words.methods(made), choices.SPACES, {**START, **(start or {})})


def tsne(**changes: Any) -> Any:
    return maps.embedding_map(declared(**changes), 20, 15)


def pca(extent: tuple[float, float, float, float] = (-2.0, 2.0, -1.0, 1.0)) -> Any:
    return maps.pca_map(declared(), 20, 15, extent, (0.15, 0.136))


def calls(spec: dict[str, Any]) -> set[str]:
    """Names called as functions in a Vega spec's expressions."""
    return set(re.findall(r"([A-Za-z]\w*)\(", json.dumps(spec)))


def test_controls_are_the_declared_widgets_in_order() -> None:
    found = {control.name: control for control in declared()}
    assert list(found) == ["perplexity", "k", "space", "color", "beside"]
    perplexity = found["perplexity"]
    assert (perplexity.kind, perplexity.minimum, perplexity.maximum, perplexity.value) == ("range", 5, 50, 30)
    assert (perplexity.unit, perplexity.values) == ("neighbours", (5, 30, 50))
    assert [option.value for option in found["space"].options] == ["map", "features"]
    assert [option.value for option in found["color"].options] == ["cluster", "label", "right"]


@pytest.mark.parametrize("chart", [tsne, pca])
def test_the_charts_bind_what_the_form_declares(chart: Any) -> None:
    bound = {one["name"]: one for one in chart().to_dict()["params"] if isinstance(one.get("bind"), dict)}
    controls_ = [one for one in declared() if one.drives != "beside" or chart is pca]
    assert list(bound) == [one.name for one in controls_]
    for control in controls_:
        widget = bound[control.name]["bind"]
        assert (widget["name"], widget["input"], bound[control.name]["value"]) == (
            control.label, control.kind, control.value,
        )  # fmt: skip
        if control.kind == "range":
            assert (widget["min"], widget["max"], widget["step"]) == (control.minimum, control.maximum, control.step)
        else:
            assert list(zip(widget["options"], widget["labels"], strict=True)) == [
                (option.value, option.label) for option in control.options
            ]


def test_several_methods_are_a_choice_and_each_parameter_has_its_slider() -> None:
    [one] = TINY
    other = msgspec.structs.replace(one.methods[-1], name="warp", label="Warp", parameters=["n"])
    axes = [*one.axes, msgspec.structs.replace(one.axes[0], name="n", label="N", values=[1.0, 2.0], start=1.0)]
    made = msgspec.structs.replace(one, methods=[*one.methods, other], axes=axes)
    found = controls.declared(made, words.methods(made), choices.SPACES, {**START, "n": 1.0})
    assert [control.name for control in found] == ["perplexity", "k", "n", "method", "space", "color", "beside"]
    assert [control.name for control in found if not control.active] == ["n"]
    assert {control.name for control in found if control.drives == "place"} == {"perplexity", "n", "method"}
    bound = [each["name"] for each in maps.embedding_map(found, 20, 15).to_dict()["params"] if "bind" in each]
    assert bound == [control.name for control in found if control.drives != "beside"]


def test_without_labels_colour_is_by_cluster_only() -> None:
    color = next(control for control in declared(labelled=False) if control.name == "color")
    assert [option.value for option in color.options] == ["cluster"]


@pytest.mark.parametrize(
    ("axis", "step"),
    [((5, 6, 7), 1), ((5.0, 30.0, 50.0), 5), ((5, 7, 12), 1), ((2.5, 5.0, 12.5), 2.5), ((1.1, 1.4), 0.3), ((30,), 1)],
)
def test_the_slider_step_meets_every_value_of_the_axis(axis: tuple[float, ...], step: float) -> None:
    control = declared(axes={"perplexity": axis}, start={"perplexity": axis[0]})[0]
    assert control.step == step
    assert all(abs(round(at) - at) < 1e-9 for at in ((value - control.minimum) / control.step for value in axis))


def test_whole_numbers_are_written_without_a_point() -> None:
    perplexity = declared()[0]
    assert (str(perplexity.minimum), str(perplexity.value)) == ("5", "30")


@pytest.mark.parametrize("chart", [tsne, pca])
def test_the_page_spec_has_rows_of_ids_and_asks_the_page_for_the_rest(chart: Any) -> None:
    spec = charts_vega.compiled(chart())
    rows = [data["transform"][0] for data in spec["data"] if "transform" in data]
    assert {"type": "sequence", "start": 0, "stop": 20, "as": "id"} in rows
    assert not any("values" in data for data in spec["data"])
    assert {"pointFill", "pointOpacity", "pointShape", "clusterAt", "clusterText"} <= calls(spec)


@pytest.mark.parametrize("chart", [tsne, pca])
def test_the_page_spec_calls_nothing_unknown(chart: Any) -> None:
    vega = {"data", "scale", "invert", "clamp", "x", "y", "group", "isTuple", "isArray", "isValid", "isFinite"}
    vega |= {"modify", "vlSelectionResolve", "ring", "max"}
    assert calls(charts_vega.compiled(chart())) <= vega | set(charts_vega.FUNCTIONS)


@pytest.mark.parametrize("chart", [tsne, pca])
def test_the_page_sets_signals_itself(chart: Any) -> None:
    signals = {signal["name"]: signal for signal in charts_vega.compiled(chart())["signals"]}
    names = {"perplexity", "k", "space", "color", "glide", "focus", "hovered", "pinned", "dot"}
    assert signals["place"]["update"] == "[perplexity]"
    assert signals["setting"]["update"] == "[place, k, space]"
    assert names | {"ink", "paper", "faint", "accent", "box", "box_x", "box_y"} <= set(signals)
    assert not any("bind" in signal for signal in signals.values())


def values_of(spec: dict[str, Any]) -> dict[str, Any]:
    """What the signals of a chart are at the start."""
    return {signal["name"]: signal.get("value") for signal in spec["signals"]}


def test_one_unit_is_as_long_across_as_up() -> None:
    spec = charts_vega.compiled(pca((-2.0, 4.0, -1.0, 1.0)))
    scales = {scale["name"]: [end["signal"] for end in scale["domain"]] for scale in spec["scales"]}
    assert scales == {"x": ["west", "east"], "y": ["south", "north"]}
    west, east, south, north = (values_of(spec)[name] for name in (*scales["x"], *scales["y"]))
    assert east - west == pytest.approx(north - south)
    assert west < -2 and east > 4
    assert south + north == pytest.approx(0)


def test_axes_say_how_much_variance_they_explain() -> None:
    spec = charts_vega.compiled(pca())
    assert [axis["title"] for axis in spec["axes"]] == [{"signal": "besideX"}, {"signal": "besideY"}]
    titles = [values_of(spec)[name] for name in ("besideX", "besideY")]
    assert titles == ["PC1, 15.0% of the variance", "PC2, 13.6% of the variance"]
    assert "axes" not in charts_vega.compiled(tsne())


def test_explained_variance_marks_the_component_that_reaches_the_threshold() -> None:
    spec = charts_vega.compiled(variance.explained_variance(VARIANCE, 0.95))
    values = [row for data in spec["data"] for row in data.get("values", [])]
    assert {"component": 5, "threshold": 0.95} in values
    assert "keep 95%" in json.dumps(spec)
    assert calls(spec) <= {"max", "scale", "domain", "toNumber", "isValid", "isFinite"}


def test_compiling_twice_gives_the_same_bytes() -> None:
    assert json.dumps(charts_vega.compiled(tsne())) == json.dumps(charts_vega.compiled(tsne()))
