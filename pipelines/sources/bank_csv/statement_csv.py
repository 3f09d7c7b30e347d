"""The format of bank statements in CSV: profiles in, records out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipelines.sources.bank_csv.matching import Layout
from pipelines.sources.bank_csv.profile_format import ProfileFormat
from pipelines.sources.bank_csv.reading import FileReading, transactions_of
from pipelines.sources.conventions import Conventions
from pipelines.sources.delimited import Stretch
from pipelines.sources.source import Decoded


class BankCsvFormat(ProfileFormat):
    """Reads CSV statements by profiles; see docs/bank-csv.md."""

    source = "bank_csv"
    title = "Bank statement (CSV)"
    kinds = ("accounts", "balances", "bank_transactions", "statements")
    family = "bank"

    def records(
        self, layout: Layout, conventions: Conventions, answers: Mapping[str, str], stretches: Iterator[Stretch]
    ) -> Iterator[Decoded]:
        """The transactions, accounts and statements of a file. Raises SourceError."""
        yield from transactions_of(FileReading(self.source, layout, conventions, answers), stretches)


FORMAT = BankCsvFormat()
