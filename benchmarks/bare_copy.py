"""The floor of an import: `python bare_copy.py CSV DATABASE` copies a Wallet export into a fresh DuckDB file.

Typed columns, so that the engine parses what Hisab parses; nothing is kept, checked, keyed or encrypted.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb


def main(csv: str, database: str) -> None:
    """Make the database anew and copy the file into it."""
    for old in (Path(database), Path(f"{database}.wal")):
        old.unlink(missing_ok=True)
    with duckdb.connect(database) as con:
        con.execute("""
            create table entries (
                account varchar, category varchar, currency varchar, amount decimal(18, 4),
                ref_currency_amount decimal(18, 4), type varchar, payment_type varchar, note varchar,
                date timestamp, transfer boolean, payee varchar, labels varchar
            )
        """)
        con.execute(f"copy entries from '{csv}' (format csv, delimiter ';', header true)")


if __name__ == "__main__":
    main(*sys.argv[1:])
