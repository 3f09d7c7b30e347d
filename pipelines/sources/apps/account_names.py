"""The accounts of an app whose export names them on every entry.

Put here how account rows come of entries. Keep out files that describe accounts themselves (bank statements).
"""

from __future__ import annotations

import re

import polars as pl

from pipelines.sources.source import Batch, Decoded
from warehouse.record_kinds import ACCOUNTS
from warehouse.schema_renderings import polars_schema

_CASH = frozenset({"cash", "নগদ", "نقد", "نقدا", "efectivo", "contanti", "bargeld", "наличные", "espèces"})
_WORDS = {
    "savings": re.compile(r"\bsavings?\b", re.IGNORECASE),
    "current": re.compile(r"\b(checking|chequing|current account)\b", re.IGNORECASE),
    "card": re.compile(r"\b(credit card|visa|mastercard|amex|american express)\b", re.IGNORECASE),
    "loan": re.compile(r"\b(loan|mortgage)\b", re.IGNORECASE),
}


_SEEN = {"account_id": pl.String, "currency_code": pl.String, "row_no": pl.Int64}


def account_kind(name: str) -> str:
    """What an account with this name surely is; "other" when the name leaves a doubt."""
    if name.strip().casefold() in _CASH:
        return "cash"
    found = [kind for kind, pattern in _WORDS.items() if pattern.search(name)]
    return found[0] if len(found) == 1 else "other"


class AccountNames:
    """Collects accounts from entries, stretch by stretch; memory grows with accounts, not with entries."""

    def __init__(self) -> None:
        """Begin without accounts."""
        self._seen = pl.DataFrame(schema=_SEEN)

    def add(self, entries: pl.DataFrame) -> None:
        """Take note of the accounts in a frame of ledger entries."""
        both = pl.concat([self._seen, entries.select(list(_SEEN))])
        self._seen = both.group_by("account_id", "currency_code").agg(pl.col("row_no").min()).select(list(_SEEN))

    def decoded(self) -> Decoded:
        """One row per account name; its currency is empty when its entries have several."""
        accounts = self._seen.group_by("account_id").agg(
            pl.col("row_no").min(), pl.len(), pl.col("currency_code").first()
        )
        rows = [
            {
                "row_no": row,
                "record_id": name,
                "account_name": name,
                "account_kind": account_kind(name),
                "currency_code": currency if count == 1 else None,
            }
            for name, row, count, currency in accounts.sort("row_no", "account_id").iter_rows()
        ]
        frame = pl.DataFrame(rows, schema=polars_schema(ACCOUNTS))
        return Decoded((Batch(ACCOUNTS.name, frame),), rows_read={ACCOUNTS.name: frame.height})
