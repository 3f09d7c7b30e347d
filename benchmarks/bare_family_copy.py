"""The floor of a family's import: `python -m benchmarks.bare_family_copy FAMILY CSV DATABASE` copies it, typed."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from benchmarks.family_files import FAMILIES


def main(name: str, csv: str, database: str) -> None:
    """Make the database anew and copy the file into it."""
    family = FAMILIES[name]
    for old in (Path(database), Path(f"{database}.wal")):
        old.unlink(missing_ok=True)
    with duckdb.connect(database) as con:
        con.execute(f"create table entries ({family.table})")
        con.execute(f"copy entries from '{csv}' {family.options}")


if __name__ == "__main__":
    main(*sys.argv[1:])
