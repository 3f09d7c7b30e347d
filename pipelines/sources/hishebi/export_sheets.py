"""What the sheets of Hishebi's workbook mean: which headings they have and which columns of a kind these become.

The workbook's layout is our reading. Put here the sheets. Keep out how a workbook is opened (`workbook`) and what comes
of all its sheets together (`export_book`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from pipelines.sources.date_text import DateOrder, parse_days, parse_instants
from pipelines.sources.hishebi.ledger import SIGNS
from pipelines.sources.kind_frames import currency_codes, required_text
from pipelines.sources.money_text import DecimalMark, parse_money
from pipelines.sources.parsed_column import ParsedColumn, all_read
from warehouse.kinds import RecordKind
from warehouse.planning_kinds import CASH_COUNTS, DEBTS, NOTES, SAVINGS_GOALS
from warehouse.property_kinds import RENT_CHARGES, RENT_PAYMENTS
from warehouse.record_kinds import LEDGER_ENTRIES

Parser = Callable[[pl.Series], ParsedColumn]
_MONTH = r"^([0-9]{4}-[0-9]{2})$"


def text(cells: pl.Series) -> ParsedColumn:
    """Text as it stands; empty text is nothing."""
    return all_read(cells.replace("", None))


def named(what: str) -> Parser:
    """Text that must be there."""
    return lambda cells: required_text(cells, what)


def amount(what: str, *, is_required: bool = False, is_signed: bool = True) -> Parser:
    """An amount of money; one that is not `is_signed` may have no minus sign."""

    def parse(cells: pl.Series) -> ParsedColumn:
        read = parse_money(cells, DecimalMark.POINT)
        if not is_signed:
            read = _refusing(read, read.values < 0, f"the {what} has a minus sign", "write it without one")
        return read.requiring(what) if is_required else read

    return parse


def day(what: str, *, is_required: bool = False) -> Parser:
    """A day, with or without a time behind it."""

    def parse(cells: pl.Series) -> ParsedColumn:
        read = parse_days(cells, DateOrder.DAY_FIRST)
        return read.requiring(what) if is_required else read

    return parse


def month(cells: pl.Series) -> ParsedColumn:
    """A month written as 2026-05, as its first day."""
    read = parse_days(cells.str.replace(_MONTH, "${1}-01"), DateOrder.DAY_FIRST)
    return ParsedColumn(read.values.dt.truncate("1mo"), read.refusals)


def instant(cells: pl.Series) -> ParsedColumn:
    """An instant with its offset; a time without one names none."""
    has_zone = cells.str.contains(r"(Z|[+-][0-9]{2}:?[0-9]{2})$").fill_null(value=False)
    return parse_instants(cells.zip_with(has_zone, pl.Series([None], dtype=pl.String)))


def pieces(cells: pl.Series) -> ParsedColumn:
    """How many notes or coins."""
    read = parse_money(cells, DecimalMark.POINT)
    wrong = (read.values < 0) | (read.values != read.values.round(0))
    read = _refusing(read, wrong, "the pieces are not a whole number", "correct it and import the file again")
    return ParsedColumn(read.values.cast(pl.Int64), read.refusals)


def one_of(what: str, words: tuple[str, ...]) -> Parser:
    """One of a few words."""

    def parse(cells: pl.Series) -> ParsedColumn:
        read = all_read(cells.str.strip_chars().str.to_lowercase().replace("", None))
        reason = f"the {what} is none of {', '.join(words)}"
        return _refusing(read, ~read.values.is_in(words), reason, "export the file again").requiring(what)

    return parse


def _refusing(read: ParsedColumn, wrong: pl.Series, reason: str, cure: str) -> ParsedColumn:
    """The column with these cells refused as well."""
    found = wrong.fill_null(value=False)
    if not found.any():
        return read
    places = found.arg_true().cast(pl.UInt32).alias("position").to_frame()
    refusals = places.with_columns(reason=pl.lit(reason), cure=pl.lit(cure))
    values = read.values.zip_with(~found, pl.Series([None], dtype=read.values.dtype))
    return ParsedColumn(values, pl.concat([read.refusals, refusals]).sort("position"))


@dataclass(frozen=True, slots=True)
class SheetForm:
    """A sheet.

    Attributes:
        kind: The record kind of its rows.
        read: Under the name a value has, its heading and how it is read; a heading the sheet lacks reads as empty.
        made: Columns of the kind that are made of these values; the others are the values of their own name.
        only_read: Values that are no column of the kind by themselves.
    """

    kind: RecordKind
    read: Mapping[str, tuple[str, Parser]]
    made: Mapping[str, pl.Expr] = field(default_factory=dict)
    only_read: frozenset[str] = frozenset()


_CURRENCY: tuple[str, Parser] = ("Currency", lambda cells: currency_codes(cells).requiring("currency"))
_ID: tuple[str, Parser] = ("Id", named("id"))
_NOTE: tuple[str, Parser] = ("Note", text)
_RENT: Mapping[str, tuple[str, Parser]] = {
    "record_id": _ID,
    "property_id": ("Property", named("property")),
    "unit": ("Unit", text),
    "tenant": ("Tenant", named("tenant")),
    "period_date": ("Month", month),
    "currency_code": _CURRENCY,
    "note": _NOTE,
}
UNIT_ID = pl.concat_str("property_id", "unit", separator="/")
"""A unit's id: the workbook has names only. Null where the sheet names no unit."""
TENANCY_ID = pl.concat_str("property_id", "unit", "tenant", separator="/", ignore_nulls=True)
"""A tenancy's id, likewise."""

FORMS: Mapping[str, SheetForm] = {
    "Entries": SheetForm(
        LEDGER_ENTRIES,
        {
            "record_id": _ID,
            "entry_date": ("Date", day("date", is_required=True)),
            "entry_kind": ("Kind", one_of("kind", tuple(SIGNS))),
            "value": ("Amount", amount("amount", is_required=True, is_signed=False)),
            "currency_code": _CURRENCY,
            "category": ("Category", text),
            "subcategory": ("Subcategory", text),
            "counterparty_name": ("Counterparty", text),
            "note": _NOTE,
        },
        {
            "account_id": pl.lit("ledger"),
            "entry_amount": pl.when(pl.col("entry_kind") == "income").then("value").otherwise(-pl.col("value")),
            "category_group": pl.when(pl.col("subcategory").is_not_null()).then("category"),
            "category_name": pl.coalesce("subcategory", "category"),
        },
        frozenset({"value", "category", "subcategory"}),
    ),
    "Debts": SheetForm(
        DEBTS,
        {
            "record_id": _ID,
            "counterparty_name": ("Counterparty", named("counterparty")),
            "debt_direction": ("Direction", one_of("direction", ("borrowed", "lent"))),
            "principal_amount": ("Principal", amount("principal", is_signed=False)),
            "paid_amount": ("Paid", amount("paid sum", is_signed=False)),
            "outstanding_amount": ("Outstanding", amount("outstanding sum", is_required=True, is_signed=False)),
            "currency_code": _CURRENCY,
            "start_date": ("Start date", day("start date")),
            "due_date": ("Due date", day("due date")),
            "debt_status": ("Status", text),
            "note": _NOTE,
        },
    ),
    "Goals": SheetForm(
        SAVINGS_GOALS,
        {
            "record_id": _ID,
            "goal_name": ("Name", named("name")),
            "target_amount": ("Target amount", amount("target amount", is_signed=False)),
            "saved_amount": ("Current balance", amount("current balance", is_required=True)),
            "currency_code": _CURRENCY,
            "start_date": ("Start date", day("start date")),
            "target_date": ("Target date", day("target date")),
            "note": _NOTE,
        },
    ),
    "Rent payments": SheetForm(
        RENT_PAYMENTS,
        {
            **_RENT,
            "payment_date": ("Date", day("date", is_required=True)),
            "payment_amount": ("Amount", amount("amount", is_required=True)),
            "payment_method": ("Method", text),
        },
        {"tenancy_id": TENANCY_ID},
        frozenset({"unit", "tenant"}),
    ),
    "Rent dues": SheetForm(
        RENT_CHARGES,
        {
            **_RENT,
            "due_date": ("Due date", day("due date", is_required=True)),
            "charge_kind": ("Kind", one_of("kind", ("rent", "late_fee", "utility", "service", "deposit", "other"))),
            "charge_amount": ("Amount", amount("amount", is_required=True)),
        },
        {"tenancy_id": TENANCY_ID},
        frozenset({"unit", "tenant"}),
    ),
    "Cash counts": SheetForm(
        CASH_COUNTS,
        {
            "record_id": _ID,
            "count_date": ("Counted at", day("day of the count", is_required=True)),
            "counted_at": ("Counted at", instant),
            "till_name": ("Till", text),
            "expected_amount": ("Expected total", amount("expected total")),
            "counted_amount": ("Total", amount("total", is_required=True, is_signed=False)),
            "currency_code": _CURRENCY,
            "note": _NOTE,
        },
        {"session_id": pl.col("record_id"), "line_kind": pl.lit("total")},
    ),
    "Notes": SheetForm(
        NOTES,
        {
            "record_id": _ID,
            "note_text": ("Text", named("text")),
            "noted_at": ("Written at", instant),
            "note_date": ("Written at", day("day it was written")),
            "entry_id": ("Entry id", text),
        },
    ),
}
"""Every sheet by its name."""
