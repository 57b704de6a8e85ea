"""Faults of the machine: errors that no cell is to blame for, and what a person can do about each."""

from __future__ import annotations

import errno
from collections.abc import Mapping

_RIGHTS = "give yourself the right to it, or name another folder"
_SPACE = "free space or name another folder; what was finished is kept"
_FILES = "raise the limit of open files (ulimit -n) or lower --jobs; what was finished is kept"
_ADVICE: Mapping[int, str] = {
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EROFS: _RIGHTS,
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: _SPACE,
    errno.EMFILE: _FILES,
    errno.ENFILE: _FILES,
    errno.EIO: "the disk reports a fault; nothing of it was taken for damaged: copy the folder, or name another",
    errno.ENOMEM: "free memory or lower --jobs; what was finished is kept",
    errno.EAGAIN: "end other processes or lower --jobs; what was finished is kept",
    errno.EADDRINUSE: "the port is taken; name another with --serve PORT, or 0 for any that is free",
}


def of_machine(error: BaseException) -> bool:
    """Whether an error is the machine's: the next cell would meet it too, and another day this one would not."""
    return isinstance(error, ModuleNotFoundError) or (isinstance(error, OSError) and error.errno in _ADVICE)


def explain(error: OSError) -> str | None:
    """What happened and the way out, as one line; None where neither file nor kind is known, which may be a bug."""
    advice = _ADVICE.get(error.errno or 0)
    if error.filename is None and advice is None:
        return None
    where = "" if error.filename is None else f"{error.filename}: "
    return f"{where}{error.strerror}; {advice or 'mend it, or name another folder'}"
