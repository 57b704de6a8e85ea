"""Where every command begins: whether this Python and its packages will do, said in one line where they will not.

Older Pythons must understand this file and build.py well enough to say so: no syntax that is newer than Python 3.6.
"""

import sys
from pathlib import Path

OWN = ("clusterfolio", "precompute", "site_templates")
OLDEST = (3, 11)


def main(program: str = "clusterfolio") -> int:
    """Run this process's command line; returns the exit code.

    Args:
        program: what was called, for the words of the help and of errors.
    """
    if sys.version_info < OLDEST:
        found, needed = (".".join(map(str, version[:2])) for version in (sys.version_info, OLDEST))
        return _refused(f"this is Python {found}, and Python {needed} or newer is needed", newer=True)
    try:
        from clusterfolio.cli import main as command

        return command(program=program)
    except ImportError as error:  # also of what is imported late, here or in a worker
        name = (error.name or "").split(".")[0]
        if not name or name in OWN or name in sys.stdlib_module_names:
            raise
        if isinstance(error, ModuleNotFoundError):
            return _refused(f"the Python package {name}, which is needed, is not installed")
        return _refused(f"the Python package {name} is too old or damaged ({error})")


def _refused(problem: str, newer: bool = False) -> int:
    """Say what is wrong and what to run, in one line."""
    root = Path(__file__).resolve().parents[1]
    python = "python3.11" if newer else sys.executable or "python"
    if (root / "pyproject.toml").is_file():
        make = "make PYTHON=python3.11 site" if newer else "make site"
        run = f"run in {root}: {make} (or: {python} -m pip install --editable . and then {python} build.py)"
    else:
        run = f"install clusterfolio again: {python} -m pip install --force-reinstall, and its wheel or address"
    print(f"error: {problem}; {run}", file=sys.stderr)
    return 1
