"""What a gallery is made of: from a configuration, from the command line, or by default.

`grid` holds what is computed, `values` reads what people write, `toml` reads a file of it.
"""

from __future__ import annotations

from precompute.config.grid import (
    DEFAULT_K,
    DEFAULT_PERPLEXITY,
    LARGE,
    LARGE_K,
    LARGE_PERPLEXITY,
    LISTED,
    Config,
    ConfigError,
    Grid,
    StudyConfig,
    with_axes,
    with_robustness,
)
from precompute.config.toml import load, of_data, parse
from precompute.config.values import (
    OPTIONS,
    STUDY_KEYS,
    TEXTS,
    TOP_KEYS,
    parse_axis,
    parse_image_shape,
    parse_k,
    parse_path,
    parse_perplexity,
)

__all__ = [
    "DEFAULT_K",
    "DEFAULT_PERPLEXITY",
    "LARGE",
    "LARGE_K",
    "LARGE_PERPLEXITY",
    "LISTED",
    "OPTIONS",
    "STUDY_KEYS",
    "TEXTS",
    "TOP_KEYS",
    "Config",
    "ConfigError",
    "Grid",
    "StudyConfig",
    "load",
    "of_data",
    "parse",
    "parse_axis",
    "parse_image_shape",
    "parse_k",
    "parse_path",
    "parse_perplexity",
    "with_axes",
    "with_robustness",
]
