"""Parquet is read in one way, which does no harm to the end of a process."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from precompute.machine import arrow
from precompute.store import Study
from tests.test_review import rows, saved

ROOT = Path(__file__).parents[1]
OTHER_WAYS = {"read_table", "read_pandas", "ParquetFile", "ParquetDataset"}
PLACES = ("clusterfolio", "precompute", "site_templates", "tests")


def other_ways(source: str) -> Iterator[str]:
    """Whatever a source file reads Parquet by, other than `precompute.arrow`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(value=ast.Name(id="feather"), attr="read_table"):
                pass  # of another format; without threads, which end as they like
            case ast.Attribute(attr=name) if name in OTHER_WAYS:
                yield name
            case ast.Attribute(value=ast.Name(id="pd" | "pandas"), attr="read_parquet"):
                yield "pandas.read_parquet"
            case ast.Attribute(value=ast.Name(id="pa" | "pyarrow"), attr="dataset"):
                yield "pyarrow.dataset"
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                module = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
                for one in names:
                    whole = f"{module}{one.name}"
                    if one.name in OTHER_WAYS or whole.startswith(("pyarrow.dataset", "pandas.read_parquet")):
                        yield whole


@pytest.mark.parametrize(
    "source",
    [
        "pq.read_table(path)",
        "from pyarrow.parquet import read_table",
        "import pandas as pd\npd.read_parquet(path)",
        "from pandas import read_parquet",
        "import pyarrow.dataset as ds",
        "from pyarrow import dataset",
        "from pyarrow.dataset import dataset",
        "pyarrow.parquet.ParquetFile(path).read()",
    ],
)
def test_other_ways_are_known(source: str) -> None:
    assert list(other_ways(source))


def test_parquet_is_read_in_one_place() -> None:
    files = [path for place in PLACES for path in (ROOT / place).rglob("*.py")] + [ROOT / "build.py"]
    assert len(files) > 100
    found = {
        path.relative_to(ROOT).as_posix(): ways
        for path in files
        if (ways := list(other_ways(path.read_text(encoding="utf-8"))))
    }
    assert found == {"precompute/machine/arrow.py": ["ParquetFile"]}


def test_a_damaged_page_is_found(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"a": list(range(1000))}), path, write_page_checksum=True, compression="none")
    data = bytearray(path.read_bytes())
    assert arrow.table(bytes(data)).equals(arrow.table(path))
    data[200] ^= 1
    with pytest.raises(OSError, match="CRC"):
        arrow.table(bytes(data))


READ = """
import sys
from pathlib import Path
import pyarrow, pyarrow.parquet
from precompute.machine import arrow

def threads():
    names = [(path / "comm").read_text() for path in Path("/proc/self/task").iterdir()]
    return sorted(name for name in names if not name.startswith("jemalloc"))

before = threads()
for path in sys.argv[1:]:
    for source in (Path(path), Path(path).read_bytes()):
        arrow.table(source)
assert threads() == before, (before, threads())
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc")
def test_reading_leaves_no_thread_behind(tiny_results: Path) -> None:
    """Threads that still run at the end are what aborts the process."""
    tables = [str(path) for path in (tiny_results / "tiny").rglob("*.parquet")]
    assert tables
    done = subprocess.run([sys.executable, "-c", READ, *tables], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_review_of_a_sound_file_ends_well_each_time(tiny_results: Path, tiny_study: Study, tmp_path: Path) -> None:
    path = saved(tmp_path / "marks.csv", rows(tiny_study, {3: "fine"}))
    for _ in range(3):
        command = [sys.executable, str(ROOT / "build.py"), "--review", str(path), "--results", str(tiny_results)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
