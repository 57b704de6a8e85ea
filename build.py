#!/usr/bin/env python3
"""The command line of a checkout: `python build.py`. All that it does is in `clusterfolio.cli`."""

import sys
from pathlib import Path

BY_NAME = """\
error: `python -m build` finds this project's build.py here, not the tool of that name; for the package: pip wheel . \
(or from another folder: python -m build PATH); for the gallery: python build.py"""


def main() -> int:
    """Run the command line; returns the exit code."""
    # a debugger or profiler that runs this file gives it a spec too, of another name
    if __spec__ is not None and __spec__.name == "build":
        print(BY_NAME, file=sys.stderr)
        return 2
    here = str(Path(__file__).resolve().parent)
    if here not in sys.path:  # as with python -P and -I
        sys.path.insert(0, here)
    from clusterfolio import start

    return start.main("build.py")


if __name__ == "__main__":
    sys.exit(main())
