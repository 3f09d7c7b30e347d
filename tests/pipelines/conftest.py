"""A home with its settings, as `hisab init` makes it, and a way to run commands in it as a person would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pretend_hishebi import grant_of, join, naps, server, source, start_server  # noqa: F401 - fixtures
from written_files import ROOT, Hisab

from pipelines.commands.setting_up import make_home
from pipelines.workplace import Workplace, open_workplace
from warehouse.home import Home


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    """An initialised home in a folder of its own, also named by HISAB_HOME."""
    made = Home(tmp_path / "home")
    make_home(made, "Asia/Dhaka")
    monkeypatch.setenv("HISAB_HOME", str(made.root))
    return open_workplace(made)


@pytest.fixture
def hisab(tmp_path: Path) -> Hisab:
    """Run `hisab …` in a process of its own, in that home, with nobody at the keyboard."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pipelines.cli", *arguments],
            cwd=ROOT,
            env={**os.environ, "HISAB_HOME": str(tmp_path / "home"), "COLUMNS": "200", **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    return run
