"""The parts a Goodbudget row names in one cell: `Groceries|-1000.00||Household|-64.20`.

Put here how such a cell is read, a column at once. Keep out what a row with parts is (`goodbudget`).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipelines.sources.money_text import MONEY, DecimalMark, parse_money
from pipelines.sources.parsed_column import REFUSAL_SCHEMA, ParsedColumn

_PART = r"^\s*(.*\S)\s*\|\s*([^|]*\S)\s*$"


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of every row of a stretch.

    Attributes:
        frame: A row per part: `place` (the row's position in the stretch), `part_envelope`, `part_amount`.
        counts: Per row, how many parts it has.
        sums: Per row, what its parts add up to; 0 where it has none.
        ill_formed: Rows with a part that cannot be read (REFUSAL_SCHEMA).
        uneven: Rows whose parts do not add up to their amount (REFUSAL_SCHEMA).
    """

    frame: pl.DataFrame
    counts: pl.Series
    sums: pl.Series
    ill_formed: pl.DataFrame
    uneven: pl.DataFrame

    def refusals(self, is_fill: pl.Series) -> pl.DataFrame:
        """The rows to refuse; a fill's parts need not add up to the nothing it moves in the account."""
        fills = is_fill.arg_true().cast(pl.UInt32)
        uneven = self.uneven.filter(~pl.col("position").is_in(fills.implode()))
        both = pl.concat([self.ill_formed, uneven])
        return both.unique("position", keep="first", maintain_order=True).sort("position")


def read_parts(details: pl.Series, amounts: ParsedColumn, mark: DecimalMark) -> Parts:
    """Read the parts of every row; `amounts` are the rows' own."""
    height = len(details)
    texts = (
        pl.DataFrame({"place": pl.int_range(height, eager=True, dtype=pl.UInt32), "part": details.str.split("||")})
        .explode("part", empty_as_null=True)
        .filter(pl.col("part").str.strip_chars() != "")
    )
    read = texts["part"].str.extract_groups(_PART).struct
    money = parse_money(read[1], mark)
    frame = pl.DataFrame(
        {"place": texts["place"], "part_envelope": read[0], "part_amount": money.values},
        schema={"place": pl.UInt32, "part_envelope": pl.String, "part_amount": MONEY},
    )
    told = frame.group_by("place").agg(pl.len(), pl.col("part_amount").sum())
    rows = pl.DataFrame({"place": pl.int_range(height, eager=True, dtype=pl.UInt32)})
    rows = rows.join(told, on="place", how="left", maintain_order="left")
    counts, sums = rows["len"].fill_null(0), rows["part_amount"].fill_null(0)
    shapeless = texts.filter(read[0].is_null()).select(
        position="place",
        reason=pl.lit("a part in Details is not an envelope and its amount"),
        cure=pl.lit("export the file again; a part looks like Groceries|-12.50"),
    )
    unread = money.refusals.select(
        position=texts["place"].gather(money.refusals["position"]), reason="reason", cure="cure"
    )
    uneven = ((counts > 0) & (sums != amounts.values)).fill_null(value=False).arg_true()
    return Parts(
        frame,
        counts,
        sums,
        pl.concat([shapeless, unread]).cast(pl.Schema(REFUSAL_SCHEMA)),
        uneven.cast(pl.UInt32)
        .alias("position")
        .to_frame()
        .with_columns(
            reason=pl.lit("the parts in Details do not add up to the amount"),
            cure=pl.lit("correct the split in Goodbudget and export again"),
        ),
    )
