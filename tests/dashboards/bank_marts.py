"""What banks add to the small marts of the household: accounts, cards, balances and statements with known figures."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import duckdb
from household_marts import AMINA, HOSTILE, KARIM, insert

CURRENT, CARD, LOAN, DIRHAM, NAMELESS, CASH = (str(uuid.UUID(int=number)) for number in range(11, 17))
STATEMENTS = [str(uuid.UUID(int=number)) for number in range(31, 35)]
ACCOUNTS: list[dict[str, Any]] = [
    {"account_key": CURRENT, "party_key": AMINA, "account_name": "দৈনন্দিন", "account_kind": "current",
     "institution_name": "ব্র্যাক ব্যাংক", "masked_number": "4821", "currency_code": "BDT", "source_count": 2},
    {"account_key": CARD, "party_key": AMINA, "account_name": "Gold card", "account_kind": "card",
     "institution_name": "City Bank", "masked_number": "0007", "currency_code": "BDT", "source_count": 1},
    {"account_key": LOAN, "party_key": KARIM, "account_name": "قرض السيارة", "account_kind": "loan",
     "institution_name": "بنك الراجحي", "masked_number": None, "currency_code": "BDT", "source_count": 1},
    {"account_key": DIRHAM, "party_key": KARIM, "account_name": "Everyday", "account_kind": "savings",
     "institution_name": "ADCB", "masked_number": "1199", "currency_code": "AED", "source_count": 3},
    {"account_key": NAMELESS, "party_key": HOSTILE, "account_name": "<b>bold</b>", "account_kind": "other",
     "institution_name": None, "masked_number": None, "currency_code": None, "source_count": 1},
    {"account_key": CASH, "party_key": AMINA, "account_name": "Cash", "account_kind": "cash",
     "institution_name": None, "masked_number": None, "currency_code": None, "source_count": 1},
]  # fmt: skip
LAST = {
    CURRENT: Decimal("184250.75"),
    CARD: Decimal("-18400.50"),
    LOAN: Decimal("-912000.00"),
    DIRHAM: Decimal("12345.67"),
    NAMELESS: Decimal("0.1234"),
}
"""The last balance of each account that has one."""

_CURRENCY = {DIRHAM: "AED"}


def fill_bank_marts(con: duckdb.DuckDBPyConnection, months: int = 24) -> None:
    """Rows beside those of `household_marts.fill_marts`; the card's balances end a month before the others'."""
    accounts = [account | {"has_balance": account["account_key"] in LAST} for account in ACCOUNTS]
    insert(con, "core.dim_accounts", accounts)
    owners = {account["account_key"]: account["party_key"] for account in ACCOUNTS}
    for key, last in LAST.items():
        for number in range(months - (key == CARD)):
            left = months - 1 - (key == CARD) - number
            month = f"{2025 + number // 12}-{number % 12 + 1:02d}"
            row = {
                "account_key": key,
                "party_key": owners[key],
                "month_date": f"{month}-01",
                "balance_date": f"{month}-28",
                "balance_source": "reported" if key != LOAN else "derived",
                "currency_code": _CURRENCY.get(key, "BDT"),
                "transactions_amount": Decimal(0),
                "unexplained_amount": Decimal(0),
                "balance_amount": (last * (100 - 3 * left + 5 * (left % 3 == 1)) / 100).quantize(Decimal("0.0001")),
            }
            insert(con, "household.rpt_monthly_balances", [row])
    verdicts = ("first", "continuous", "unbalanced", "gap")
    insert(con, "ops.rpt_statement_continuity", [
        {"statement_key": key, "party_key": AMINA, "account_key": CURRENT, "first_date": f"2026-0{number + 1}-01",
         "last_date": f"2026-0{number + 1}-28", "verdict": verdict, "currency_code": "BDT",
         "difference_amount": "0.05" if verdict == "unbalanced" else "0",
         "jump_amount": "-1200" if verdict == "gap" else None}
        for number, (key, verdict) in enumerate(zip(STATEMENTS, verdicts, strict=True))
    ])  # fmt: skip
    insert(con, "core.fct_pending_transactions", [
        {"pending_transaction_key": str(uuid.UUID(int=41 + number)), "party_key": AMINA, "account_key": CARD,
         "pending_date": "2026-12-30", "pending_status": status, "payee_name": payee, "currency_code": "BDT",
         "transaction_amount": "-850.25"}
        for number, (status, payee) in enumerate([("open", "আগোরা"), ("posted", "Old"), ("dropped", "Gone")])
    ])  # fmt: skip
