"""The nearest of what there is: the one rule for links, sliders and choices that ask for what was not computed.

static/core/nearest.js is the same rule in the page's scripts; tests/browser/nearest.json pins the two to each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

WORDS = ("representation", "clusterer", "space", "method")
"""Keys of a state that are no numbers, those first that are kept before the others."""

State = Mapping[str, float | str]


def value(values: Iterable[float], wanted: float) -> float:
    """The value nearest to the wanted one, the lower on a tie."""
    return min(values, key=lambda one: (abs(one - wanted), one))


def state(found: Iterable[State], wanted: State, names: Sequence[str], first: Sequence[str] = ()) -> State:
    """The state nearest to a wanted one: by words, then by one number after the other; the lower on a tie.

    What only one of them has is passed over: clusters of the features have no method, so that any does.

    Args:
        found: states that there are, at least one.
        wanted: what is asked for.
        names: of the numbers, the one that counts most first.
        first: words that are kept before all others, such as the one that was just chosen.
    """
    words = (*first, *(key for key in WORDS if key not in first))

    def away(one: State) -> tuple[list[bool], list[float], list[float]]:
        own = [float(one.get(name, 0)) for name in names]
        both = [name in one and name in wanted for name in names]
        far = [abs(a - float(wanted[name])) if has else 0.0 for name, a, has in zip(names, own, both, strict=True)]
        return [key in one and key in wanted and one[key] != wanted[key] for key in words], far, own

    return min(found, key=away)
