"""How many decimals a currency has (ISO 4217), and amounts rounded and written by it.

ISO 4217 is meant, not what is seen in shops: Babel's table follows daily use and gives the Iraqi dinar none, where the
standard gives it three. Rounding is half away from zero: as SQL's `round` does in every engine the marts run on, and
as the European Union prescribes for converted amounts (Regulation 1103/97, Article 5).
"""

from __future__ import annotations

import polars as pl

_UNUSUAL = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_DIGITS = {code: digits for digits, codes in _UNUSUAL.items() for code in codes.split()}
_USUAL = 2


def digits_of(currency_code: str) -> int:
    """Decimals of the currency's minor unit: 0, 2, 3 or 4; 2 where the standard lists none."""
    return _DIGITS.get(currency_code, _USUAL)


def digits(currency_code: pl.Expr) -> pl.Expr:
    """`digits_of` for a column."""
    return currency_code.replace_strict(_DIGITS, default=_USUAL, return_dtype=pl.Int64)


def rounded(amount: pl.Expr, currency_code: pl.Expr) -> pl.Expr:
    """Amounts in whole minor units of their currency, half away from zero."""
    whole = {count: amount.round(count, mode="half_away_from_zero") for count in _UNUSUAL}
    by_digits = digits(currency_code)
    result = amount.round(_USUAL, mode="half_away_from_zero")
    for count, value in whole.items():
        result = pl.when(by_digits == count).then(value).otherwise(result)
    return result


def exact_text(amount: pl.Expr, currency_code: pl.Expr) -> pl.Expr:
    """Amounts as text with the currency's decimals, and with more where the amount has more: nothing is rounded."""
    text = amount.cast(pl.String)
    whole, decimals = text.str.extract(r"^(-?[0-9]+)"), text.str.extract(r"\.([0-9]*?)0*$").fill_null("")
    padded = decimals.str.pad_end(digits(currency_code), "0")
    return pl.when(padded == "").then(whole).otherwise(pl.concat_str(whole, padded, separator="."))
