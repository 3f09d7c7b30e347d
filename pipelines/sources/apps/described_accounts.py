"""The accounts of an app whose export says more of them than a name: their kind, bank or number.

Put here how what rows say of an account becomes its row. Keep out how an account is told by its name alone
(`account_names`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from pipelines.sources.apps.account_names import AccountNames
from pipelines.sources.source import Batch, Decoded
from warehouse.record_kinds import ACCOUNTS
from warehouse.schema_renderings import polars_schema

Row = Mapping[str, str | None]
Facts = dict[str, str | None]


class DescribedAccounts(AccountNames):
    """Collects accounts from entries, and what the file says of them; the first word on an account counts."""

    def __init__(self) -> None:
        """Begin without accounts."""
        super().__init__()
        self._facts: dict[str, Facts] = {}
        self._heard: pl.DataFrame | None = None

    def describe(self, rows: pl.DataFrame, facts_of: Callable[[Row], Facts] = dict) -> None:
        """Take note of what rows say of accounts.

        Args:
            rows: `account_id` and other texts, always the same columns; what was said before is not looked at again.
            facts_of: Makes columns of the record kind of one such row; null and empty ones say nothing.
        """
        said = rows.unique(maintain_order=True)
        if self._heard is not None:
            said = said.join(self._heard, on=said.columns, how="anti", nulls_equal=True, maintain_order="left")
        self._heard = said if self._heard is None else pl.concat([self._heard, said])
        for row in said.iter_rows(named=True):
            known = self._facts.setdefault(row["account_id"], {})
            for name, value in facts_of(row).items():
                if name != "account_id" and value:
                    known.setdefault(name, value)

    def decoded(self) -> Decoded:
        """One row per account."""
        plain = super().decoded()
        rows = [row | self._facts.get(row["record_id"], {}) for row in plain.batches[0].frame.iter_rows(named=True)]
        frame = pl.DataFrame(rows, schema=polars_schema(ACCOUNTS))
        return Decoded((Batch(ACCOUNTS.name, frame),), rows_read=plain.rows_read)
