"""What comes of reading a text column: typed values, and per refused cell why and what to do.

Put here the shape that every text reader returns. Keep out how any one type is read (`money_text`, `date_text`)
and how refused rows leave a frame (`kind_frames`).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

REFUSAL_SCHEMA = {"position": pl.UInt32, "reason": pl.String, "cure": pl.String}
"""Columns of the refused cells: the cell's position in the column (from 0), why, and what the person can do."""


@dataclass(frozen=True, slots=True)
class ParsedColumn:
    """A column after reading.

    Attributes:
        values: Typed values, as long as the text was; null where the text was empty or refused.
        refusals: One row per refused cell (REFUSAL_SCHEMA), in order of position.
    """

    values: pl.Series
    refusals: pl.DataFrame

    def requiring(self, what: str) -> ParsedColumn:
        """The same column, with empty cells refused as well; `what` names it for people, e.g. "amount"."""
        missing = self.values.is_null().arg_true().cast(pl.UInt32).alias("position").to_frame()
        empty = missing.join(self.refusals, on="position", how="anti").with_columns(
            reason=pl.lit(f"the {what} is empty"), cure=pl.lit(f"fill in the {what} and import the file again")
        )
        if empty.is_empty():
            return self
        return ParsedColumn(self.values, pl.concat([self.refusals, empty]).sort("position"))


def all_read(values: pl.Series) -> ParsedColumn:
    """A column none of whose cells was refused."""
    return ParsedColumn(values, pl.DataFrame(schema=REFUSAL_SCHEMA))
