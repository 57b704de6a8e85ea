#!/usr/bin/env python3
"""The command line of a checkout: `python build.py`. All that it does is in `clusterfolio.cli`."""

import sys

OWN = ("clusterfolio", "precompute", "site_templates")

if __name__ == "__main__":
    try:
        from clusterfolio.cli import main

        sys.exit(main(program="build.py"))
    except ModuleNotFoundError as error:
        if not error.name or error.name.split(".")[0] in OWN:
            raise
        sys.exit(
            f"error: the package {error.name} is missing here; run: make site (or: python3 -m pip install --editable . "
            "and then build.py with that python3)"
        )
