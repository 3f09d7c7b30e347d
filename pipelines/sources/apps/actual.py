"""The CSV that Actual Budget exports: of all accounts (older and newer), and of one account's page.

Put here what Actual's columns mean. Splits are told apart in `actual_splits`. A transfer has the other account's name
for its payee and no category; one with a category (to an account outside the budget) is spending to Actual too.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from pipelines.sources.apps.actual_splits import MARK, Splits
from pipelines.sources.apps.app_table import AppTable, EntryReader
from pipelines.sources.apps.paired_legs import with_partners
from pipelines.sources.conventions import Conventions
from pipelines.sources.date_text import parse_days
from pipelines.sources.delimited import Stretch, header_of
from pipelines.sources.kind_frames import json_of, required_text, set_aside, shaped
from pipelines.sources.money_text import parse_money
from pipelines.sources.source import REJECT_SCHEMA, Batch, Decoded
from warehouse.record_kinds import LEDGER_ENTRIES

_NEEDED = frozenset({"Account", "Date", "Payee", "Notes", "Category", "Amount", "Cleared"})
_SPLIT_COLUMN, _PAGE_COLUMN = "Split_Amount", "Reconciled"
_IDENTITY = ("account_id", "entry_date", "entry_amount", "currency_code", "payee_name", "note")
_TRANSFER, _OPENING = "transfer", ("starting balances", "starting balance")
_YES = ("1", "true")


class ActualFormat(AppTable):
    """Reads all three; see docs/formats.md for the rules."""

    source = "actual"
    title = "Actual Budget (CSV)"
    needed = _NEEDED
    amounts = ("Amount", _SPLIT_COLUMN)
    date = "Date"

    def sniff(self, head: bytes) -> bool:
        """Whether the header names Actual's columns, and one that only Actual has."""
        names = set(header_of(head)[0])
        return names >= _NEEDED and bool(names & {_SPLIT_COLUMN, _PAGE_COLUMN})

    def begin(self, conventions: Conventions, currency: str) -> EntryReader:
        """The reader of one file."""
        return _Reader(conventions, currency)


class _Reader(EntryReader):
    def __init__(self, conventions: Conventions, currency: str) -> None:
        super().__init__(conventions, currency)
        self._splits = Splits(conventions.mark)
        self._names: set[str] = set()

    def decoded(self, stretch: Stretch) -> Decoded:
        frame = stretch.frame
        if _SPLIT_COLUMN in frame.columns:
            frame, refused = self._splits.parted(frame)
            return self._entries(frame, pl.concat([stretch.rejects, refused]))
        return self._entries(frame, stretch.rejects)

    def ending(self) -> Iterator[Decoded]:
        frame, refused = self._splits.ending()
        if frame.height or refused.height:
            yield self._entries(frame, refused)
        yield from super().ending()

    def _entries(self, frame: pl.DataFrame, rejects: pl.DataFrame) -> Decoded:
        read = {
            "account_id": ("Account", required_text(frame["Account"], "account")),
            "entry_date": ("Date", parse_days(frame["Date"], self.conventions.order).requiring("date")),
            "entry_amount": ("Amount", parse_money(frame["Amount"], self.conventions.mark).requiring("amount")),
        }
        whole, refused = set_aside(LEDGER_ENTRIES.name, frame, read)
        whole = self._with_transfers(whole.with_columns(currency_code=pl.lit(self.currency)))
        entries = shaped(LEDGER_ENTRIES, whole, _columns(whole))
        self.accounts.add(entries)
        all_rejects = pl.concat([pl.DataFrame(schema=REJECT_SCHEMA), rejects, refused]).sort("row_no")
        # A row that only sums up its parts holds no entry; its total and note are with the first part.
        held = entries.height + all_rejects.height
        return Decoded((Batch(LEDGER_ENTRIES.name, entries, _IDENTITY),), all_rejects, {LEDGER_ENTRIES.name: held})

    def _with_transfers(self, whole: pl.DataFrame) -> pl.DataFrame:
        """The rows with `is_transfer` and `transfer_account`; accounts named up to here are known."""
        self._names |= set(whole["account_id"].unique())
        payee, category = pl.col("Payee").str.strip_chars(), pl.col("Category").str.strip_chars().replace("", None)
        to_account = payee.is_in(list(self._names)) & (payee != pl.col("account_id"))
        called_so = (category.str.to_lowercase() == _TRANSFER).fill_null(value=False)
        whole = whole.with_columns(
            is_transfer=called_so | (to_account & category.is_null()).fill_null(value=False),
            named=pl.when(to_account).then(payee),
        )
        found = with_partners(whole, "Date")
        # What the app says goes before what only fits.
        agrees = pl.col("named").is_null() | (pl.col("named") == pl.col("transfer_account"))
        return found.with_columns(
            transfer_account=pl.when("is_transfer").then(pl.coalesce("named", "transfer_account")),
            transfer_group=pl.when(agrees).then("transfer_group"),
        )


def _columns(frame: pl.DataFrame) -> dict[str, pl.Expr]:
    """The kind's columns from the read ones."""
    category = pl.col("Category").str.strip_chars()
    group = pl.lit(None, dtype=pl.String)
    if "Category_Group" in frame.columns:
        group = pl.col("Category_Group")
    elif _PAGE_COLUMN in frame.columns:
        group, category = category.str.extract(r"^(.*?): "), category.str.replace(r"^.*?: ", "")
    kind = (
        pl.when("is_transfer")
        .then(pl.lit("transfer"))
        .when(category.str.to_lowercase().is_in(_OPENING))
        .then(pl.lit("opening_balance"))
        .when(pl.col("entry_amount") > 0)
        .then(pl.lit("income"))
        .otherwise(pl.lit("expense"))
    )
    same = ("account_id", "entry_date", "entry_amount", "currency_code", "transfer_account", "transfer_group")
    has_splits = _SPLIT_COLUMN in frame.columns
    note = pl.col("Notes").str.replace(MARK, "").replace("", None) if has_splits else pl.col("Notes")
    return {
        **{name: pl.col(name) for name in same},
        "entry_kind": kind,
        "category_group": group,
        "category_name": category,
        "payee_name": pl.col("Payee"),
        "note": note,
        "cleared_status": _cleared(frame),
        "split_group": pl.col("split_group") if has_splits else pl.lit(None),
        "extra": json_of(_left_over(frame)),
    }


def _cleared(frame: pl.DataFrame) -> pl.Expr:
    """Actual's word; the account's page writes it as two columns of yes and no."""
    if _PAGE_COLUMN not in frame.columns:
        return pl.col("Cleared")
    yes = {name: pl.col(name).str.to_lowercase().is_in(_YES) for name in (_PAGE_COLUMN, "Cleared")}
    return (
        pl.when(yes[_PAGE_COLUMN])
        .then(pl.lit("Reconciled"))
        .when(yes["Cleared"])
        .then(pl.lit("Cleared"))
        .otherwise(pl.lit("Not cleared"))
    )


def _left_over(frame: pl.DataFrame) -> dict[str, pl.Expr]:
    """What has no column of its own, by the name Actual gives it; of a split its total, note and part."""
    taken = {
        *("row_no", "named", "account_id", "entry_date", "entry_amount", "currency_code", "transfer_account"),
        *("is_transfer", "transfer_group", "split_group", _SPLIT_COLUMN, _PAGE_COLUMN, "Category_Group", *_NEEDED),
    }
    return {name: pl.col(name) for name in frame.columns if name not in taken and frame[name].count()}


FORMAT = ActualFormat()
