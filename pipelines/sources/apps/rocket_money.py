"""The CSV that Rocket Money exports, in its layouts of 13, 14 and 15 columns.

Put here what Rocket Money's columns mean. An amount above zero is money that went out. The app itself leaves the
categories of `_TRANSFERS` out of spending and income, so they are transfers; it never says which legs belong together.
"""

from __future__ import annotations

import polars as pl

from pipelines.sources.apps.account_names import account_kind
from pipelines.sources.apps.app_table import AppTable, EntryReader
from pipelines.sources.apps.described_accounts import Facts, Row
from pipelines.sources.apps.paired_legs import with_partners
from pipelines.sources.conventions import Clues, Conventions
from pipelines.sources.date_text import parse_days
from pipelines.sources.delimited import Stretch
from pipelines.sources.kind_frames import json_of, required_text, set_aside, shaped
from pipelines.sources.money_text import MarkClues, parse_money
from pipelines.sources.parsed_column import ParsedColumn
from pipelines.sources.source import Batch, Decoded
from warehouse.record_kinds import LEDGER_ENTRIES

_NEEDED = frozenset({"Date", "Original Date", "Account Name", "Institution Name", "Name", "Amount", "Ignored From"})
_IDENTITY = ("account_id", "entry_date", "entry_amount", "currency_code", "payee_name")
_TRANSFERS = ("internal transfers", "internal transfer", "credit card payment", "credit card payments")
"""What the app's own help says it leaves out of spending and income."""

_EXCLUSIONS = {"budget": "budget", "everything": "reports"}
_KINDS = {"credit card": "card", "savings": "savings", "loan": "loan", "investment": "investment"}
_SHOWN_DIGITS = 4


class RocketMoneyFormat(AppTable):
    """Reads the export; see docs/formats.md for the rules."""

    source = "rocket_money"
    title = "Rocket Money (CSV)"
    needed = _NEEDED
    amounts = ("Amount",)
    date = "Date"
    habits = Clues(MarkClues(point=1))

    def begin(self, conventions: Conventions, currency: str) -> EntryReader:
        """The reader of one file."""
        return _Reader(conventions, currency)


class _Reader(EntryReader):
    def decoded(self, stretch: Stretch) -> Decoded:
        frame = stretch.frame
        amounts = parse_money(frame["Amount"], self.conventions.mark).requiring("amount")
        read = {
            "account": ("Account Name", required_text(frame["Account Name"], "account")),
            "entry_date": ("Date", parse_days(frame["Date"], self.conventions.order).requiring("date")),
            "entry_amount": ("Amount", ParsedColumn(-amounts.values, amounts.refusals)),
            "excluded_from": ("Ignored From", _exclusions(frame["Ignored From"])),
        }
        whole, rejects = set_aside(LEDGER_ENTRIES.name, frame, read)
        whole = self._with_accounts(whole)
        entries = shaped(LEDGER_ENTRIES, whole, _columns(whole))
        self.accounts.add(entries)
        return stretch.read_as(Batch(LEDGER_ENTRIES.name, entries, _IDENTITY), rejects)

    def _with_accounts(self, whole: pl.DataFrame) -> pl.DataFrame:
        """The rows with `account_id`, `currency_code`, `is_transfer` and `transfer_account`.

        Two banks name their accounts alike, so bank and number are part of what names an account.
        """
        number = _text(whole, "Account Number").str.tail(_SHOWN_DIGITS)
        whole = whole.with_columns(
            account_id=pl.concat_str(
                _text(whole, "Institution Name"), "account", number, separator=" | ", ignore_nulls=True
            ),
            currency_code=pl.lit(self.currency),
            is_transfer=_text(whole, "Category").str.to_lowercase().is_in(_TRANSFERS).fill_null(value=False),
        )
        self.accounts.describe(
            whole.select(
                "account_id",
                account_name="account",
                institution_name=_text(whole, "Institution Name"),
                masked_number=number,
                account_type=_text(whole, "Account Type"),
            ),
            _described,
        )
        return with_partners(whole, "Date", name="account")


def _described(said: Row) -> Facts:
    """An account's facts; what it is, by its type, else by its name."""
    kind = _KINDS.get((said["account_type"] or "").casefold(), "") or account_kind(said["account_name"] or "")
    told = ("account_name", "institution_name", "masked_number")
    return {"account_kind": kind} | {name: said[name] for name in told}


def _text(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A column without outer spaces; null where the layout or the row lacks it."""
    if name not in frame.columns:
        return pl.lit(None, dtype=pl.String)
    return pl.col(name).str.strip_chars().replace("", None)


def _exclusions(text: pl.Series) -> ParsedColumn:
    words = text.str.strip_chars().str.to_lowercase().replace("", None)
    values = words.replace_strict(list(_EXCLUSIONS), list(_EXCLUSIONS.values()), default=None, return_dtype=pl.String)
    unknown = (values.is_null() & words.is_not_null()).arg_true().cast(pl.UInt32).alias("position").to_frame()
    return ParsedColumn(
        values,
        unknown.with_columns(
            reason=pl.lit("Ignored From is neither empty nor budget nor everything"),
            cure=pl.lit("export the file again; if the app has a new word, report it"),
        ),
    )


def _columns(frame: pl.DataFrame) -> dict[str, pl.Expr]:
    """The kind's columns from the read ones."""
    same = (
        "account_id",
        "entry_date",
        "entry_amount",
        "currency_code",
        "transfer_account",
        "transfer_group",
        "excluded_from",
    )
    name, own_name = _text(frame, "Name"), _text(frame, "Custom Name")
    by_sign = pl.when(pl.col("entry_amount") > 0).then(pl.lit("income")).otherwise(pl.lit("expense"))
    return {
        **{column: pl.col(column) for column in same},
        "entry_kind": pl.when("is_transfer").then(pl.lit("transfer")).otherwise(by_sign),
        "category_name": _text(frame, "Category"),
        "payee_name": pl.coalesce(own_name, name),
        "note": _text(frame, "Note"),
        "labels": _text(frame, "Transaction Tags").str.replace_all(r"\s*,\s*", ", "),
        "extra": json_of(_left_over(frame, name, own_name)),
    }


def _left_over(frame: pl.DataFrame, name: pl.Expr, own_name: pl.Expr) -> dict[str, pl.Expr]:
    """What has no column of its own, by the name the app gives it."""
    original = pl.col("Original Date")
    taken = {
        *("row_no", "account", "account_id", "entry_date", "entry_amount", "currency_code", "is_transfer"),
        *(
            "transfer_account",
            "transfer_group",
            "excluded_from",
            "Date",
            "Account Name",
            "Account Number",
            "Institution Name",
            "Name",
        ),
        *("Amount", "Category", "Note", "Ignored From", "Transaction Tags", "Original Date", "Custom Name"),
    }
    cells = {column: pl.col(column) for column in frame.columns if column not in taken and frame[column].count()}
    return cells | {
        "Original Date": pl.when(original != pl.col("Date")).then(original),
        "Name": pl.when(own_name != name).then(name),
    }


FORMAT = RocketMoneyFormat()
