"""Files a test writes, and how it calls `hisab`, shared by the tests of several rooms."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The repository."""
WALLET_HEAD = "account;category;currency;amount;ref_currency_amount;type;payment_type;note;date;transfer;payee;labels\n"
"""The header of Wallet's 12 columns."""
Hisab = Callable[..., "subprocess.CompletedProcess[str]"]
"""Runs `hisab` with these arguments and gives what it printed and its exit code."""


def wallet_row(amount: str = "10", date: str = "2026-07-31T13:45:00.000Z", note: str = "", payee: str = "Agora") -> str:
    """One row of Wallet's 12 columns."""
    return f"Cash;Groceries;BDT;{amount};{amount};Expense;Cash;{note};{date};false;{payee};\n"
