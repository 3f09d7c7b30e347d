"""The euro foreign exchange reference rates as the European Central Bank hands them out in CSV.

Two files of one form: the whole history (days as `2026-11-20`) and the latest day (`20 November 2026`), a column per
currency and a comma after the last. One euro in each currency; `N/A` is a day without a rate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from pipelines.sources.conventions import Conventions
from pipelines.sources.date_text import DateOrder
from pipelines.sources.delimited import header_of
from pipelines.sources.money_text import DecimalMark
from pipelines.sources.rates.rate_table import CODE, PriceColumn, decoded_rates, rate_table
from pipelines.sources.source import Decoded, Question, SourceError

RATE_SOURCE = "European Central Bank euro reference rates"
_SETTLED = {"base": "EUR", "kind": "reference", "source": RATE_SOURCE}
_FIRST_COLUMNS = ["Date", "USD", "JPY"]
_MANY = 15
"""Currencies by which the table is known where its last comma was lost on the way."""


class EcbRatesFormat:
    """Reads both files; see docs/currencies.md."""

    source = "ecb_rates"
    title = "European Central Bank reference rates (CSV)"
    kinds = ("fx_rates",)

    def sniff(self, head: bytes) -> bool:
        """Whether the header is the bank's: its order of currencies, none of them the euro, a comma at the end."""
        cells, delimiter = header_of(head)
        codes = [cell for cell in cells[1:] if cell]
        return (
            delimiter == ","
            and cells[: len(_FIRST_COLUMNS)] == _FIRST_COLUMNS
            and all(re.fullmatch(CODE, code) and code != "EUR" for code in codes)
            and (not cells[-1] or len(codes) >= _MANY)
        )

    def questions(self, body: BinaryIO) -> list[Question]:
        """None: the file's form says everything. Raises SourceError."""
        rate_table(body)
        return []

    def read(self, body: BinaryIO, answers: Mapping[str, str]) -> Iterator[Decoded]:  # noqa: ARG002 - nothing is asked
        """Decode the file. Raises SourceError."""
        names, stretches = rate_table(body)
        codes = [name for name in names if re.fullmatch(CODE, name)]
        if names[:1] != ["Date"] or not codes:
            raise SourceError("The file's header lacks Date or its currencies; download it again.")
        prices = [PriceColumn(code, {"date": "Date"}, {**_SETTLED, "quote": code}) for code in codes]
        conventions = Conventions(DecimalMark.POINT, DateOrder.DAY_FIRST)
        for stretch in stretches:
            yield decoded_rates(stretch, prices, conventions)


FORMAT = EcbRatesFormat()
