"""The accounts of an app whose export says more of them than a name: their kind, bank or number.

Put here how what rows say of an account becomes its row. Keep out how an account is told by its name alone
(`account_names`).
"""

from __future__ import annotations

import polars as pl

from pipelines.sources.apps.account_names import AccountNames
from pipelines.sources.source import Batch, Decoded
from warehouse.record_kinds import ACCOUNTS
from warehouse.schema_renderings import polars_schema


class DescribedAccounts(AccountNames):
    """Collects accounts from entries, and what the file says of them; the first word on an account counts."""

    def __init__(self) -> None:
        """Begin without accounts."""
        super().__init__()
        self._facts: dict[str, dict[str, str]] = {}

    def describe(self, rows: pl.DataFrame) -> None:
        """Take note of facts: `account_id` and columns of the record kind, null where the row does not say."""
        for row in rows.unique(maintain_order=True).iter_rows(named=True):
            known = self._facts.setdefault(row["account_id"], {})
            for name, value in row.items():
                if name != "account_id" and value:
                    known.setdefault(name, value)

    def decoded(self) -> Decoded:
        """One row per account."""
        plain = super().decoded()
        rows = [row | self._facts.get(row["record_id"], {}) for row in plain.batches[0].frame.iter_rows(named=True)]
        frame = pl.DataFrame(rows, schema=polars_schema(ACCOUNTS))
        return Decoded((Batch(ACCOUNTS.name, frame),), rows_read=plain.rows_read)
