"""Decoded frames in the shape of a record kind, and the rows that leave them as rejects.

Put here the last step of every file format: refused cells become rejects, columns become the kind's own. Keep out
what any format means by its columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import polars as pl

from pipelines.sources.parsed_column import ParsedColumn, all_read
from pipelines.sources.source import REJECT_SCHEMA
from warehouse.fields import CURRENCY_PATTERN
from warehouse.kinds import RecordKind
from warehouse.schema_renderings import polars_schema


def shaped(kind: RecordKind, frame: pl.DataFrame, columns: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """The kind's frame: `row_no` and every own column, typed; columns that are not given are null."""
    chosen = {"row_no": pl.col("row_no")} | dict(columns)
    return frame.select(
        (chosen[name].cast(dtype) if name in chosen else pl.lit(None, dtype=dtype)).alias(name)
        for name, dtype in polars_schema(kind).items()
    )


def set_aside(
    kind: str, frame: pl.DataFrame, read: Mapping[str, tuple[str, ParsedColumn]]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part the rows whose cells were all read from those with a refused one.

    Args:
        kind: The record kind the rows are of.
        frame: The text columns and `row_no`.
        read: Under the name its values shall have, a text column's name and what came of it; the first refused
            one is the row's reason.

    Returns:
        The frame without the refused rows, the read values beside the text; and the rejects (REJECT_SCHEMA), one
        per refused row.
    """
    whole = frame.with_columns(column.values.alias(name) for name, (_, column) in read.items())
    found = [
        column.refusals.with_columns(column=pl.lit(text)) for text, column in read.values() if column.refusals.height
    ]
    if not found:
        return whole, pl.DataFrame(schema=REJECT_SCHEMA)
    first = pl.concat(found).unique("position", keep="first", maintain_order=True).sort("position")
    refused = frame[first["position"]]
    texts = refused.select(first["column"].unique(maintain_order=True).to_list())
    cells = [pl.when(first["column"] == name).then(pl.col(name)) for name in texts.columns]
    rejects = pl.DataFrame(
        {
            "kind": pl.repeat(kind, first.height, eager=True),
            "row_no": refused["row_no"],
            "column": first["column"],
            "value": texts.select(pl.coalesce(cells)).to_series(),
            "reason": first["reason"],
            "cure": first["cure"],
        },
        schema=REJECT_SCHEMA,
    )
    keep = ~pl.int_range(frame.height, eager=True, dtype=pl.UInt32).is_in(first["position"])
    return whole.filter(keep), rejects


def required_text(text: pl.Series, what: str) -> ParsedColumn:
    """Read a column of names: trimmed, blank ones refused; `what` names it for people."""
    trimmed = text.str.strip_chars()
    return all_read(trimmed.replace("", None)).requiring(what)


def joined_text(names: Iterable[str]) -> pl.Expr:
    """The text columns of these names in one, trimmed and parted by blanks; null where all of them are blank."""
    parts = [pl.col(name).str.strip_chars().replace("", None) for name in names]
    if not parts:
        return pl.lit(None, dtype=pl.String)
    return pl.concat_str(parts, separator=" ", ignore_nulls=True).replace("", None)


def currency_codes(text: pl.Series) -> ParsedColumn:
    """Read a column of currency codes: three letters, in capitals."""
    # A file has few currencies: each spelling is looked at once.
    spellings = text.unique().drop_nulls().to_list()
    codes = {cell: cell.strip().upper() for cell in spellings}
    fine = {cell: code for cell, code in codes.items() if re.fullmatch(CURRENCY_PATTERN, code)}
    values = text.replace_strict(list(fine), list(fine.values()), default=None, return_dtype=pl.String)
    blank = [cell for cell, code in codes.items() if not code]
    refused = (values.is_null() & text.is_not_null() & ~text.is_in(blank)).arg_true().cast(pl.UInt32)
    refusals = (
        refused.alias("position")
        .to_frame()
        .with_columns(
            reason=pl.lit("the currency is not a three-letter code"),
            cure=pl.lit("use the ISO 4217 code, such as BDT or USD"),
        )
    )
    return ParsedColumn(values, refusals)


def json_of(cells: Mapping[str, pl.Expr]) -> pl.Expr:
    """The cells that are not null as the text of one JSON object; null when there are none."""
    parts = [
        # One object per cell, without its braces: JSON of a struct writes its nulls as well.
        pl.when(cell.is_not_null()).then(
            pl.struct(cell.cast(pl.String).alias(name)).struct.json_encode().str.strip_prefix("{").str.strip_suffix("}")
        )
        for name, cell in cells.items()
    ]
    if not parts:
        return pl.lit(None, dtype=pl.String)
    inner = pl.concat_str(parts, separator=",", ignore_nulls=True)
    return pl.when(inner != "").then(pl.concat_str(pl.lit("{"), inner, pl.lit("}")))
