"""What a gallery is made of: from a configuration, from the command line, or by default.

`axes` names the parameters that there are, `grid` holds what is computed, `values` reads what people write, `toml`
reads a file of it.
"""

from __future__ import annotations

from precompute.config.axes import registered
from precompute.config.grid import (
    LISTED,
    Config,
    ConfigError,
    Grid,
    StudyConfig,
    with_axes,
    with_every_value,
    with_robustness,
)
from precompute.config.toml import load, of_data, parse
from precompute.config.values import (
    OPTIONS,
    TEXTS,
    TOP_KEYS,
    parameter_readers,
    parse_axis,
    parse_clusterers,
    parse_methods,
    parse_path,
    parse_values,
    study_keys,
)

__all__ = [
    "LISTED",
    "OPTIONS",
    "TEXTS",
    "TOP_KEYS",
    "Config",
    "ConfigError",
    "Grid",
    "StudyConfig",
    "load",
    "of_data",
    "parameter_readers",
    "parse",
    "parse_axis",
    "parse_clusterers",
    "parse_methods",
    "parse_path",
    "parse_values",
    "registered",
    "study_keys",
    "with_axes",
    "with_every_value",
    "with_robustness",
]
