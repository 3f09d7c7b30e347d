"""What an entry of the ledger means: amounts get their sign, and all entries lie in one account.

Wire amounts are unsigned; income is money in, expense and debt_payment are money out.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from pipelines.sources.hishebi.rows import Around, Part, Taken
from pipelines.sources.hishebi.values import (
    Row,
    currency_of,
    id_of,
    required_amount,
    required_day,
    text_of,
)
from pipelines.sources.json_rows import Unreadable
from warehouse.record_kinds import ACCOUNTS
from warehouse.schema_renderings import polars_schema

ACCOUNT_ID = "ledger"
"""record_id of the one account of a connection; Hishebi's ledger knows no accounts of its own."""
SIGNS = {"income": 1, "expense": -1, "debt_payment": -1}
"""The kinds of an entry and the direction of their money."""

_HELD = frozenset({"id", "kind", "amount", "currency", "category", "subcategory", "counterparty", "date", "note"})
_ACCOUNT_SCHEMA = polars_schema(ACCOUNTS)


def entry(row: Row, _part: Part, around: Around) -> Taken:
    """One entry. Raises Unreadable."""
    kind = _kind(row.get("kind"))
    category, subcategory = text_of(row, "category"), text_of(row, "subcategory")
    columns = {
        "record_id": id_of(row),
        "account_id": ACCOUNT_ID,
        "entry_date": required_day(row),
        "entry_kind": kind,
        "entry_amount": SIGNS[kind] * required_amount(row),
        "currency_code": currency_of(row, around.currency),
        "category_group": category if subcategory else None,
        "category_name": subcategory or category,
        "counterparty_name": text_of(row, "counterparty"),
        "note": text_of(row, "note"),
    }
    return Taken(columns, _HELD)


def account(currency: Any) -> pl.DataFrame:
    """The one account, in the page's currency."""
    try:
        code: str | None = currency_of({}, currency)
    except Unreadable:
        code = None  # the entries say so already, each with its cure
    row = {
        "row_no": 1,
        "record_id": ACCOUNT_ID,
        "account_name": "Hishebi ledger",
        "account_kind": "ledger",
        "currency_code": code,
        "institution_name": "Hishebi Online",
    }
    return pl.DataFrame([row], schema=_ACCOUNT_SCHEMA)


def _kind(value: Any) -> str:
    if value is None:
        raise Unreadable("kind", "the kind is missing", "choose income, expense or debt payment in Hishebi")
    if not isinstance(value, str) or value not in SIGNS:
        raise Unreadable("kind", "the kind is not known", "update Hisab, or choose another kind in Hishebi")
    return value
