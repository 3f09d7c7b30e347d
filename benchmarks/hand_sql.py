"""The marts by hand-written SQL: `python -m benchmarks.hand_sql HOME MEMORY`, one process, one engine.

The floor that dbt is measured against: the same encrypted raw tables in, the marts out into an encrypted file of its
own (`hand_marts/`). `differing_marts` proves that both hold the same rows; without that proof a ratio says nothing.
Marts of what the synthetic data have nothing of (`LEFT_OUT`) are dbt's only: it pays for them, empty as they are.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.builds import MEMORY, hand_file
from benchmarks.raw_tables import open_home
from warehouse.build import PROJECT
from warehouse.mart_contents import MART_SCHEMAS, mart_hashes
from warehouse.working_file import WORKING_KEY, attach_encrypted, engine

STATEMENTS = sorted(Path(__file__).with_name("hand_marts").glob("*.sql"))
"""The script, in the order in which it runs."""

LEFT_OUT = frozenset(
    {
        "core.fct_fx_rates",
        "household.fct_notes",
        "household.rpt_budget_variance",
        "household.rpt_cash_counts",
        "household.rpt_debts",
        "household.rpt_envelopes",
        "household.rpt_recurring",
        "household.rpt_savings_goals",
        "property.dim_tenancies",
        "property.rpt_rent_ledger",
    }
)
"""Marts that are not made by hand; they count as agreeing only while dbt's are empty."""


def build(root: Path, memory: str) -> None:
    """Make every mart anew in the home's `hand_file`."""
    home, keyring = open_home(root)
    key = keyring.engine_key(WORKING_KEY)
    target = hand_file(root)
    target.unlink(missing_ok=True)
    with engine(home, memory) as con:
        attach_encrypted(con, home.warehouse_file, "wh", key, read_only=True)
        attach_encrypted(con, target, "hand", key)
        con.execute("set variable seeds = ?", [str(PROJECT / "seeds")])
        con.execute("use hand")
        for statements in STATEMENTS:
            con.execute(statements.read_text(encoding="utf-8"))
        con.execute("use memory")
        con.execute("checkpoint hand")
        con.execute("detach hand")


def mart_contents(root: Path) -> dict[str, str]:
    """Content hash of every mart in the home's working file."""
    return _contents(root, root / "warehouse" / "hisab.duckdb")


def differing_marts(root: Path) -> list[str]:
    """Names of the marts whose rows are not the same by dbt as by hand; empty when all agree."""
    by_dbt, by_hand = mart_contents(root), _contents(root, hand_file(root))
    agreeing = LEFT_OUT - _filled(root, LEFT_OUT)
    return sorted(name for name in {*by_dbt, *by_hand} - agreeing if by_dbt.get(name) != by_hand.get(name))


def _filled(root: Path, names: frozenset[str]) -> set[str]:
    """Those of dbt's marts that have a row."""
    home, keyring = open_home(root)
    with engine(home, MEMORY) as con:
        file = root / "warehouse" / "hisab.duckdb"
        attach_encrypted(con, file, "seen", keyring.engine_key(WORKING_KEY), read_only=True)
        return {name for name in names if con.execute(f"select 1 from seen.{name} limit 1").fetchone() is not None}


def _contents(root: Path, file: Path) -> dict[str, str]:
    home, keyring = open_home(root)
    with engine(home, MEMORY) as con:
        attach_encrypted(con, file, "seen", keyring.engine_key(WORKING_KEY), read_only=True)
        return mart_hashes(con, MART_SCHEMAS, database="seen")


if __name__ == "__main__":
    build(Path(sys.argv[1]), sys.argv[2])
