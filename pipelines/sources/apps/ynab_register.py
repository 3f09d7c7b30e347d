"""The register that YNAB exports as CSV (Register.csv).

Put here what the register's columns mean. Dates and amounts follow the plan's own settings, so their order, decimal
mark and currency are found for the whole file or asked; account names that hold a currency prove nothing. A transfer
is two rows, and so is every part of a split one of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

import polars as pl

from pipelines.sources.apps.account_names import AccountNames
from pipelines.sources.conventions import CURRENCY, Clues, Conventions, look_ahead
from pipelines.sources.currency_words import sure_currency
from pipelines.sources.date_text import date_order_clues, parse_days
from pipelines.sources.delimited import Stretch, header_of, read_delimited
from pipelines.sources.kind_frames import json_of, required_text, set_aside, shaped
from pipelines.sources.money_text import MONEY, currency_symbols, decimal_mark_clues, parse_money
from pipelines.sources.parsed_column import ParsedColumn
from pipelines.sources.source import Batch, Decoded, Question, SourceError
from warehouse.fields import CURRENCY_PATTERN
from warehouse.record_kinds import LEDGER_ENTRIES

_NEEDED = frozenset({"Account", "Date", "Payee", "Category Group", "Category", "Memo", "Outflow", "Inflow"})
_BOTH = "Category Group/Category"
_KNOWN = _NEEDED | {_BOTH, "Cleared"}
_IDENTITY = ("account_id", "entry_date", "entry_amount", "currency_code", "payee_name", "note")
"""What people seldom edit afterwards; category, flag and cleared they do."""

_TRANSFER = r"^Transfer : (.+)$"
_SPLIT = r"^Split \(([0-9]+/[0-9]+)\) ?"
_INCOME_CATEGORIES = ("Ready to Assign", "To be Budgeted")


class YnabRegisterFormat:
    """Reads the register; see docs/formats.md for the rules."""

    source = "ynab_register"
    title = "YNAB register (CSV)"
    kinds = ("accounts", "ledger_entries")

    def sniff(self, head: bytes) -> bool:
        """Whether the header names the register's columns."""
        return set(header_of(head)[0]) >= _NEEDED

    def questions(self, body: BinaryIO) -> list[Question]:
        """The currency, unless the amounts' symbol settles it, and what else the file leaves open."""
        clues, stretches = look_ahead(_stretches(body), _clues)
        asked = clues.questions()
        if not sure_currency(_symbols(next(stretches))):
            text = "Which currency are the amounts in (three letters, such as USD)? A YNAB register does not say."
            asked.append(Question(CURRENCY, text, pattern=CURRENCY_PATTERN))
        return asked

    def read(self, body: BinaryIO, answers: Mapping[str, str]) -> Iterator[Decoded]:
        """Decode the file; the accounts come last. Raises SourceError."""
        clues, stretches = look_ahead(_stretches(body), _clues)
        conventions = clues.settle(answers)
        currency = answers.get(CURRENCY, "")
        if currency and not re.fullmatch(CURRENCY_PATTERN, currency):
            raise SourceError(f"The answer currency={currency!r} is not a three-letter code such as USD.")
        accounts = AccountNames()
        for stretch in stretches:
            if CURRENCY not in answers:
                currency = _same_currency(currency, _symbols(stretch))
            decoded = _decoded(stretch, conventions, currency)
            accounts.add(decoded.batches[0].frame)
            yield decoded
        yield accounts.decoded()


def _stretches(body: BinaryIO) -> Iterator[Stretch]:
    return read_delimited(body, kind=LEDGER_ENTRIES.name, needed=_NEEDED)


def _clues(stretch: Stretch) -> Clues:
    frame = stretch.frame
    marks = decimal_mark_clues(frame["Outflow"]) + decimal_mark_clues(frame["Inflow"])
    return Clues(marks, date_order_clues(frame["Date"]))


def _symbols(stretch: Stretch) -> set[str]:
    return currency_symbols(stretch.frame["Outflow"]) | currency_symbols(stretch.frame["Inflow"])


def _same_currency(before: str, symbols: set[str]) -> str:
    """The currency that settles a stretch; must be that of the stretches before."""
    now = sure_currency(symbols) if symbols else before
    if not now or (before and now != before):
        raise SourceError(
            "The file leaves open which currency its amounts are in; answer currency, for example currency=USD."
        )
    return now


def _decoded(stretch: Stretch, conventions: Conventions, currency: str) -> Decoded:
    frame = stretch.frame
    outflow, inflow = (parse_money(frame[name], conventions.mark) for name in ("Outflow", "Inflow"))
    read = {
        "account_id": ("Account", required_text(frame["Account"], "account")),
        "entry_date": ("Date", parse_days(frame["Date"], conventions.order).requiring("date")),
        "out": ("Outflow", _needing_either(outflow, inflow)),
        "in": ("Inflow", inflow),
    }
    whole, rejects = set_aside(LEDGER_ENTRIES.name, frame, read)
    entries = shaped(LEDGER_ENTRIES, whole, _columns(whole, currency))
    return Decoded(
        (Batch(LEDGER_ENTRIES.name, entries, _IDENTITY),),
        pl.concat([stretch.rejects, rejects]).sort("row_no"),
        {LEDGER_ENTRIES.name: stretch.row_count},
    )


def _needing_either(outflow: ParsedColumn, inflow: ParsedColumn) -> ParsedColumn:
    """The outflow, an empty one refused unless there is an inflow."""
    if not outflow.values.null_count():
        return outflow
    either = ParsedColumn(outflow.values.fill_null(inflow.values), outflow.refusals).requiring("amount")
    inflow_refused = inflow.refusals["position"]
    return ParsedColumn(outflow.values, either.refusals.filter(~pl.col("position").is_in(inflow_refused)))


def _columns(frame: pl.DataFrame, currency: str) -> dict[str, pl.Expr]:
    """The kind's columns from the read ones."""
    nothing = pl.lit(0, dtype=MONEY)
    amount = pl.col("in").fill_null(nothing) - pl.col("out").fill_null(nothing)
    other_account = pl.col("Payee").str.extract(_TRANSFER)
    kind = (
        pl.when(other_account.is_not_null())
        .then(pl.lit("transfer"))
        .when(pl.col("Payee") == "Starting Balance")
        .then(pl.lit("opening_balance"))
        .when((pl.col("Category Group") == "Inflow") & pl.col("Category").is_in(_INCOME_CATEGORIES))
        .then(pl.lit("income"))
        .when(amount > 0)
        .then(pl.lit("income"))
        .otherwise(pl.lit("expense"))
    )
    return {
        "account_id": pl.col("account_id"),
        "entry_date": pl.col("entry_date"),
        "entry_kind": kind,
        "entry_amount": amount,
        "currency_code": pl.lit(currency),
        "category_group": pl.col("Category Group"),
        "category_name": pl.col("Category"),
        "payee_name": pl.col("Payee"),
        "transfer_account": other_account,
        "note": pl.col("Memo").str.replace(_SPLIT, "").replace("", None),
        "cleared_status": pl.col("Cleared") if "Cleared" in frame.columns else pl.lit(None),
        "extra": json_of(_left_over(frame)),
    }


def _left_over(frame: pl.DataFrame) -> dict[str, pl.Expr]:
    """What has no column of its own: the flag, a split's number, a group and category that contradict the others."""
    read = {"account_id", "entry_date", "out", "in", "row_no"}
    cells = {name: pl.col(name) for name in frame.columns if name not in _KNOWN | read and frame[name].count()}
    cells["split"] = pl.col("Memo").str.extract(_SPLIT)
    if _BOTH in frame.columns:
        joined = pl.concat_str("Category Group", pl.lit(": "), "Category")
        cells[_BOTH] = pl.when(pl.col(_BOTH) != joined.fill_null("")).then(_BOTH)
    return {name.lower() if name == "Flag" else name: cell for name, cell in cells.items()}


FORMAT = YnabRegisterFormat()
