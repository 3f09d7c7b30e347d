"""Text into exact money: signs, parentheses, currency words, grouping and decimal marks, a whole column at once.

Put here how one amount is written. The decimal mark is given, never guessed per row; `decimal_mark_clues` counts
what a column's own values say about it and `conventions` decides. No value passes through a float.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import polars as pl

from pipelines.sources.currency_words import CURRENCY_WORDS
from pipelines.sources.digit_text import ARABIC_DECIMAL, ARABIC_THOUSANDS, to_ascii_digits
from pipelines.sources.parsed_column import ParsedColumn, all_read
from warehouse.kinds import AMOUNT_PRECISION, AMOUNT_SCALE


class DecimalMark(Enum):
    """The character before the cents; the value is the answer a person gives."""

    POINT = "point"
    COMMA = "comma"

    @property
    def sign(self) -> str:
        """The character itself."""
        return "." if self is DecimalMark.POINT else ","

    @property
    def other(self) -> str:
        """The character that can only group thousands."""
        return "," if self is DecimalMark.POINT else "."


MONEY = pl.Decimal(AMOUNT_PRECISION, AMOUNT_SCALE)
MOST_DIGITS = AMOUNT_PRECISION - AMOUNT_SCALE
"""Digits an amount may have before the decimal mark."""

_WORD = r"(?:[A-Za-z]{0,3}\p{Sc}|\p{L}[\p{L}\p{M}]*(?:[./]\p{L}[\p{L}\p{M}]*)*(?:\.|/\.?)?)"
_BEFORE = rf"^([-+(]? *)({_WORD}) *"
_AFTER = rf" *({_WORD})( *[-+)]?)$"
_SHAPE = r"^(?:[-+]? *[0-9.,' ]*[0-9.,]|[0-9.,' ]*[0-9.,] *[-+]|\( *[0-9.,' ]*[0-9.,] *\))$"
_SYMBOL_FIRST, _SYMBOL_LAST = r"^(-?)\p{Sc}([0-9])", r"([0-9])\p{Sc}$"
_UNREAD = pl.Series([None], dtype=pl.String)
_LONE_SYMBOL = r"^[A-Za-z]{0,3}\p{Sc}$"


def _grouped(separator: str) -> str:
    """Western thousands, e.g. 1,234,567; a group never starts the number with a zero."""
    return rf"[1-9][0-9]{{0,2}}(?:{separator}[0-9]{{3}})+"


_LAKHS = r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"
"""Indian and Bangladeshi grouping, e.g. 12,34,567."""


def _whole_forms(mark: DecimalMark) -> list[str]:
    forms = [_grouped(rf"\{mark.other}"), _grouped(" "), _grouped("'")]
    return [*forms, _LAKHS] if mark is DecimalMark.POINT else forms


def _number(mark: DecimalMark) -> str:
    whole = "|".join(["[0-9]+", *_whole_forms(mark)])
    return rf"^(?:(?:{whole})(?:\{mark.sign}[0-9]*)?|\{mark.sign}[0-9]+)$"


@dataclass(frozen=True, slots=True)
class _Peeled:
    """Cells without currency and sign; `number` is null where the outer form is not that of an amount."""

    ascii_text: pl.Series
    number: pl.Series
    negative: pl.Series
    known_words: pl.Series


def _known(word: pl.Series) -> pl.Series:
    return word.is_null() | word.is_in(list(CURRENCY_WORDS)) | word.str.contains(_LONE_SYMBOL).fill_null(value=False)


def _peel(text: pl.Series) -> _Peeled:
    """Take currency words, signs and parentheses off."""
    plain = to_ascii_digits(text)
    before, after = plain.str.extract(_BEFORE, 2), plain.str.extract(_AFTER, 1)
    bare = plain.str.replace(_BEFORE, "${1}").str.replace(_AFTER, "${2}")
    bare = bare.str.strip_chars()
    fits = bare.str.replace_many([ARABIC_DECIMAL, ARABIC_THOUSANDS], [".", ","]).str.contains(_SHAPE)
    known = _known(before) & _known(after)
    number = bare.str.strip_chars("-+() ")
    return _Peeled(
        ascii_text=plain,
        number=number.zip_with(fits & known, _UNREAD),
        negative=bare.str.contains(r"[-(]"),
        known_words=known,
    )


def _plain_form(mark: DecimalMark) -> str:
    return rf"^-?[0-9]{{1,{MOST_DIGITS}}}(?:\{mark.sign}[0-9]{{1,{AMOUNT_SCALE}}})?$"


def _plain_groups(mark: DecimalMark) -> str:
    """Western thousands with up to twelve digits, and nothing else beside them."""
    return rf"^-?[1-9][0-9]{{0,2}}(?:\{mark.other}[0-9]{{3}}){{1,3}}(?:\{mark.sign}[0-9]{{1,{AMOUNT_SCALE}}})?$"


def parse_money(text: pl.Series, mark: DecimalMark) -> ParsedColumn:
    """Read a column of amounts.

    Args:
        text: Strings as written; null and blank cells are empty amounts, not refusals.
        mark: The file's decimal mark.

    Returns:
        Decimal(18, 4) values, and a reason for each cell that is not exactly one amount.
    """
    # Three ways, the quickest first: a bare number; one beside a symbol or in thousands; whatever else people write.
    plain = text.str.contains(_plain_form(mark))
    if plain.all():
        return all_read(_canonical(text, mark).cast(MONEY))
    numbers = _canonical(text.zip_with(plain, _UNREAD), mark)
    rest = (~plain & (text.str.strip_chars() != "")).fill_null(value=False).arg_true()
    cells = text.gather(rest)
    bare = cells.str.replace(_SYMBOL_FIRST, "${1}${2}").str.replace(_SYMBOL_LAST, "${1}")
    grouped = bare.str.contains(_plain_groups(mark))
    bare = bare.zip_with(~grouped, bare.str.replace_all(mark.other, "", literal=True))
    simple = bare.str.contains(_plain_form(mark))
    numbers = numbers.scatter(rest, _canonical(bare.zip_with(simple, _UNREAD), mark))
    rest, cells = rest.filter(~simple), cells.filter(~simple)
    if rest.is_empty():
        return all_read(numbers.cast(MONEY))
    read = _parse_any(cells.unique(), mark)
    found = cells.to_frame("cell").join(read, on="cell", how="left", maintain_order="left")
    refusals = found.select(position=rest.cast(pl.UInt32), reason="reason", cure="cure")
    values = numbers.scatter(rest, found["number"]).cast(MONEY)
    return ParsedColumn(values, refusals.filter(pl.col("reason").is_not_null()))


def _canonical(plain: pl.Series, mark: DecimalMark) -> pl.Series:
    """Plain numbers with a point before their decimals."""
    return plain if mark is DecimalMark.POINT else plain.str.replace(mark.sign, ".", literal=True)


def _parse_any(cells: pl.Series, mark: DecimalMark) -> pl.DataFrame:
    """Read distinct, non-blank cells in whatever form: columns cell, number (plain text or null), reason, cure."""
    peeled = _peel(cells)
    number = peeled.number.str.replace_many([ARABIC_DECIMAL, ARABIC_THOUSANDS], [mark.sign, mark.other])
    frame = pl.DataFrame(
        {
            "cell": cells,
            "ascii": peeled.ascii_text,
            "body": number,
            "negative": peeled.negative,
            "known": peeled.known_words,
        }
    )
    # Group separators go, the decimal mark becomes a point, zeros that say nothing go from both ends.
    digits = (
        pl.col("body")
        .str.replace_many([mark.other, " ", "'"], ["", "", ""])
        .str.replace(mark.sign, ".", literal=True)
        .str.strip_chars_start("0")
        .str.replace(rf"(\.[0-9]{{{AMOUNT_SCALE}}})0+$", "${1}")
    )
    grouped_right = pl.col("body").str.contains(_number(mark)).fill_null(value=False)
    return (
        frame.with_columns(digits=digits, fits=grouped_right)
        .with_columns(
            long=pl.col("digits").str.contains(rf"\.[0-9]{{{AMOUNT_SCALE + 1},}}"),
            wide=pl.col("digits").str.contains(rf"^[0-9]{{{MOST_DIGITS + 1},}}"),
        )
        .with_columns(case=_case())
        .with_columns(
            number=pl.when(pl.col("case") == "")
            .then(pl.concat_str(pl.when("negative").then(pl.lit("-")).otherwise(pl.lit("")), pl.lit("0"), "digits"))
            .otherwise(None),
            reason=pl.col("case").replace_strict({c: r for c, (r, _) in _refusals(mark).items()}, default=None),
            cure=pl.col("case").replace_strict({c: c2 for c, (_, c2) in _refusals(mark).items()}, default=None),
        )
        .select("cell", "number", "reason", "cure")
    )


def _case() -> pl.Expr:
    """Why a cell is refused, as a short word; empty when it is read."""
    ascii_text = pl.col("ascii")
    return (
        pl.when(pl.col("fits") & pl.col("long"))
        .then(pl.lit("decimals"))
        .when(pl.col("fits") & pl.col("wide"))
        .then(pl.lit("large"))
        .when("fits")
        .then(pl.lit(""))
        .when(ascii_text.str.contains(r"(?i)^[-+]?[0-9.,]+e[-+]?[0-9]+$"))
        .then(pl.lit("scientific"))
        .when(ascii_text.str.contains("_", literal=True))
        .then(pl.lit("underscore"))
        .when(~ascii_text.str.contains(r"[0-9]"))
        .then(pl.lit("no_digits"))
        .when(~pl.col("known") | ascii_text.str.contains(r"[0-9][^0-9]*\p{L}[^0-9]*[0-9]"))
        .then(pl.lit("words"))
        .when(pl.col("body").is_null())
        .then(pl.lit("form"))
        .otherwise(pl.lit("grouping"))
    )


def _refusals(mark: DecimalMark) -> dict[str, tuple[str, str]]:
    """Reason and cure of each case."""
    return {
        "decimals": (
            f"the amount has more than {AMOUNT_SCALE} decimals",
            f"round it to {AMOUNT_SCALE} decimals in the source",
        ),
        "large": (
            f"the amount has more than {MOST_DIGITS} digits before the decimal mark",
            "check the amount in the source",
        ),
        "scientific": (
            "the amount is written in scientific notation, which hides its digits",
            "write the amount out in full; a spreadsheet does so when the column's format is Number",
        ),
        "underscore": ("the amount has an underscore", "write the amount with digits and separators only"),
        "no_digits": ("the amount holds no digits", "write an amount such as 1234.56"),
        "words": (
            "the amount holds letters that are not a currency Hisab knows",
            "write the amount with digits, and at most a currency code before or after it",
        ),
        "form": ("the text is not one amount", "write one amount such as -1234.56 or (1234.56)"),
        "grouping": (
            f"the separators do not fit an amount with a decimal {mark.value}",
            f"write the amount like 1{mark.other}234{mark.sign}56, or say which decimal mark the file has",
        ),
    }


@dataclass(frozen=True, slots=True)
class MarkClues:
    """What values say about the decimal mark: how many prove a point, prove a comma, or can be read both ways."""

    point: int = 0
    comma: int = 0
    unsure: int = 0

    def __add__(self, other: MarkClues) -> MarkClues:
        """Clues of two columns or stretches together."""
        return MarkClues(self.point + other.point, self.comma + other.comma, self.unsure + other.unsure)


_UNSURE = r"^[1-9][0-9]{0,2}[.,][0-9]{3}$"


def _proof(mark: DecimalMark) -> str:
    """Well-formed numbers that only this decimal mark explains, `_UNSURE` ones aside."""
    twice = rf"[1-9][0-9]{{0,2}}(?:\{mark.other}[0-9]{{3}}){{2,}}"
    lakhs = [_LAKHS] if mark is DecimalMark.POINT else []
    with_cents = "|".join(["[0-9]*", *_whole_forms(mark)])
    return rf"^(?:{'|'.join([twice, *lakhs])}|(?:{with_cents})\{mark.sign}[0-9]*)$"


def decimal_mark_clues(text: pl.Series) -> MarkClues:
    """Count what a column of amounts says about its decimal mark; ill-formed cells say nothing."""
    quick = {
        mark: text.str.contains(rf"^-?[0-9]+\{mark.sign}[0-9]{{1,2}}$").fill_null(value=False) for mark in DecimalMark
    }
    proofs = {mark: int(plain.sum()) for mark, plain in quick.items()}
    rest = text.filter(~quick[DecimalMark.POINT] & ~quick[DecimalMark.COMMA] & text.is_not_null()).unique()
    number = _peel(rest).number.drop_nulls()
    unsure = number.str.contains(_UNSURE)
    settled = number.filter(~unsure)
    for mark in DecimalMark:
        proofs[mark] += int(settled.str.contains(_proof(mark)).sum())
    return MarkClues(proofs[DecimalMark.POINT], proofs[DecimalMark.COMMA], int(unsure.sum()))


def currency_symbols(text: pl.Series) -> set[str]:
    """The distinct currency words and symbols beside the amounts of a column; unknown words are left out."""
    around = text.drop_nulls().str.replace_all(r"[-+().,' 0-9]+", " ").unique()
    # Other scripts' digits are brought to ASCII in the few cells that have them.
    words = to_ascii_digits(around).str.replace_all(r"[-+().,' 0-9]+", " ").str.split(" ").explode().unique()
    return set(words.filter(_known(words) & (words != "")).to_list())
