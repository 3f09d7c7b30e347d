"""Splits in Actual's export: a row that states the total and moves nothing, and rows for its parts.

Put here how the parts of one split are told from those of another. Actual writes no ids, only `(SPLIT INTO 3)` and
`(SPLIT 1 OF 3)`. Rows that follow each other belong together; where an export orders them otherwise, those of a day
and account that has one split only. What remains in doubt stays unlinked: the parts' amounts are right all the same.
"""

from __future__ import annotations

import polars as pl

from pipelines.sources.money_text import DecimalMark, parse_money
from pipelines.sources.source import REJECT_SCHEMA
from warehouse.record_kinds import LEDGER_ENTRIES

MARK = r"^\(SPLIT (?:INTO [0-9]+|[0-9]+ OF [0-9]+)\) ?"
_PARENT, _PART = r"^\(SPLIT INTO ([0-9]+)\)", r"^\(SPLIT ([0-9]+) OF ([0-9]+)\)"
_PLACE = ["Account", "Date", "parts"]


class Splits:
    """Takes the rows of a file stretch by stretch; the splits of a stretch's last day wait for the next."""

    def __init__(self, mark: DecimalMark) -> None:
        """Begin before the first row; totals are read with the file's decimal mark."""
        self._mark = mark
        self._held = pl.DataFrame()

    def parted(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The rows that are entries, with `split_group`, `split`, `split_total` and `split_note`; and rejects."""
        if self._held.height:
            frame = pl.concat([self._held, frame])
        last_day = frame["Date"].tail(1)
        waits = (frame["Notes"].str.contains(MARK) & frame["Date"].is_in(last_day.implode())).fill_null(value=False)
        self._held = frame.filter(waits)
        return self._linked(frame.filter(~waits))

    def ending(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The rows that still wait."""
        held, self._held = self._held, self._held.clear()
        return self._linked(held) if held.height else (held, pl.DataFrame(schema=REJECT_SCHEMA))

    def _linked(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        notes = pl.col("Notes")
        told = frame.with_columns(
            notes.str.extract(_PART, 1).cast(pl.Int64, strict=False).alias("part"),
            pl.coalesce(notes.str.extract(_PARENT), notes.str.extract(_PART, 2)).alias("parts"),
        )
        totals = parse_money(told["Split_Amount"], self._mark).values
        moves = parse_money(told["Amount"], self._mark).values
        # Only a row that moves nothing may be left out, whatever its note says.
        told = told.with_columns(
            (notes.str.contains(_PARENT) & (moves == 0) & totals.is_not_null())
            .fill_null(value=False)
            .alias("is parent")
        )
        marked = told["parts"].is_not_null()
        if not marked.any():
            nothing = {
                name: pl.lit(None, dtype=pl.String) for name in ("split_group", "split", "split_total", "split_note")
            }
            return told.drop("part", "parts", "is parent").with_columns(**nothing), pl.DataFrame(schema=REJECT_SCHEMA)
        told = _grouped(told)
        parents = told.filter("is parent")
        parts = told.filter(~pl.col("is parent"))
        first = parts.filter(pl.col("split_group").is_not_null() & (pl.col("part") == 1))
        matched = parents.filter(pl.col("split_group").is_in(first["split_group"].implode()))
        totals_of = matched.unique("split_group", keep="none").select(
            "split_group",
            part=pl.lit(1, dtype=pl.Int64),
            split_total=pl.col("Split_Amount"),
            split_note=pl.col("Notes").str.replace(MARK, "").replace("", None),
        )
        linked = parts.join(totals_of, on=["split_group", "part"], how="left", maintain_order="left")
        unmatched = parents.join(totals_of, on="split_group", how="anti", maintain_order="left")
        named = pl.concat_str("part", pl.lit("/"), "parts")
        return linked.with_columns(split=named).drop("part", "parts", "is parent"), _rejected(unmatched)


def _grouped(told: pl.DataFrame) -> pl.DataFrame:
    """The rows with `split_group`, null where it is in doubt."""
    is_part = pl.col("part").is_not_null() & ~pl.col("is parent")
    run = pl.when("is parent").then(pl.col("row_no")).when(is_part).then(pl.col("row_no") - pl.col("part"))
    whole = pl.col("parts").cast(pl.Int64, strict=False)
    counted = told.with_columns(run.alias("run"), is_part.alias("is part"))
    counted = counted.with_columns(in_run=pl.col("is part").sum().over([*_PLACE, "run"]))
    alone = ((pl.col("part") == 1).fill_null(value=False).sum() == 1) & (pl.col("is part").sum() == whole.first())
    # Interleaved splits can look like one that is whole; then others of that day are not.
    all_whole = (~pl.col("is part") | (pl.col("in_run") == whole)).all()
    name = (
        pl.when(pl.col("run").is_null())
        .then(None)
        .when(alone.over(_PLACE))
        .then(pl.concat_str(*_PLACE, separator="|"))
        .when(all_whole.over(_PLACE) & (pl.col("in_run") == whole))
        .then(pl.concat_str(*_PLACE, pl.col("run").cast(pl.String), separator="|"))
    )
    return counted.with_columns(split_group=name).drop("run", "is part", "in_run")


def _rejected(parents: pl.DataFrame) -> pl.DataFrame:
    return parents.select(
        kind=pl.lit(LEDGER_ENTRIES.name),
        row_no="row_no",
        column=pl.lit("Notes"),
        value="Split_Amount",
        reason=pl.lit("the row states the total of a split whose parts cannot be told from others"),
        cure=pl.lit("nothing to mend: it moves no money, and the parts are entries of their own"),
    )
