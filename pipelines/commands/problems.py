"""Turning what went wrong into one line for a person."""

from __future__ import annotations

import errno

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_OURS = ("pipelines.", "warehouse.", "dashboards.")


def one_line(error: BaseException) -> str:
    """One clear line: our own exceptions say it themselves, a full disk is named, the rest is a defect to report."""
    if type(error).__module__.startswith(_OURS):
        return f"hisab: {error}"
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return "hisab: The disk is full. Make room and run the command again; nothing was lost."
    if isinstance(error, OSError):
        return f"hisab: {error.filename or 'a file'}: {error.strerror or type(error).__name__}."
    return (
        f"hisab: Something unexpected happened ({type(error).__name__}). Nothing was lost: run the command again, "
        "and if it stays, run `hisab doctor` and report it."
    )
