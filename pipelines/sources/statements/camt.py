"""camt.053, 052 and 054 as records: accounts, balances, statements and bank transactions.

Put here the format as the registry knows it. Keep out XML (`camt_elements`), what a path holds (`camt_entries`) and
how a report is put together (`camt_reports`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from pipelines.sources.byte_stream import head_text
from pipelines.sources.conventions import CURRENCY
from pipelines.sources.source import Decoded, Question
from pipelines.sources.statements.camt_elements import pieces
from pipelines.sources.statements.camt_entries import SOURCE
from pipelines.sources.statements.camt_reports import ReportReader
from pipelines.sources.statements.statement_frames import KINDS, Forms, StatementFrames
from warehouse.fields import CURRENCY_PATTERN

_NAMES = {
    "booked_date": "BookgDt",
    "value_date": "ValDt",
    "transaction_amount": "Amt",
    "currency_code": "Ccy",
    "balance_amount": "Bal/Amt",
    "balance_date": "Bal/Dt",
}
_HEAD = re.compile(r"<(?:\w+:)?BkToCstmr(?:Stmt|AcctRpt|DbtCdtNtfctn)|camt\.05[234]\.")


class CamtFormat:
    """Reads camt.053, 052 and 054 of any version, with a namespace or without; see docs/formats.md for the rules."""

    source = SOURCE
    title = "camt.053, 052 or 054 bank report (ISO 20022 XML)"
    kinds = KINDS

    def sniff(self, head: bytes) -> bool:
        """Whether the file is XML that names one of the three messages."""
        text = head_text(head).lstrip()
        return text.startswith("<") and bool(_HEAD.search(text))

    def questions(self, body: BinaryIO) -> list[Question]:
        """The currency, when an amount names none. Raises SourceError."""
        silent = False
        for found in ReportReader("").stretches(pieces(body)):
            rows = [*found.transactions, *found.balances, *found.statements]
            silent = silent or any(not row["currency_code"] for row in rows)
        text = "Which currency are the amounts in (three letters, such as EUR)? The report does not say."
        return [Question(CURRENCY, text, pattern=CURRENCY_PATTERN)] if silent else []

    def read(self, body: BinaryIO, answers: Mapping[str, str]) -> Iterator[Decoded]:
        """Decode the file. Raises SourceError."""
        frames = StatementFrames(Forms(names=_NAMES, reference_names=True))
        for found in ReportReader(answers.get(CURRENCY, "")).stretches(pieces(body)):
            yield frames.decoded(found)


FORMAT = CamtFormat()
