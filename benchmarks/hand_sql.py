"""The marts by hand-written SQL: `python -m benchmarks.hand_sql HOME MEMORY`, one process, one engine.

The floor that dbt is measured against: the same encrypted raw tables in, every mart out into an encrypted file of its
own (`hand_marts.sql`). `differing_marts` proves that both hold the same rows; without that proof a ratio says nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.builds import MEMORY, hand_file
from benchmarks.raw_tables import open_home
from warehouse.build import PROJECT
from warehouse.mart_contents import MART_SCHEMAS, mart_hashes
from warehouse.working_file import WORKING_KEY, attach_encrypted, engine

STATEMENTS = Path(__file__).with_name("hand_marts.sql")


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
        con.execute(STATEMENTS.read_text(encoding="utf-8"))
        con.execute("use memory")
        con.execute("checkpoint hand")
        con.execute("detach hand")


def mart_contents(root: Path) -> dict[str, str]:
    """Content hash of every mart in the home's working file."""
    return _contents(root, root / "warehouse" / "hisab.duckdb")


def differing_marts(root: Path) -> list[str]:
    """Names of the marts whose rows are not the same by dbt as by hand; empty when all agree."""
    by_dbt, by_hand = mart_contents(root), _contents(root, hand_file(root))
    return sorted(name for name in {*by_dbt, *by_hand} if by_dbt.get(name) != by_hand.get(name))


def _contents(root: Path, file: Path) -> dict[str, str]:
    home, keyring = open_home(root)
    with engine(home, MEMORY) as con:
        attach_encrypted(con, file, "seen", keyring.engine_key(WORKING_KEY), read_only=True)
        return mart_hashes(con, MART_SCHEMAS, database="seen")


if __name__ == "__main__":
    build(Path(sys.argv[1]), sys.argv[2])
