"""Milliunits of a currency, and how a plan in it writes them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Document = dict[str, Any]
"""A JSON object."""


@dataclass(frozen=True, slots=True)
class Currency:
    """A plan's currency.

    Attributes:
        code: ISO 4217 code.
        digits: Decimals of its amounts.
        symbol: Its symbol.
        rate: Units of it for a hundred taka, in which the story is told.
        symbol_first: Whether the symbol stands before the amount.
        decimal_mark: Between units and decimals.
        group_mark: Between thousands.
    """

    code: str
    digits: int
    symbol: str
    rate: Decimal
    symbol_first: bool = True
    decimal_mark: str = "."
    group_mark: str = ","

    def milliunits(self, taka: int) -> int:
        """An amount of the story in milliunits, rounded to what the currency has coins for."""
        step = int(10 ** (3 - self.digits))
        return round(taka * self.rate * 10 / step) * step

    def fields(self, name: str, milliunits: int | None) -> Document:
        """An amount as the API gives it since 2026: in milliunits, written out, and as a number."""
        if milliunits is None:
            return {name: None, f"{name}_formatted": None, f"{name}_currency": None}
        number = (Decimal(milliunits) / 1000).quantize(Decimal(1).scaleb(-self.digits))
        return {name: milliunits, f"{name}_formatted": self.written(number), f"{name}_currency": number}

    def written(self, number: Decimal) -> str:
        """A number as the app shows it."""
        plain = f"{abs(number):,.{self.digits}f}"
        marked = plain.replace(",", "\0").replace(".", self.decimal_mark).replace("\0", self.group_mark)
        shown = f"{self.symbol}{marked}" if self.symbol_first else f"{marked}{self.symbol}"
        return f"-{shown}" if number < 0 else shown

    def format(self) -> Document:
        """The currency format of a plan's settings."""
        return {
            "iso_code": self.code,
            "example_format": self.written(Decimal("123456.789")).replace(self.symbol, ""),
            "decimal_digits": self.digits,
            "decimal_separator": self.decimal_mark,
            "symbol_first": self.symbol_first,
            "group_separator": self.group_mark,
            "currency_symbol": self.symbol,
            "display_symbol": True,
        }


CURRENCIES = {
    each.code: each
    for each in (
        Currency("BDT", 2, "৳", Decimal(100)),
        Currency("AED", 2, "AED ", Decimal("3.1")),
        Currency("USD", 2, "$", Decimal("0.85")),
        Currency("EUR", 2, "€", Decimal("0.78"), symbol_first=False, decimal_mark=",", group_mark="."),
        Currency("JPY", 0, "¥", Decimal(125)),
        Currency("KWD", 3, "KD ", Decimal("0.26")),
    )
}
"""The currencies a pretend plan may be in: with two, no and three decimals."""
