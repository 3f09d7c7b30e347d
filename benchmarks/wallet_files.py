"""The entries as one export of Wallet by BudgetBakers: twelve columns, `;`, unsigned amounts, transfers as two rows.

One person's file of any size: every account of every generated party becomes an account of that person, named
"P000123 Bank" as in the journals, so that all programs are asked for the same balances.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from benchmarks.entries import Scale, entries_sql


def write_wallet_csv(path: Path, scale: Scale, first: int = 0, count: int | None = None) -> None:
    """Write the entries `first` to `first + count` (all by default) to `path`, oldest first, in bounded memory."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".tmp")
    with duckdb.connect() as con:
        con.execute("set enable_progress_bar = false")
        con.execute(f"""
            copy (
                select
                    printf('P%06d %s', party_no, account_name) as account,
                    category_name as category,
                    currency_code as currency,
                    abs(amount) as amount,
                    abs(amount) as ref_currency_amount,
                    case when amount > 0 then 'Income' else 'Expense' end as type,
                    case when account_name = 'Cash' then 'Cash' else 'Debit card' end as payment_type,
                    nullif(note, '') as note,
                    strftime(entry_at, '%Y-%m-%dT%H:%M:%S.000Z') as date,
                    case when entry_kind = 'transfer' then 'true' else 'false' end as transfer,
                    nullif(payee_name, '') as payee,
                    nullif(labels, '') as labels
                from ({entries_sql(scale, first, count)})
            ) to '{fresh}' (format csv, delimiter ';', header true)
        """)
    fresh.replace(path)
