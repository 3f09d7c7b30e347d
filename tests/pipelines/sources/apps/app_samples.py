"""One small table of every app's CSV, in one place: the torture tests try whatever stands here on all of them.

A new format joins with one entry. `row` is one entry of 12.34 as the app writes it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.sources import registry
from pipelines.sources.bank_csv.ledger_csv import LedgerCsvFormat
from pipelines.sources.source import FileFormat

LEDGER_PROFILE = """
title = "Book"
family = "ledger"
[columns]
booked_date = "Day"
amount = "Sum"
account = "Purse"
payee = "Who"
category = "What"
currency = "Ccy"
other = ["Who", "Extra"]
"""


@dataclass(frozen=True)
class Sample:
    """One format's table.

    Attributes:
        source: Name of the format.
        row: The cells of one entry, by column; their order is the header's.
        amount: The column of amounts.
        text: A column of free text.
        kept: The record's column that keeps it.
        date: The column of days, the day being 25 March 2026.
        sign: Of an amount without a minus.
        delimiter: Between cells.
        answers: What the file leaves open whatever it holds.
        repeats: Columns that hold the amount once more.
        by_place: Whether columns are known by their place, so that there can be no others.
    """

    source: str
    row: Mapping[str, str]
    amount: str
    text: str
    kept: str
    date: str
    sign: int = 1
    delimiter: str = ","
    answers: Mapping[str, str] = field(default_factory=dict)
    repeats: tuple[str, ...] = ()
    by_place: bool = False

    @property
    def file_format(self) -> FileFormat:
        """What reads it."""
        if self.source == "ledger_csv":
            return LedgerCsvFormat(self.layouts)
        return registry.file_format(self.source)

    @property
    def layouts(self) -> dict[str, str]:
        """Profiles a person would have in their home."""
        return {"book.toml": LEDGER_PROFILE} if self.source == "ledger_csv" else {}

    def table(self, *changes: Mapping[str, str], end: str = "\n", more: tuple[str, ...] = ()) -> str:
        """The header and one row per change; `more` are columns behind the others, filled by their own names."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator=end)
        writer.writerow([*self.row, *more])
        for change in changes:
            repeated = dict.fromkeys(self.repeats, change.get(self.amount, self.row[self.amount]))
            writer.writerow([*(self.row | dict(change) | repeated).values(), *(f"more {name}" for name in more)])
        return out.getvalue()


USD = {"currency": "USD"}

SAMPLES = (
    Sample(
        "wallet",
        {
            "account": "Cash",
            "category": "Food",
            "currency": "USD",
            "amount": "12.34",
            "ref_currency_amount": "",
            "type": "Expense",
            "payment_type": "Cash",
            "note": "",
            "date": "2026-03-25T13:45:00.000Z",
            "transfer": "false",
            "payee": "",
            "labels": "",
        },
        amount="amount",
        text="note",
        kept="note",
        date="date",
        sign=-1,
        delimiter=";",
    ),
    Sample(
        "ynab_register",
        {
            "Account": "Cash",
            "Flag": "",
            "Date": "25/03/2026",
            "Payee": "",
            "Category Group/Category": "A: B",
            "Category Group": "A",
            "Category": "B",
            "Memo": "",
            "Outflow": "12.34",
            "Inflow": "",
            "Cleared": "",
        },
        amount="Outflow",
        text="Memo",
        kept="note",
        date="Date",
        sign=-1,
        answers=USD,
    ),
    Sample(
        "goodbudget",
        {
            "Date": "03/25/2026",
            "Envelope": "Food",
            "Account": "Cash",
            "Name": "",
            "Notes": "",
            "Amount": "12.34",
            "Status": "",
            "Details": "",
        },
        amount="Amount",
        text="Name",
        kept="payee_name",
        date="Date",
        answers=USD,
    ),
    Sample(
        "spendee",
        {
            "Date": "2026-03-25T17:40:18+00:00",
            "Wallet": "Cash",
            "Type": "Income",
            "Category name": "Food",
            "Amount": "12.34",
            "Currency": "USD",
            "Note": "",
            "Labels": "",
            "Author": "",
        },
        amount="Amount",
        text="Note",
        kept="note",
        date="Date",
    ),
    Sample(
        "money_lover",
        {
            "NO.": "1",
            "CATEGORY": "Food",
            "AMOUNT": "12.34",
            "NOTE": "",
            "WALLET": "Cash",
            "CURRENCY": "USD",
            "DATE": "03/25/2026",
        },
        amount="AMOUNT",
        text="NOTE",
        kept="note",
        date="DATE",
    ),
    Sample(
        "rocket_money",
        {
            "Date": "2026-03-25",
            "Original Date": "2026-03-25",
            "Account Type": "Cash",
            "Account Name": "Cash",
            "Institution Name": "",
            "Name": "",
            "Custom Name": "",
            "Amount": "12.34",
            "Description": "",
            "Category": "Food",
            "Note": "",
            "Ignored From": "",
            "Tax Deductible": "",
        },
        amount="Amount",
        text="Note",
        kept="note",
        date="Date",
        sign=-1,
        answers=USD,
    ),
    Sample(
        "mint",
        {
            "Date": "3/25/2026",
            "Description": "",
            "Original Description": "",
            "Amount": "12.34",
            "Transaction Type": "debit",
            "Category": "Food",
            "Account Name": "Cash",
            "Labels": "",
            "Notes": "",
        },
        amount="Amount",
        text="Description",
        kept="payee_name",
        date="Date",
        sign=-1,
        answers=USD,
    ),
    Sample(
        "firefly",
        {
            "user_id": "1",
            "group_id": "1",
            "journal_id": "1",
            "group_title": "",
            "type": "Deposit",
            "currency_code": "USD",
            "amount": "12.34",
            "foreign_currency_code": "",
            "foreign_amount": "",
            "description": "",
            "date": "2026-03-25T00:00:00+01:00",
            "source_name": "P",
            "source_type": "Revenue account",
            "destination_name": "Cash",
            "destination_type": "Asset account",
            "reconciled": "0",
            "category": "",
            "tags": "",
        },
        amount="amount",
        text="description",
        kept="note",
        date="date",
    ),
    Sample(
        "actual",
        {
            "Account": "Cash",
            "Date": "2026-03-25",
            "Payee": "",
            "Notes": "",
            "Category": "Food",
            "Amount": "12.34",
            "Split_Amount": "0",
            "Cleared": "Cleared",
        },
        amount="Amount",
        text="Notes",
        kept="note",
        date="Date",
        answers=USD,
    ),
    Sample(
        "money_manager",
        {
            "Date": "3/25/2026 10:11",
            "Account": "Cash",
            "Category": "Food",
            "Subcategory": "",
            "Note": "",
            "USD": "12.34",
            "Income/Expense": "Expense",
            "Note ": "",
            "Amount": "12.34",
            "Currency": "USD",
            "Account ": "12.34",
        },
        amount="USD",
        text="Note",
        kept="note",
        date="Date",
        sign=-1,
        repeats=("Amount", "Account "),
        by_place=True,
    ),
    Sample(
        "money_manager_import",
        {
            "Date": "2026.03.25",
            "Account": "Cash",
            "Main Category": "Food",
            "Subcategory": "",
            "Contents": "",
            "Amount": "12.34",
            "Income/Expense": "Expense",
            "Details": "",
        },
        amount="Amount",
        text="Contents",
        kept="note",
        date="Date",
        sign=-1,
        delimiter="\t",
        answers=USD,
        by_place=True,
    ),
    Sample(
        "ledger_csv",
        {"Day": "2026-03-25", "Sum": "12.34", "Purse": "Cash", "Who": "", "What": "Food", "Ccy": "USD"},
        amount="Sum",
        text="Who",
        kept="payee_name",
        date="Day",
    ),
)
