"""The entries as plain-text journals: one that hledger and ledger both read, one for beancount.

The peers get the easier job on purpose: the category is posted already, where Hisab maps it from the app's words.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from benchmarks.entries import FIRST_DAY, Scale, entries_sql
from benchmarks.vocabulary import CATEGORIES, CURRENCIES

_TOP = {"income": "Income", "expense": "Expenses", "transfer": "Equity"}


def category_account(slug: str, kind: str) -> str:
    """The journal account that stands for a category, e.g. "Expenses:Groceries"."""
    return f"{_TOP[kind]}:{slug}"


def write_journal(path: Path, scale: Scale) -> None:
    """Write the journal for hledger and ledger: one transaction of two postings an entry."""
    _write(path, scale, head=[], first_line="strftime(entry_date, '%Y-%m-%d') || ' * ' || payee")


def write_beancount(path: Path, scale: Scale) -> None:
    """Write the same for beancount, which wants every account opened first."""
    codes = ",".join(code for code, _, _ in CURRENCIES)
    accounts = [category_account(one.slug, one.kind) for one in CATEGORIES]
    accounts += [f"Assets:P{party:06d}:{name}" for party in range(scale.parties) for name in ("Bank", "Cash")]
    head = [f"{FIRST_DAY} open {account} {codes}" for account in accounts]
    _write(path, scale, head=head, first_line="strftime(entry_date, '%Y-%m-%d') || ' * \"' || payee || '\"'")


def _write(path: Path, scale: Scale, *, head: list[str], first_line: str) -> None:
    """Stream the entries as text; a transaction is three lines and an empty one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".tmp")
    tops = " ".join(f"when '{kind}' then '{top}'" for kind, top in _TOP.items())
    with duckdb.connect() as con, fresh.open("wb") as file:
        file.writelines(f"{line}\n".encode() for line in head)
        rows = con.execute(f"""
            with entries as (
                select *, case when payee_name = '' then 'Transfer' else payee_name end as payee
                from ({entries_sql(scale)})
            )
            select {first_line} || chr(10)
                || printf('  Assets:P%06d:%s  ', party_no, account_name)
                || amount || ' ' || currency_code || chr(10)
                || '  ' || case entry_kind {tops} end || ':' || category_slug || '  '
                || -amount || ' ' || currency_code || chr(10) || chr(10)
            from entries
        """)
        while batch := rows.fetchmany(20_000):
            file.write("".join(row[0] for row in batch).encode())
    fresh.replace(path)
