"""A person's books of a span as a file: which sheets there are and what stands in them. All of it is our reading."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from pipelines.sandbox.hishebi.cash_counts import DENOMINATIONS
from pipelines.sandbox.hishebi.household import Household
from pipelines.sandbox.hishebi.pdf import pdf_of
from pipelines.sandbox.hishebi.sheets import Sheet
from pipelines.sandbox.hishebi.story import CURRENCY
from pipelines.sandbox.hishebi.town import Town
from pipelines.sandbox.hishebi.xlsx import xlsx_of

Wire = dict[str, object]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"


def exported(town: Town, user_id: str, kind: str, first: dt.date, last: dt.date) -> tuple[bytes, str]:
    """The file and its media type; `kind` is xlsx or pdf."""
    sheets = list(_sheets(town, user_id, first, last))
    if kind == "xlsx":
        return xlsx_of(sheets, town.today), XLSX
    return pdf_of(sheets, f"Hishebi Online, {first} to {last}"), PDF


def _sheets(town: Town, user_id: str, first: dt.date, last: dt.date) -> Iterator[Sheet]:
    household = town.household(user_id)
    yield _sheet("Entries", _ENTRIES, household.entries(first, last))
    yield _sheet("Debts", _DEBTS, household.debts())
    yield _sheet("Goals", _GOALS, household.goals())
    yield _sheet("Rent payments", _PAYMENTS, _of_houses(household, first, last, "payments"))
    yield _sheet("Rent dues", _DUES, _of_houses(household, first, last, "dues"))
    yield _sheet("Cash counts", _COUNTS, [_counted(count) for count in household.cash_counts(first, last)])
    yield _sheet("Notes", _NOTES, town.notes(user_id, first, last))


_ENTRIES = {
    "Date": "date",
    "Kind": "kind",
    "Category": "category",
    "Subcategory": "subcategory",
    "Counterparty": "counterparty",
    "Amount": "amount",
    "Currency": "currency",
    "Note": "note",
    "Id": "id",
}
_DEBTS = {
    "Counterparty": "counterparty",
    "Direction": "direction",
    "Principal": "principal",
    "Paid": "paid",
    "Outstanding": "outstanding",
    "Currency": "currency",
    "Start date": "start_date",
    "Due date": "due_date",
    "Status": "status",
    "Note": "note",
    "Id": "id",
}
_GOALS = {
    "Name": "name",
    "Target amount": "target_amount",
    "Current balance": "current_balance",
    "Currency": "currency",
    "Target date": "target_date",
    "Start date": "start_date",
    "Note": "note",
    "Id": "id",
}
_RENT = {"Property": "property", "Unit": "unit", "Tenant": "tenant", "Month": "month", "Amount": "amount"}
_PAYMENTS = {"Date": "date", **_RENT, "Currency": "currency", "Method": "method", "Note": "note", "Id": "id"}
_DUES = {"Due date": "due_date", **_RENT, "Currency": "currency", "Kind": "kind", "Note": "note", "Id": "id"}
_COUNTS = {
    "Counted at": "counted_at",
    "Till": "till",
    "Expected total": "expected_total",
    "Total": "total",
    "Cash": "cash",
    **{str(value): str(value) for value in DENOMINATIONS},
    "Currency": "currency",
    "Note": "note",
    "Id": "id",
}
_NOTES = {"Written at": "created_at", "Text": "text", "Entry id": "entry_id", "Id": "id"}


def _sheet(name: str, columns: dict[str, str], rows: Sequence[Wire]) -> Sheet:
    leading = next(iter(columns.values()))
    ordered = sorted(rows, key=lambda row: (str(row[leading]), str(row["id"])))
    told = [{"currency": CURRENCY, **row} for row in ordered]
    return Sheet(name, list(columns), [[_cell(field, row.get(field)) for field in columns.values()] for row in told])


def _cell(field: str, value: object) -> object:
    """A day as a date; an instant stays the text it is, since a workbook's cells know no offset."""
    is_day = field == "date" or field.endswith("_date")
    return dt.date.fromisoformat(value) if is_day and isinstance(value, str) else value


def _of_houses(household: Household, first: dt.date, last: dt.date, what: str) -> list[Wire]:
    """Payments or dues of all houses, with names for the ids."""
    found = []
    for house in household.houses():
        units = {unit.unit_id: unit.name for unit in house.units}
        tenancies = {book.tenancy.tenant_id: book.tenancy for book in household.rent_books(house)}
        rows = household.payments(house, first, last) if what == "payments" else household.dues(house, first, last)
        for row in rows:
            tenancy = tenancies[str(row["tenant_id"])]
            found.append({**row, "property": house.name, "unit": units[tenancy.unit_id], "tenant": tenancy.name})
    return found


def _counted(count: Wire) -> Wire:
    pieces = count["denominations"]
    assert isinstance(pieces, list)  # noqa: S101 - told to the type checker
    return {**count, **{str(each["value"]): each["pieces"] for each in pieces}}
