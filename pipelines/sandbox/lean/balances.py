"""Balances as Lean sends them: a list of types for one account, all of them true of its transactions.

Some types count a credit line in (`included`), as real banks do, so that a reader has to choose the type it wants.
"""

from __future__ import annotations

import datetime as dt

from pipelines.sandbox.lean.book import Sheet
from pipelines.sandbox.lean.naming import instant, money


def balances(sheet: Sheet, entity_id: str, moment: dt.datetime) -> list[dict[str, object]]:
    """The balances of one account at a moment of the sheet's day."""
    account = sheet.account
    expected = sheet.held + sheet.reserved
    available = expected + account.credit_line
    counts_line = account.credit_line > 0
    told = (
        ("CLOSING_AVAILABLE", expected, False),
        ("CLOSING_BOOKED", sheet.held, False),
        ("CLOSING_CLEARED", sheet.held, False),
        ("EXPECTED", expected, False),
        ("FORWARD_AVAILABLE", available, counts_line),
        ("INTERIM_AVAILABLE", available, counts_line),
        ("INTERIM_BOOKED", sheet.held, False),
        ("OPENING_BOOKED", sheet.closed_yesterday, False),
        ("PREVIOUSLY_CLOSED_BOOKED", sheet.closed_yesterday, False),
    )
    line_type = "CREDIT" if account.product == "CREDIT" else "PRE_AGREED"
    return [
        {
            "entity_id": entity_id,
            "account_id": account.account_id,
            "credit_debit_indicator": "DEBIT" if units < 0 else "CREDIT",
            "type": kind,
            "amount": money(units, account.currency),
            "date_time": instant(moment),
            "credit_line": [
                {"included": included, "amount": money(account.credit_line, account.currency), "type": line_type}
            ],
            "regional_data": None,
        }
        for kind, units, included in told
    ]
