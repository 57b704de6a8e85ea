"""A folder of a build's own files, among which others' may lie: results and site both are one.

A list in the folder names what is a build's own. What no list names is a stranger's: it is never written over and never
removed. While files are written, a list names the old ones and the new, so that a killed build leaves none without an
owner; the list of the new ones alone comes last.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from precompute.machine.files import changed, read_if_there, sha256, write_atomic


def lies_inside(name: str) -> bool:
    """Whether a file's name leads nowhere but below its folder, on any system."""
    parts = PurePosixPath(name).parts
    return bool(parts) and ".." not in parts and not name.startswith("/") and not {"\\", ":", "\0"} & set(name)


@dataclass(frozen=True)
class OwnedFolder:
    """A folder and what is a build's own in it.

    Attributes:
        path: of the folder; it need not be there.
        owned: names of files that lists of builds name, with "/" between folders.
        turn: by what files are put in order: the first is written first and removed last.
    """

    path: Path
    owned: Collection[str]
    turn: Callable[[str], Any] = str

    def outside(self, names: Iterable[str]) -> list[str]:
        """Names that lead out of the folder, also by a link."""
        return [name for name in names if not self._inside(name)]

    def strangers(self, names: Iterable[str], digest: Callable[[str], str | None] = lambda _: None) -> list[Path]:
        """What stands where files are to be written that no list names: a file, a folder, or a file in place of one.

        Args:
            names: of the files.
            digest: gives the sha256 of what is to be written, by name; who has it already is no stranger. None: any is.

        Returns:
            Paths in the order of the names.

        Raises:
            OSError: what stands there cannot be read.
        """
        blocked = []
        for name in sorted(set(names) - set(self.owned)):
            path = self.path / name
            parents = [parent for parent in path.parents if parent.is_relative_to(self.path)]
            above = next((parent for parent in parents if parent.is_file()), None)
            if above:
                blocked.append(above)
            elif path.is_dir() or (path.exists() and (not (fingerprint := digest(name)) or changed(path, fingerprint))):
                blocked.append(path)
        return blocked

    def record(self, place: Path, data: bytes) -> None:
        """Write a list of files, if it is not there as it should be.

        Args:
            place: of the list, which need not lie in the folder.
            data: its bytes.
        """
        if read_if_there(place) != data:
            write_atomic(place, data)

    def put(self, files: Iterable[tuple[str, bytes]]) -> list[str]:
        """Write files that are not there yet as they should be, one after the other; names of those written.

        Args:
            files: names and bytes, in the order in which they are to be written.
        """
        written = []
        for name, data in files:
            if changed(self.path / name, sha256(data)):
                write_atomic(self.path / name, data)
                written.append(name)
        return written

    def remove(self, names: Iterable[str]) -> list[str]:
        """Remove files that lie inside, and folders that are empty then; their names, in the order they went."""
        removed = sorted(set(names), key=self.turn, reverse=True)
        for name in removed:
            if self._inside(name):
                path = self.path / name
                path.unlink(missing_ok=True)
                self._remove_empty(path.parent)
        return removed

    def _remove_empty(self, folder: Path) -> None:
        while folder != self.path and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent

    def _inside(self, name: str) -> bool:
        return lies_inside(name) and (self.path / name).resolve().is_relative_to(self.path.resolve())
