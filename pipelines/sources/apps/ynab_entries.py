"""The rows of YNAB's register: entries, the parts of splits, the legs of transfers.

Put here what the register's columns mean. A transfer is two rows, and so is every part of a split one of its own; which
rows belong together the register does not say, but shows where it is beyond doubt.
"""

from __future__ import annotations

import hashlib
from collections import Counter

import polars as pl

from pipelines.sources.apps.account_names import AccountNames
from pipelines.sources.conventions import Clues, Conventions
from pipelines.sources.date_text import date_order_clues, parse_days
from pipelines.sources.delimited import Stretch
from pipelines.sources.kind_frames import json_of, required_text, set_aside, shaped
from pipelines.sources.money_text import MONEY, decimal_mark_clues, parse_money
from pipelines.sources.parsed_column import ParsedColumn
from pipelines.sources.source import Batch, Decoded
from warehouse.record_kinds import LEDGER_ENTRIES

NEEDED = frozenset({"Account", "Date", "Payee", "Category Group", "Category", "Memo", "Outflow", "Inflow"})
FORMER = {"Master Category": "Category Group", "Sub Category": "Category"}
"""YNAB 4's names of the two columns."""
NEEDED_FORMERLY = frozenset({name for name in NEEDED if name not in FORMER.values()} | set(FORMER))

_BOTH = "Category Group/Category"
_BOTH_FORMERLY = "Category"
_KNOWN = NEEDED | {_BOTH, "Cleared"}
_IDENTITY = ("account_id", "entry_date", "entry_amount", "currency_code", "payee_name", "note")
"""What people seldom edit afterwards; category, flag and cleared they do."""
_READ = {"account_id", "entry_date", "out", "in", "row_no", "amount", "other account", "split_group", "transfer_group"}

_TRANSFER = r"^Transfer : (.+)$"
_SPLIT = r"^(?:Split \(([0-9]+/[0-9]+)\)|\(Split ([0-9]+/[0-9]+)\)) ?"
_INFLOW = "Inflow"
"""The group of money that came in."""
_FORMER_INCOME = ("Available this month", "Available next month")
"""YNAB 4's categories of it, in its group `Income`; the present YNAB lets people call a group of their own so."""


def clues(stretch: Stretch) -> Clues:
    """What a stretch says of the file's conventions."""
    frame = stretch.frame
    marks = decimal_mark_clues(frame["Outflow"]) + decimal_mark_clues(frame["Inflow"])
    return Clues(marks, date_order_clues(frame["Date"]))


def renamed(stretch: Stretch) -> Stretch:
    """A stretch of YNAB 4 under the present names of its columns."""
    names = dict(FORMER)
    if _BOTH_FORMERLY in stretch.frame.columns:
        names[_BOTH_FORMERLY] = _BOTH
    return Stretch(stretch.frame.rename(names), stretch.rejects)


class RegisterReader:
    """Decodes the stretches of one register, in order."""

    def __init__(self, conventions: Conventions) -> None:
        """Begin a register."""
        self._conventions = conventions
        self._accounts = AccountNames()
        self._splits: Counter[str] = Counter()

    def decoded(self, stretch: Stretch, currency: str) -> Decoded:
        """The entries of a stretch."""
        frame, conventions = stretch.frame, self._conventions
        outflow, inflow = (parse_money(frame[name], conventions.mark) for name in ("Outflow", "Inflow"))
        read = {
            "account_id": ("Account", required_text(frame["Account"], "account")),
            "entry_date": ("Date", parse_days(frame["Date"], conventions.order).requiring("date")),
            "out": ("Outflow", _needing_either(outflow, inflow)),
            "in": ("Inflow", inflow),
        }
        whole, rejects = set_aside(LEDGER_ENTRIES.name, frame, read)
        nothing = pl.lit(0, dtype=MONEY)
        whole = whole.with_columns(
            (pl.col("in").fill_null(nothing) - pl.col("out").fill_null(nothing)).alias("amount"),
            pl.col("Payee").str.extract(_TRANSFER).alias("other account"),
        )
        whole = _with_transfer_groups(self._with_split_groups(whole))
        entries = shaped(LEDGER_ENTRIES, whole, _columns(whole, currency))
        self._accounts.add(entries)
        return stretch.read_as(Batch(LEDGER_ENTRIES.name, entries, _IDENTITY), rejects)

    def accounts(self) -> Decoded:
        """The accounts of all stretches."""
        return self._accounts.decoded()

    def _with_split_groups(self, frame: pl.DataFrame) -> pl.DataFrame:
        """`split_group` for rows below each other that are all parts of one split: 1/3, 2/3, 3/3 or the other way."""
        runs = _whole_splits(frame)
        names = pl.Series("split_group", [self._group_id(told) for told in runs["told"]], dtype=pl.String)
        found = runs.select("row_no", names).explode("row_no")
        return frame.join(found, on="row_no", how="left", maintain_order="left")

    def _group_id(self, told: str) -> str:
        """The same in every export that holds the split; equal splits of one day are told apart by their number."""
        digest = hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]
        self._splits[digest] += 1
        return f"{digest}-{self._splits[digest]}"


def _whole_splits(frame: pl.DataFrame) -> pl.DataFrame:
    """One row per split all of whose parts stand below each other: their `row_no` and what tells the split apart."""
    place, count, row = pl.col("place"), pl.col("count"), pl.col("row_no")
    is_next = pl.all_horizontal(
        row.diff() == 1, *(pl.col(name) == pl.col(name).shift() for name in ("account_id", "entry_date", "count"))
    )
    number = _split_number("Memo").str.split_exact("/", 1)
    parts = (
        frame.filter(pl.col("Memo").str.contains(_SPLIT))
        .with_columns(
            number.struct.field("field_0").cast(pl.Int64, strict=False).alias("place"),
            number.struct.field("field_1").cast(pl.Int64, strict=False).alias("count"),
        )
        .with_columns((~is_next.fill_null(value=False)).cum_sum().alias("block"))
        # Where a block begins with the last part, the splits in it stand on their heads.
        .with_columns(((place.first() == count.first()) & (place.first() > 1)).over("block").alias("descends"))
        .with_columns(pl.when("descends").then(row + place).otherwise(row - place).alias("run"))
    )
    texts = [pl.col(name).cast(pl.String).fill_null("") for name in ("account_id", "entry_date", "amount", "Memo")]
    return (
        parts.group_by("block", "run", "count", maintain_order=True)
        .agg(pl.len(), row, pl.concat_str(texts, separator="\x1f").str.join("\x1e").alias("told"))
        .filter(pl.col("len") == count)
    )


def _split_number(column: str) -> pl.Expr:
    return pl.coalesce(pl.col(column).str.extract(_SPLIT, 1), pl.col(column).str.extract(_SPLIT, 2))


def _with_transfer_groups(frame: pl.DataFrame) -> pl.DataFrame:
    """`transfer_group` where exactly two legs of a day name each other's account and differ in sign only."""
    account, other = pl.col("account_id"), pl.col("other account")
    ends = [pl.min_horizontal(account, other), pl.max_horizontal(account, other)]
    worth = pl.col("amount").abs()
    legs = frame.filter(other.is_not_null() & (account != other)).select(
        "row_no",
        pl.concat_str("entry_date", worth, *ends, separator="|").alias("transfer_group"),
        ((pl.col("amount") < 0) == (account == ends[0])).alias("way"),
        account,
    )
    pairs = legs.group_by("transfer_group").agg(
        pl.len(), account.n_unique().alias("accounts"), pl.col("way").n_unique()
    )
    sure = pairs.filter((pl.col("len") == 2) & (pl.col("accounts") == 2) & (pl.col("way") == 1))  # noqa: PLR2004
    found = legs.join(sure, on="transfer_group", how="semi").select("row_no", "transfer_group")
    return frame.join(found, on="row_no", how="left", maintain_order="left")


def _needing_either(outflow: ParsedColumn, inflow: ParsedColumn) -> ParsedColumn:
    """The outflow, an empty one refused unless there is an inflow."""
    if not outflow.values.null_count():
        return outflow
    either = ParsedColumn(outflow.values.fill_null(inflow.values), outflow.refusals).requiring("amount")
    inflow_refused = inflow.refusals["position"]
    return ParsedColumn(outflow.values, either.refusals.filter(~pl.col("position").is_in(inflow_refused)))


def _columns(frame: pl.DataFrame, currency: str) -> dict[str, pl.Expr]:
    """The kind's columns from the read ones."""
    group, category = pl.col("Category Group"), pl.col("Category")
    is_income = (group == _INFLOW) | ((group == "Income") & category.is_in(_FORMER_INCOME))
    by_sign = pl.when(pl.col("amount") > 0).then(pl.lit("income")).otherwise(pl.lit("expense"))
    kind = (
        pl.when(pl.col("other account").is_not_null())
        .then(pl.lit("transfer"))
        .when(pl.col("Payee") == "Starting Balance")
        .then(pl.lit("opening_balance"))
        .when(is_income)
        .then(pl.lit("income"))
        # Money back into an envelope is less spent, as it is in YNAB's own reports.
        .when(category.is_not_null())
        .then(pl.lit("expense"))
        .otherwise(by_sign)
    )
    return {
        "account_id": pl.col("account_id"),
        "entry_date": pl.col("entry_date"),
        "entry_kind": kind,
        "entry_amount": pl.col("amount"),
        "currency_code": pl.lit(currency),
        "category_group": pl.col("Category Group"),
        "category_name": pl.col("Category"),
        "payee_name": pl.col("Payee"),
        "transfer_account": pl.col("other account"),
        "note": pl.col("Memo").str.replace(_SPLIT, "").replace("", None),
        "cleared_status": pl.col("Cleared") if "Cleared" in frame.columns else pl.lit(None),
        "split_group": pl.col("split_group"),
        "transfer_group": pl.col("transfer_group"),
        "extra": json_of(_left_over(frame)),
    }


def _left_over(frame: pl.DataFrame) -> dict[str, pl.Expr]:
    """What has no column of its own: the flag, a split's number, a group and category that contradict the others."""
    cells = {name: pl.col(name) for name in frame.columns if name not in _KNOWN | _READ and frame[name].count()}
    cells["split"] = _split_number("Memo")
    if _BOTH in frame.columns:
        joined = pl.concat_str("Category Group", pl.lit(": "), "Category")
        cells[_BOTH] = pl.when(pl.col(_BOTH) != joined.fill_null("")).then(_BOTH)
    return {name.lower() if name == "Flag" else name: cell for name, cell in cells.items()}
