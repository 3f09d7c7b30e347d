"""A home with its settings, as `hisab init` makes it, and a way to run commands in it as a person would."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pretend_hishebi import grant_of, join, naps, server, source, start_server  # noqa: F401 - fixtures

from pipelines.commands.setting_up import make_home
from pipelines.workplace import Workplace, open_workplace
from warehouse.home import Home

ROOT = Path(__file__).resolve().parents[2]
WALLET_HEAD = "account;category;currency;amount;ref_currency_amount;type;payment_type;note;date;transfer;payee;labels\n"

Hisab = Callable[..., "subprocess.CompletedProcess[str]"]


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


def wallet_row(amount: str = "10", date: str = "2026-07-31T13:45:00.000Z", note: str = "", payee: str = "Agora") -> str:
    """One row of Wallet's 12 columns."""
    return f"Cash;Groceries;BDT;{amount};{amount};Expense;Cash;{note};{date};false;{payee};\n"
