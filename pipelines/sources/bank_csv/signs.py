"""Signed amounts from the columns a bank writes them in.

Put here the sign rules. Keep out how one amount is written (`money_text`). An amount whose sign is in doubt is
refused: both columns filled, neither filled, a word no rule knows, a minus that contradicts its word.
"""

from __future__ import annotations

import polars as pl

from pipelines.sources.bank_csv.matching import Layout
from pipelines.sources.money_text import MONEY, DecimalMark, parse_money
from pipelines.sources.parsed_column import REFUSAL_SCHEMA, ParsedColumn

Read = dict[str, tuple[str, ParsedColumn]]
"""Under a name, a column of the file and what came of it; the form `set_aside` wants."""

NOTHING = r"^[\s\-–—.*]*$"
"""Cells that people and banks fill in where there is no amount."""

_SIDES = "cr|dr|credit|debit"

_ZERO = pl.lit(0, dtype=MONEY)


def amounts(text: pl.Series, mark: DecimalMark) -> ParsedColumn:
    """A column of amounts; cells that hold dashes or dots only are empty."""
    return parse_money(text.set(text.str.contains(NOTHING).fill_null(value=False), None), mark)


def signed_amounts(frame: pl.DataFrame, layout: Layout, mark: DecimalMark) -> Read:
    """The signed amount of every row as `transaction_amount`, beside the columns it was made of."""
    profile = layout.profile
    match profile.sign:
        case "columns" | "signed columns" | "inverted columns":
            read = _of_two(frame, layout, mark, profile.sign)
        case "indicator":
            read = _by_word(frame, layout, mark)
        case _:
            column = layout.column("amount")
            parsed = amounts(frame[column], mark).requiring("amount")
            values = -parsed.values if profile.sign == "inverted" else parsed.values
            read = {"transaction_amount": (column, ParsedColumn(values, parsed.refusals))}
    return _less(frame, layout, mark, read)


def _less(frame: pl.DataFrame, layout: Layout, mark: DecimalMark, read: Read) -> Read:
    """The amounts without what the bank takes off in the same row."""
    column, parsed = read["transaction_amount"]
    values = parsed.values
    for name in layout.columns.get("less", ()):
        taken = amounts(frame[name], mark)
        values = _made(pl.lit(values) - pl.lit(taken.values).fill_null(_ZERO))
        read[f"less {name}"] = (name, taken)
    return read | {"transaction_amount": (column, ParsedColumn(values, parsed.refusals))}


def _of_two(frame: pl.DataFrame, layout: Layout, mark: DecimalMark, sign: str) -> Read:
    debit_name, credit_name = layout.column("debit"), layout.column("credit")
    debit, credit = amounts(frame[debit_name], mark), amounts(frame[credit_name], mark)
    out = -debit.values if sign == "signed columns" else debit.values
    come = -credit.values if sign == "inverted columns" else credit.values
    values = _made(pl.lit(come).fill_null(_ZERO) - pl.lit(out).fill_null(_ZERO))
    unread = pl.concat([debit.refusals, credit.refusals])["position"]
    neither = _positions(debit.values.is_null() & credit.values.is_null(), unread)
    both = _positions(((debit.values != 0) & (credit.values != 0)).fill_null(value=False), unread)
    refusals = [
        debit.refusals,
        _refused(neither, "the amount is empty", "fill in the amount and import the file again"),
        _refused(
            both,
            "both columns of the amount are filled, so it is not clear whether money came in or went out",
            "look at the bank's own statement and correct the row",
        ),
    ]
    return {
        "transaction_amount": (debit_name, ParsedColumn(values, pl.concat(refusals).sort("position"))),
        "credit": (credit_name, credit),
    }


def _by_word(frame: pl.DataFrame, layout: Layout, mark: DecimalMark) -> Read:
    amount_name, word_name = layout.column("amount"), layout.column("indicator")
    text, words = frame[amount_name], indicator_words(frame[word_name], layout)
    if amount_name == word_name:
        text = without_words(text, layout)
    parsed = amounts(text, mark).requiring("amount")
    outs = [word.casefold() for word in layout.profile.words.debit]
    ins = [word.casefold() for word in layout.profile.words.credit]
    is_out, is_in = words.is_in(outs), words.is_in(ins)
    negative = (parsed.values < 0).fill_null(value=False)
    values = _made(pl.when(pl.lit(is_out & ~negative)).then(pl.lit(-parsed.values)).otherwise(pl.lit(parsed.values)))
    unknown = _positions(~is_out & ~is_in, parsed.refusals["position"])
    wrong = _positions(is_in & negative, parsed.refusals["position"])
    word_refusals = [
        _refused(
            unknown,
            "the word says neither money in nor money out, as the profile has it",
            "add the word to the profile's words, or correct the row",
        ),
        _refused(wrong, "the amount has a minus although its row says money in", "correct the row"),
    ]
    return {
        "transaction_amount": (amount_name, ParsedColumn(values, parsed.refusals)),
        "indicator": (word_name, ParsedColumn(words, pl.concat(word_refusals).sort("position"))),
    }


def indicator_words(text: pl.Series, layout: Layout) -> pl.Series:
    """The indicator's words in small letters; out of the amounts themselves where they stand there."""
    cells = text.fill_null("").str.strip_chars().str.to_lowercase()
    if layout.column("indicator") != layout.column("amount"):
        return cells
    return cells.str.extract(_word_pattern(layout)).fill_null("").str.strip_chars(" .")


def without_words(text: pl.Series, layout: Layout) -> pl.Series:
    """Amounts without the words that give their sign."""
    return text.str.replace(rf"(?i){_word_pattern(layout)}", "").str.strip_chars()


def _word_pattern(layout: Layout) -> str:
    words = layout.profile.words
    known = sorted({"".join(filter(str.isalpha, word)) for word in (*words.debit, *words.credit)} - {""})
    return rf"({'|'.join(known).lower() or _SIDES})\.?\s*$"


def without_amounts(frame: pl.DataFrame, layout: Layout) -> pl.Series:
    """Whether every column a row's amount could stand in is empty."""
    names = [name for field in ("amount", "debit", "credit") for name in layout.columns.get(field, ())]
    blank = (pl.col(name).fill_null("").str.contains(NOTHING) for name in names)
    return frame.select(pl.all_horizontal(pl.lit(value=True), *blank).alias("without")).to_series()


def balances(frame: pl.DataFrame, layout: Layout, mark: DecimalMark) -> pl.Series:
    """The running balance of every row; empty where it is not written or cannot be read."""
    column = layout.column("balance")
    if not column:
        return pl.Series("balance", [None] * frame.height, dtype=MONEY)
    # Whatever the sign rule, `Dr` behind a balance means that it is owed.
    words = frame[column].str.to_lowercase().str.extract(rf"(?:[\s0-9]|\b)({_SIDES})\.?\s*$")
    values = amounts(frame[column].str.replace(rf"(?i)(?:{_SIDES})\.?\s*$", ""), mark).values
    owed = words.str.starts_with("d").fill_null(value=False)
    return _made(pl.when(pl.lit(owed)).then(pl.lit(-values.abs())).otherwise(pl.lit(values))).alias("balance")


def _made(expression: pl.Expr) -> pl.Series:
    return pl.select(expression.cast(MONEY)).to_series()


def _positions(found: pl.Series, unread: pl.Series) -> pl.Series:
    places = found.fill_null(value=False).arg_true().cast(pl.UInt32)
    return places.filter(~places.is_in(unread.implode())) if unread.len() else places


def _refused(position: pl.Series, reason: str, cure: str) -> pl.DataFrame:
    frame = position.alias("position").to_frame()
    return frame.with_columns(reason=pl.lit(reason), cure=pl.lit(cure)).cast(REFUSAL_SCHEMA)  # type: ignore[arg-type]
