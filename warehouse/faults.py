"""Named points at which a test may kill the process, to prove that nothing is lost or doubled there.

`HISAB_FAULT=name:n` sends SIGKILL to this process the n-th time the point is passed; unset, a point costs one
comparison. Nothing else may be done here: the real program runs, and really dies.
"""

from __future__ import annotations

import os
import signal

POINTS = (
    "land.before_rename",
    "land.after_rename",
    "land.before_pack",
    "land.after_pack",
    "webhook.before_rename",
    "webhook.after_rename",
    "connection.before_store",
    "connection.after_store",
    "merge.before_transaction",
    "merge.after_stage",
    "merge.before_commit",
    "merge.after_commit",
    "dbt.before_build",
    "dbt.mid_build",
    "dbt.after_build",
    "publish.before_copy",
    "publish.after_copy",
    "publish.before_pointer",
    "publish.after_pointer",
)
"""Every point, in the order of the road."""

_passed: dict[str, int] = {}


def fault_point(name: str) -> None:
    """Die here if HISAB_FAULT says so. Raises KeyError for a name that is not in POINTS (only when armed)."""
    armed = os.environ.get("HISAB_FAULT")
    if not armed:
        return
    wanted, _, count = armed.partition(":")
    if name not in POINTS:
        raise KeyError(name)
    if name == wanted:
        _passed[name] = _passed.get(name, 0) + 1
        if _passed[name] == int(count or "1"):
            os.kill(os.getpid(), signal.SIGKILL)
