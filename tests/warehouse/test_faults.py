"""A fault point kills the process at its n-th passing, by SIGKILL, and is nothing when it is not armed."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.faults import POINTS, fault_point

ROOT = Path(__file__).resolve().parents[2]
CALL = re.compile(r'fault_point\(\s*"([^"]+)"')
PASS_THREE_TIMES = """
from warehouse.faults import fault_point
for n in (1, 2, 3):
    print(n, flush=True)
    fault_point("merge.before_commit")
    fault_point("merge.after_commit")
"""


def _run(fault: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", PASS_THREE_TIMES],
        env={"HISAB_FAULT": fault, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("fault", "reached"),
    [("merge.before_commit", "1\n"), ("merge.before_commit:2", "1\n2\n"), ("merge.after_commit:3", "1\n2\n3\n")],
)
def test_the_process_really_dies_at_the_named_passing(fault: str, reached: str) -> None:
    assert _run(fault) == (-signal.SIGKILL, reached)


@pytest.mark.parametrize("fault", ["", "merge.before_commit:4", "land.before_rename"])
def test_a_point_that_is_not_meant_does_nothing(fault: str) -> None:
    assert _run(fault) == (0, "1\n2\n3\n")


def test_a_point_nobody_declared_is_an_error_when_armed(monkeypatch: pytest.MonkeyPatch) -> None:
    fault_point("no such point")
    monkeypatch.setenv("HISAB_FAULT", "land.before_rename")
    with pytest.raises(KeyError, match="no such point"):
        fault_point("no such point")


def test_every_declared_point_is_passed_somewhere_and_every_passed_one_is_declared() -> None:
    modules = [path for room in ("pipelines", "warehouse") for path in (ROOT / room).rglob("*.py")]
    passed = {name for module in modules for name in CALL.findall(module.read_text(encoding="utf-8"))}
    assert passed == set(POINTS)
