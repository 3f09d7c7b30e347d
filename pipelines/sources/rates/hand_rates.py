"""A rate a person typed in, landed as a table of one row like everything else that is read.

Put here the form of those bytes, both ways. Nobody hands such a file over, so none is recognised as one.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from pipelines.sources.conventions import Conventions
from pipelines.sources.date_text import DateOrder
from pipelines.sources.money_text import DecimalMark
from pipelines.sources.rates.rate_table import PriceColumn, decoded_rates, rate_table
from pipelines.sources.source import Decoded, Question, SourceError

_COLUMNS = {"date": "date", "base": "base", "quote": "quote", "source": "source"}


class HandRatesFormat:
    """Reads what `hand_rate` wrote."""

    source = "hand_rates"
    title = "Exchange rates by hand"
    kinds = ("fx_rates",)

    def sniff(self, head: bytes) -> bool:  # noqa: ARG002 - the protocol's
        """Never: these bytes come from the command line only."""
        return False

    def questions(self, body: BinaryIO) -> list[Question]:  # noqa: ARG002 - the protocol's
        """None."""
        return []

    def read(self, body: BinaryIO, answers: Mapping[str, str]) -> Iterator[Decoded]:  # noqa: ARG002 - nothing is asked
        """Decode the row. Raises SourceError."""
        names, stretches = rate_table(body)
        if not {*_COLUMNS.values(), "rate"} <= set(names):
            raise SourceError("The rate in landing is damaged. Restore landing from a backup.")
        prices = [PriceColumn("rate", _COLUMNS, {"kind": "by_hand"})]
        for stretch in stretches:
            yield decoded_rates(stretch, prices, Conventions(DecimalMark.POINT, DateOrder.DAY_FIRST))


FORMAT = HandRatesFormat()


def hand_rate(day: dt.date, base: str, quote: str, rate: str, source: str) -> bytes:
    """The bytes of one rate: one unit of `base` costs `rate` (digits with a point) of `quote`, as `source` says."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*_COLUMNS, "rate"])
    rows.writerow([day.isoformat(), base, quote, source, rate])
    return text.getvalue().encode()
