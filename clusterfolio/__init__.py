"""The front door: the command line, for people and for `python -m clusterfolio`, and the functions for Python.

    import clusterfolio as cf

    study = cf.Study(images=X, labels=y, perplexity=[10, 30, 50], k=range(3, 16))
    gallery = cf.publish(study, "site")
    results = cf.read("results/data")
    cf.explore(X, y)
    cf.place(results, new)

What is named here is imported when it is first used: older Pythons must be able to import this (see start.py), and the
command line starts without it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clusterfolio.gallery import Gallery, explore, publish
    from clusterfolio.notebook import View
    from clusterfolio.placing import place
    from clusterfolio.results import Results, read
    from clusterfolio.study import Study

__all__ = ["Gallery", "Results", "Study", "View", "explore", "place", "publish", "read"]

_PLACES = {
    "Gallery": "gallery",
    "Results": "results",
    "Study": "study",
    "View": "notebook",
    "explore": "gallery",
    "place": "placing",
    "publish": "gallery",
    "read": "results",
}


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module("clusterfolio." + _PLACES[name]), name)
    raise AttributeError("module 'clusterfolio' has no attribute " + repr(name))


def __dir__() -> list:  # type: ignore[type-arg]  # older Pythons know no list[str]
    return sorted([*globals(), *__all__])
