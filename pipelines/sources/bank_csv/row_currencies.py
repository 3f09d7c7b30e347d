"""Currencies of a profiled file's rows: by column, header, profile or symbols; and amounts in another one."""

from __future__ import annotations

import re

import polars as pl

from pipelines.sources.bank_csv.matching import Layout
from pipelines.sources.currency_words import sure_currency
from pipelines.sources.money_text import currency_symbols
from pipelines.sources.source import SourceError

AMOUNT_FIELDS = ("amount", "debit", "credit")
"""Fields of a profile whose columns make the amount."""


class RowCurrencies:
    """Tells the currency of every row, stretch by stretch."""

    def __init__(self, layout: Layout, answered: str) -> None:
        """Begin a file; `answered` is what the person said, or empty."""
        self._layout = layout
        self._currency = answered or fixed_currency(layout)

    def of(self, frame: pl.DataFrame) -> tuple[pl.Series, str]:
        """The currency of every row as text, and the column it stands in. Raises SourceError when it is open."""
        layout = self._layout
        column = layout.column("currency")
        if column:
            text = frame[column].str.strip_chars().replace("", None)
            return (text.fill_null(self._currency) if self._currency else text), column
        amount = layout.column("amount") or layout.column("debit")
        if not self._currency:
            self._currency = beside_amounts(frame, layout)
        if frame.height and not self._currency:
            raise SourceError(
                "The file leaves open which currency its amounts are in; answer currency, for example currency=USD."
            )
        return pl.repeat(self._currency or None, frame.height, dtype=pl.String, eager=True), amount


def fixed_currency(layout: Layout) -> str:
    """The currency of the whole file, where profile, header or the lines above it say it; empty otherwise."""
    above = layout.above.get("currency", "")[:3].upper()
    stated = above if re.fullmatch("[A-Z]{3}", above) else ""
    return layout.profile.currency or layout.header_currency or stated


def beside_amounts(frame: pl.DataFrame, layout: Layout) -> str:
    """The currency that the symbols beside the amounts settle, or empty."""
    fields = (*AMOUNT_FIELDS, "balance")
    columns = [name for field in fields for name in layout.columns.get(field, ())]
    known = {word.upper() for word in (*layout.profile.words.debit, *layout.profile.words.credit, "CR", "DR")}
    symbols: set[str] = set().union(*(currency_symbols(frame[name]) for name in columns))
    return sure_currency({symbol for symbol in symbols if symbol.upper() not in known})


def foreign_amounts(whole: pl.DataFrame) -> dict[str, pl.Expr]:
    """The amount in the currency it was agreed in, signed like the booked one, where that is another currency."""
    if "= original_amount" not in whole.columns:
        return {}
    original, code = pl.col("= original_amount"), pl.col("= original_currency_code")
    other = original.is_not_null() & code.is_not_null() & (code != pl.col("= currency_code"))
    signed = pl.when(pl.col("= transaction_amount") < 0).then(-original.abs()).otherwise(original.abs())
    return {"original_amount": pl.when(other).then(signed), "original_currency_code": pl.when(other).then(code)}
