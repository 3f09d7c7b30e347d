"""Both questions to beancount on one load: run as `python beancount_report.py JOURNAL MONTHLY BALANCES`."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import beanquery

_MONTHLY = """
select year, month, account, currency, sum(number) as amount
where not account ~ '^Assets' group by year, month, account, currency
"""
_BALANCES = "select account, currency, sum(number) as amount where account ~ '^Assets' group by account, currency"


def main(journal: str, monthly: str, balances: str) -> None:
    """Load the journal, write the two answers as CSV."""
    connection = beanquery.connect(f"beancount:{journal}")
    with Path(monthly).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["month", "account", "currency", "amount"])
        for year, month, account, currency, amount in connection.execute(_MONTHLY):
            rows.writerow([f"{year}-{month:02d}", account, currency, amount])
    with Path(balances).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["account", "currency", "amount"])
        rows.writerows(connection.execute(_BALANCES))


if __name__ == "__main__":
    main(*sys.argv[1:])
