"""Controls of a page, declared once: the form and the parameters of the charts are both made from them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from typing import Any

import altair as alt

from precompute.store import Manifest, MethodInfo
from site_templates import words
from site_templates.charts.vega import theme_colors
from site_templates.data.choices import State, plain

_COLORS = (("cluster", "cluster"), ("label", "true label"), ("right", "right or wrong"))


@dataclass(frozen=True)
class Option:
    """One choice of a radio group: the value that the parameter takes, and its name on the page."""

    value: str
    label: str


@dataclass(frozen=True)
class Control:
    """A form control, and the parameter of the charts that it sets; both are made from this.

    Attributes:
        name: of the parameter, the form control and the key in addresses.
        label: its name on the page.
        kind: the input's type, "range" or "radio", or "select".
        value: at the start.
        unit: of the values of a range.
        values: that a range may take, ascending; one step does not describe an uneven axis.
        options: of a radio group.
        drives: what of the charts depends on it: "place", where points are, "setting", their clusters, "look", or
            "beside", where points of the second map are.
        active: whether it plays a part at the start; a parameter of another method or clusterer plays none.
    """

    name: str
    label: str
    kind: str
    value: float | str
    unit: str = ""
    values: tuple[float, ...] = ()
    options: tuple[Option, ...] = ()
    drives: str = "look"
    active: bool = True

    @property
    def minimum(self) -> Any:
        """The lowest value of a range."""
        return plain(self.values[0])

    @property
    def maximum(self) -> Any:
        """The highest value of a range."""
        return plain(self.values[-1])

    @property
    def step(self) -> Any:
        """The largest step from the first value of a range that meets every other."""
        return _step(self.values)

    @property
    def parameter(self) -> alt.Parameter:
        """The charts' parameter, bound to the widget that Vega would draw for it."""
        if self.kind == "range":
            bind: Any = alt.binding_range(min=self.minimum, max=self.maximum, step=self.step, name=self.label)
        else:
            values, labels = [option.value for option in self.options], [option.label for option in self.options]
            binding = alt.binding_select if self.kind == "select" else alt.binding_radio
            bind = binding(options=values, labels=labels, name=self.label)
        return alt.param(name=self.name, value=self.value, bind=bind)


def declared(
    manifest: Manifest, methods: Sequence[MethodInfo], spaces: Sequence[tuple[str, str]], start: State
) -> tuple[Control, ...]:
    """The controls of a study, in their order on the page.

    Args:
        manifest: its parameters, representations and clusterers; with labels there is more to colour by.
        methods: to choose from.
        spaces: name and label of each space that can be clustered.
        start: the first value of everything.
    """
    colors = _COLORS if manifest.dataset.labels is not None else _COLORS[:1]
    of_maps = [name for method in methods for name in method.parameters]
    active = {
        name
        for entry in (*methods, *manifest.clusterers)
        if entry.name in (start["method"], start["clusterer"])
        for name in entry.parameters
    }

    def choice(name: str, label: str, options: Sequence[tuple[str, str]], drives: str, kind: str = "radio") -> Control:
        return Control(
            name, label, kind, start[name], options=tuple(Option(*option) for option in options), drives=drives
        )

    sliders = (
        Control(
            name=axis.name,
            label=axis.label,
            kind="range",
            value=plain(start[axis.name]),
            unit=axis.unit,
            values=tuple(sorted(axis.values)),
            drives="place" if axis.name in of_maps else "setting",
            active=axis.name in active,
        )
        for axis in manifest.axes
    )
    choices = (
        choice(
            "representation", "Representation", [(info.name, info.label) for info in manifest.representations], "place"
        ),
        choice("method", "Map by", [(method.name, method.label) for method in methods], "place"),
        choice(
            "clusterer",
            "Cluster by",
            [(clusterer.name, clusterer.label) for clusterer in manifest.clusterers],
            "setting",
        ),
    )
    return (
        *sliders,
        *(control for control in choices if len(control.options) > 1),
        choice("space", "Cluster in", spaces, "setting"),
        choice("color", "Colour by", colors, "look"),
        choice("beside", "Map beside", list(words.besides(manifest).items()), "beside", "select"),
    )


def parameters(controls: Sequence[Control], beside: bool = False) -> list[alt.Parameter]:
    """What a map depends on: the setting, chosen by controls, and what the page shows of it.

    `place`, `setting` and `look` bundle the controls, whichever a study has, so that marks need to name none.

    Args:
        controls: of the study.
        beside: whether it is the second map, which has a control of its own.
    """
    controls = [control for control in controls if beside or control.drives != "beside"]

    def bundle(name: str, *more: str) -> alt.Parameter:
        return alt.param(
            name=name, expr=f"[{', '.join([*more, *(control.name for control in controls if control.drives == name)])}]"
        )

    return [
        *(control.parameter for control in controls),
        bundle("place"),
        bundle("setting", "place"),
        bundle("look", "setting", "focus"),
        alt.param(name="glide", value=1),
        alt.param(name="focus", value=0),
        alt.param(name="hovered", value=-1),
        alt.param(name="pinned", value=-1),
        alt.param(name="dot", value=28),
        *theme_colors(),
    ]


def _step(values: Sequence[float]) -> Any:
    """The largest step from the first value that meets every value of the axis; 1 for an axis of one value."""
    steps = [Fraction(str(b)) - Fraction(str(a)) for a, b in pairwise(values)]
    if not steps:
        return 1
    common = reduce(
        lambda a, b: Fraction(
            math.gcd(a.numerator * b.denominator, b.numerator * a.denominator), a.denominator * b.denominator
        ),
        steps,
    )
    return plain(float(common))
