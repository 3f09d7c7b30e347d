"""Tables of exchange rates: found in a file, and turned into records once it is known what each column is.

Put here what the European Central Bank's table and a bank's have in common. Keep out how a column is recognised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

import polars as pl

from pipelines.sources.bank_csv.month_names import WORD, months, plain
from pipelines.sources.byte_stream import head_text
from pipelines.sources.conventions import Conventions
from pipelines.sources.date_text import parse_days
from pipelines.sources.delimited import Shape, Stretch, column_names, header_of, open_table, read_table
from pipelines.sources.kind_frames import currency_codes, json_of, required_text, set_aside, shaped
from pipelines.sources.parsed_column import ParsedColumn, all_read
from pipelines.sources.rates.rate_text import RATE, parse_rates, parse_units, says_nothing
from pipelines.sources.source import REJECT_SCHEMA, Batch, Decoded, SourceError
from warehouse.record_kinds import KINDS

FX_RATES = KINDS["fx_rates"]
CODE = r"^[A-Z]{3}$"
_NAMED_DAY = rf"^\s*([0-9]{{1,2}})[ \-/.]+({WORD})\.?[ \-/.,]+([0-9]{{4}})\s*$"
_KIND_WORDS = {
    "reference": "reference",
    "official": "reference",
    "fixing": "reference",
    "mid": "mid",
    "middle": "mid",
    "average": "mid",
    "buying": "buying",
    "buy": "buying",
    "bid": "buying",
    "selling": "selling",
    "sell": "selling",
    "ask": "selling",
    "offer": "selling",
    "by_hand": "by_hand",
    "by hand": "by_hand",
    "manual": "by_hand",
}


@dataclass(frozen=True, slots=True)
class PriceColumn:
    """One column of prices and what is known about them.

    Attributes:
        name: The column.
        columns: File column by role: date, base, quote, unit, kind, source; only those the file has.
        settled: Text by role, for what no column says.
    """

    name: str
    columns: Mapping[str, str]
    settled: Mapping[str, str] = field(default_factory=dict)

    def cell(self, role: str) -> pl.Expr:
        """The role's text on every row; null where neither the file nor the person says it."""
        if role in self.columns:
            return pl.col(self.columns[role])
        return pl.lit(self.settled.get(role), dtype=pl.String)


def rate_table(body: BinaryIO) -> tuple[list[str], Iterator[Stretch]]:
    """The columns of the table in a file and its rows in stretches; ones that end early are whole.

    Raises SourceError when the file is no text or has no row below its header.
    """
    stream = open_table(body)
    cells, delimiter = header_of(stream.head)
    if not any(cells):
        raise SourceError("The file has no header line; export it again.")
    above = re.match(r"(?:[ \t]*(?:\r\n|\r|\n))*", head_text(stream.head))
    lines = len(re.findall(r"\r\n|\r|\n", above.group())) if above else 0
    names = column_names(cells)
    return names, read_table(stream, Shape(delimiter, lines + 1, tuple(names)), kind=FX_RATES.name)


def decoded_rates(stretch: Stretch, prices: list[PriceColumn], conventions: Conventions) -> Decoded:
    """Every price of a stretch as a rate; a row that holds none says nothing, and is no row of this kind."""
    names = {price.name for price in prices}
    parts = [_rates_of(stretch.frame, price, names, conventions) for price in prices]
    frame = pl.concat([kept for kept, _ in parts])
    rejects = pl.concat([stretch.rejects, *(refused for _, refused in parts)]).sort("row_no", maintain_order=True)
    count = frame.height + rejects.height
    return Decoded((Batch(FX_RATES.name, frame),), rejects, {FX_RATES.name: count})


def _rates_of(
    frame: pl.DataFrame, price: PriceColumn, prices: set[str], conventions: Conventions
) -> tuple[pl.DataFrame, pl.DataFrame]:
    roles = ("date", "base", "quote", "unit", "kind", "source")
    left_over = _left_over(frame, price, prices)
    cells = frame.filter(~says_nothing(pl.col(price.name))).select(
        "row_no", *(price.cell(role).alias(role) for role in roles), rate=price.name, extra=left_over
    )
    read = {
        "rate_date": ("date", parse_days(plain_days(cells["date"]), conventions.order).requiring("date")),
        "base_currency_code": ("base", currency_codes(cells["base"]).requiring("base currency")),
        "quote_currency_code": ("quote", currency_codes(cells["quote"]).requiring("quote currency")),
        "rate_source": ("source", required_text(cells["source"], "source of the rate")),
        "rate_kind": ("kind", _kinds(cells["kind"]).requiring("kind of rate")),
        "units": ("unit", parse_units(cells["unit"])),
        "quoted": ("rate", parse_rates(cells["rate"], conventions.mark).requiring("rate")),
    }
    whole, rejects = set_aside(FX_RATES.name, cells, read)
    whole, same = _without_pairs_of_one(whole)
    said = {role: price.columns[role] for role in price.columns} | {"rate": price.name}
    rejects = pl.concat([rejects, same]).with_columns(pl.col("column").replace(said))
    return shaped(FX_RATES, whole, _columns()), rejects


def _left_over(frame: pl.DataFrame, price: PriceColumn, prices: set[str]) -> pl.Expr:
    """What of a row is in no column of the kind: the units a rate was quoted for, and what nobody asked about."""
    taken = {*price.columns.values(), *prices, "row_no"} - {price.columns.get("unit")}
    return json_of({name: pl.col(name) for name in frame.columns if name not in taken and frame[name].count()})


def _columns() -> dict[str, pl.Expr]:
    own = ("rate_date", "base_currency_code", "quote_currency_code", "rate_kind", "rate_source")
    parts = [pl.col(name).cast(pl.String) for name in own]
    return {
        **{name: pl.col(name) for name in (*own, "extra")},
        "record_id": pl.concat_str(parts, separator="/"),
        "quote_rate": (pl.col("quoted") / pl.col("units").cast(pl.Decimal(28, 0))).cast(RATE),
    }


def _without_pairs_of_one(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows without those that price a currency in itself; and these as rejects."""
    is_same = pl.col("base_currency_code") == pl.col("quote_currency_code")
    rejects = frame.filter(is_same).select(
        kind=pl.lit(FX_RATES.name),
        row_no="row_no",
        column=pl.lit("base"),
        value="base",
        reason=pl.lit("both currencies of the rate are the same"),
        cure=pl.lit("correct one of them, or leave the row out"),
    )
    return frame.filter(~is_same), rejects.cast(pl.Schema(REJECT_SCHEMA))


def _kinds(text: pl.Series) -> ParsedColumn:
    words = text.str.strip_chars().str.to_lowercase()
    values = words.replace_strict(list(_KIND_WORDS), list(_KIND_WORDS.values()), default=None, return_dtype=pl.String)
    unknown = (values.is_null() & (words != "")).fill_null(value=False)
    if not unknown.any():
        return all_read(values)
    refusals = unknown.arg_true().cast(pl.UInt32).alias("position").to_frame()
    return ParsedColumn(
        values,
        refusals.with_columns(
            reason=pl.lit("the kind of rate is none that is known"),
            cure=pl.lit("write reference, mid, buying, selling or by_hand"),
        ),
    )


def plain_days(text: pl.Series) -> pl.Series:
    """The column with days such as `20 November 2026` as `2026-11-20`; other cells as they were."""
    parts = text.str.extract_groups(_NAMED_DAY).struct
    words = parts[1].drop_nulls().unique()
    if words.is_empty():
        return text
    known = months()
    numbers = {word: known.get(plain(word)) for word in words}
    month = parts[1].replace_strict(
        list(numbers), [f"{n:02}" if n else None for n in numbers.values()], default=None, return_dtype=pl.String
    )
    named = pl.concat_str([parts[2], month, parts[0].str.zfill(2)], separator="-")
    return pl.select(pl.coalesce(named, text)).to_series()
