"""The whole default build: on an empty folder, with nothing changed, after a template change, with one more perplexity.

Works on a copy of the project, so that the first build compiles and the template may change.

    python tests/benchmarks/bench_build.py
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = ("build.py", "clusterfolio", "precompute", "site_templates", "pyproject.toml")


def build(folder: Path, *arguments: str) -> float:
    """Seconds of a build in a folder, the start of Python included."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "build.py", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        sys.exit(f"the build failed:\n{done.stderr}")
    print("    " + done.stdout.strip().replace("\n", "\n    "))
    return seconds


def size(folder: Path) -> float:
    """Megabytes of all files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name in PARTS:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, folder / name)
        print(f"{build(folder):7.2f} s  empty folder, kernels compiled")
        shutil.rmtree(folder / "results")
        shutil.rmtree(folder / "site")
        print(f"{build(folder):7.2f} s  empty folder, kernels on disk")
        print(f"{build(folder):7.2f} s  nothing changed")
        template = folder / "site_templates" / "templates" / "gallery.html.j2"
        template.write_text(template.read_text() + "{# changed #}\n")
        print(f"{build(folder):7.2f} s  a template changed")
        print(f"{build(folder, '--perplexity', ','.join(map(str, range(5, 52)))):7.2f} s  one more perplexity (51)")
        print(
            f"results {size(folder / 'results'):.1f} MB (of it cells {size(folder / 'results' / '.cells'):.1f} MB), "
            f"site {size(folder / 'site'):.1f} MB"
        )


if __name__ == "__main__":
    main()
