"""Whether stored files are still what was written: a look at each against its fingerprint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from precompute.machine.files import changed


@dataclass(frozen=True)
class Verified:
    """What was found: how many files were looked at, and a line "file: what is wrong" for each that is not well."""

    files: int
    problems: Sequence[str]

    def __add__(self, other: Verified) -> Verified:
        return Verified(self.files + other.files, [*self.problems, *other.problems])


def verify(folder: Path, fingerprints: Mapping[str, str]) -> Verified:
    """Verify files of a folder, given their sha256 by name; one that cannot be read is a problem found, too."""
    problems = []
    for name, fingerprint in sorted(fingerprints.items()):
        path = folder / name
        try:
            wrong = changed(path, fingerprint)
        except OSError as error:
            problems.append(unreadable(path, error))
        else:
            problems += [f"{path}: {wrong}"] if wrong else []
    return Verified(len(fingerprints), problems)


def unreadable(path: Path, error: OSError) -> str:
    """A line that says of a file that it could not be read, and is not known to be damaged."""
    return f"{path}: cannot be read: {error.strerror}"
