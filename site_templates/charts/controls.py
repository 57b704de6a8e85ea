"""Controls of a page, declared once: the form and the parameters of the charts are both made from them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from typing import Any

import altair as alt

from site_templates.charts.vega import theme_colors

_UNITS = {"perplexity": "neighbours", "k": "clusters"}
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
        kind: the input's type, "range" or "radio".
        value: at the start.
        unit: of the values of a range.
        values: that a range may take, ascending; one step does not describe an uneven axis.
        options: of a radio group.
    """

    name: str
    label: str
    kind: str
    value: float | str
    unit: str = ""
    values: tuple[float, ...] = ()
    options: tuple[Option, ...] = ()

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
            values, labels = [one.value for one in self.options], [one.label for one in self.options]
            bind = alt.binding_radio(options=values, labels=labels, name=self.label)
        return alt.param(name=self.name, value=self.value, bind=bind)


def declared(
    axes: Mapping[str, Sequence[float]],
    spaces: Sequence[tuple[str, str]],
    start: Mapping[str, float | str],
    labelled: bool = True,
) -> tuple[Control, ...]:
    """The controls of a study, in their order on the page.

    Args:
        axes: values of "perplexity" and "k".
        spaces: name and label of each space that K-Means ran in.
        start: the first value of each parameter.
        labelled: whether there are labels to colour by.
    """
    colors = _COLORS if labelled else _COLORS[:1]

    def range_of(name: str, label: str) -> Control:
        return Control(name, label, "range", plain(start[name]), _UNITS[name], tuple(sorted(axes[name])))

    def choice(name: str, label: str, options: Sequence[tuple[str, str]]) -> Control:
        return Control(name, label, "radio", start[name], options=tuple(Option(*option) for option in options))

    return (
        range_of("perplexity", "Perplexity"),
        range_of("k", "Clusters k"),
        choice("space", "Cluster in", spaces),
        choice("color", "Colour by", colors),
    )


def parameters(controls: Sequence[Control]) -> list[alt.Parameter]:
    """What a map depends on: the setting, chosen by controls, and what the page shows of it."""
    return [
        *(control.parameter for control in controls),
        alt.param(name="setting", expr="[perplexity, k, space]"),
        alt.param(name="look", expr="[setting, color, focus]"),
        alt.param(name="glide", value=1),
        alt.param(name="focus", value=0),
        alt.param(name="hovered", value=-1),
        alt.param(name="pinned", value=-1),
        alt.param(name="dot", value=28),
        *theme_colors(),
    ]


def plain(value: float | str) -> Any:
    """35.0 is written 35, in widgets and in addresses."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


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
