"""Which column of a bank's table of rates is which, by the words over it.

Put here words and the three forms such tables have. Keep out how a rate is read (`rate_text`, `rate_table`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.sources.currency_words import ISO_CODES
from pipelines.sources.delimited import column_names
from pipelines.sources.source import SourceError

_WORDS = {
    "date": "date, rate date, day, as of, as on, time_period, effective date, value date, তারিখ, التاريخ",
    "base": "base, base currency, from, from currency, source currency, currency_denom, base_currency_code",
    "quote": "quote, quote currency, quoted currency, to, to currency, target currency, counter currency, "
    "local currency, quote_currency_code",
    "currency": "currency, currency code, code, ccy, curr, foreign currency, currencies, iso code, মুদ্রা, العملة",
    "rate": "rate, exchange rate, fx rate, obs_value, quote_rate, rate value, closing rate",
    "mid": "mid, mid rate, middle, middle rate, average, average rate, mean, mean rate, গড়",
    "buying": "buying, buy, buying rate, buy rate, bid, bid rate, we buy, bank buys, tt buying, tt clean buying, "
    "ক্রয়, ক্রয় হার, شراء, سعر الشراء",
    "selling": "selling, sell, selling rate, sell rate, ask, ask rate, offer, we sell, bank sells, tt selling, "
    "bc selling, বিক্রয়, বিক্রয় হার, بيع, سعر البيع",
    "unit": "unit, units, per, nominal, quantity, একক",
    "kind": "kind, rate kind, type, rate type",
    "source": "source, rate source, published by, publisher, bank",
}
_ROLES = {word.strip().casefold(): role for role, words in _WORDS.items() for word in words.split(",")}
_MONEY = "account amount balance debit credit payee description memo category note narration wallet envelope"
_NO_RATES = frozenset(_MONEY.split())
"""A table with such a column is about money that moved."""
_NAMES = frozenset({"currency name", "country", "name", "sl", "no", "no.", "symbol", "title", "key", "freq"})
PRICES = ("rate", "mid", "buying", "selling")
_FEWEST_COLUMNS = 2


@dataclass(frozen=True, slots=True)
class RateColumns:
    """What a table's columns are.

    Attributes:
        roles: File column by role.
        codes: Columns named by a currency, in a table with one of them each.
    """

    roles: Mapping[str, str]
    codes: tuple[str, ...] = ()

    @property
    def is_wide(self) -> bool:
        """Whether each currency has a column of its own."""
        return bool(self.codes)

    @property
    def names_a_pair(self) -> bool:
        """Whether every row names both its currencies."""
        return {"base", "quote"} <= set(self.roles)


def rate_columns(cells: Sequence[str]) -> RateColumns | None:
    """The columns of a table of rates with this header; None when it is none."""
    names = column_names(cells)
    plain = [re.sub(r"\s*[(\[].*[)\]]\s*$", "", name).casefold().replace("_", " ") for name in names]
    if any(word in _NO_RATES for name in plain for word in name.split()):
        return None
    roles: dict[str, str] = {}
    for name, words in zip(names, plain, strict=True):
        role = _ROLES.get(words) or _ROLES.get(words.replace(" ", "_"))
        if role and role not in roles:
            roles[role] = name
    codes = tuple(name for name in names if name in ISO_CODES)
    if "date" in roles and len(codes) + 1 == sum(bool(cell.strip()) for cell in cells) and codes:
        return RateColumns({"date": roles["date"]}, codes)
    return _long(roles, known=sum(name in _NAMES for name in plain), count=len(names))


def _long(roles: dict[str, str], known: int, count: int) -> RateColumns | None:
    """A row per currency or pair: it needs a price and a currency, and mostly columns that are understood."""
    if "currency" in roles and "base" in roles and "quote" not in roles:
        roles["quote"] = roles.pop("currency")
    elif "currency" in roles and "quote" in roles and "base" not in roles:
        roles["base"] = roles.pop("currency")
    has_price = any(price in roles for price in PRICES)
    has_currency = "currency" in roles or {"base", "quote"} <= set(roles)
    most = 2 * (len(roles) + known) > count
    return RateColumns(roles) if has_price and has_currency and most and count >= _FEWEST_COLUMNS else None


def needed_columns(cells: Sequence[str]) -> RateColumns:
    """The same, for a file that must be a table of rates. Raises SourceError."""
    found = rate_columns(cells)
    if found is None:
        raise SourceError(
            "The file's header names no exchange rates; it needs a currency and a rate, or a column per currency."
        )
    return found
