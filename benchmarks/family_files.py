"""The entries as a CSV of each family of apps, and how a bare COPY of the same file is typed.

Columns are written as each app writes them; files that name no currency hold the same numbers all in one. Put here
what a family's file looks like; how it is measured stands in `benchmarks.cases.families`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.entries import Scale, entries_sql

_MONEY = "decimal(18, 4)"
_ACCOUNT = "printf('P%06d %s', party_no, account_name)"
_DAY = "strftime(entry_date, '%Y-%m-%d')"
_US_DAY = "strftime(entry_date, '%m/%d/%Y')"
_NOTE, _PAYEE, _LABELS = (f"nullif({name}, '')" for name in ("note", "payee_name", "labels"))
_OTHER_ACCOUNT = "printf('P%06d %s', party_no, case when account_name = 'Cash' then 'Bank' else 'Cash' end)"


@dataclass(frozen=True, slots=True)
class Family:
    """The CSV of one app.

    Attributes:
        columns: By header, an expression over the entries and the type a bare COPY gives it.
        signed: The signed amount of an entry, over the copied columns.
        delimiter: Between cells.
        date_format: How its days are written, where not as ISO 8601.
        asks_currency: Whether the file names none.
        legs: Entries a copied row stands for.
    """

    columns: Mapping[str, tuple[str, str]]
    signed: str
    delimiter: str = ","
    date_format: str = ""
    asks_currency: bool = False
    legs: str = "1"

    @property
    def table(self) -> str:
        """Columns of the table a bare COPY fills."""
        return ", ".join(f'"{name}" {kind}' for name, (_, kind) in self.columns.items())

    @property
    def options(self) -> str:
        """How COPY reads and writes the file."""
        dated = f", dateformat '{self.date_format}'" if self.date_format else ""
        return f"(format csv, delimiter '{self.delimiter}', header true{dated})"


def _text(expression: str) -> tuple[str, str]:
    return expression, "varchar"


_WALLET = {
    "account": _text(_ACCOUNT),
    "category": _text("category_name"),
    "currency": _text("currency_code"),
    "amount": ("abs(amount)", _MONEY),
    "ref_currency_amount": ("abs(amount)", _MONEY),
    "type": _text("case when amount > 0 then 'Income' else 'Expense' end"),
    "payment_type": _text("'Cash'"),
    "note": _text(_NOTE),
    "date": ("strftime(entry_at, '%Y-%m-%dT%H:%M:%S.000Z')", "timestamp"),
    "transfer": ("case when entry_kind = 'transfer' then 'true' else 'false' end", "boolean"),
    "payee": _text(_PAYEE),
    "labels": _text(_LABELS),
}
_YNAB = {
    "Account": _text(_ACCOUNT),
    "Flag": _text("''"),
    "Date": (_US_DAY, "date"),
    "Payee": _text(f"case when entry_kind = 'transfer' then 'Transfer : ' || {_OTHER_ACCOUNT} else payee_name end"),
    "Category Group/Category": _text("case when entry_kind = 'transfer' then '' else 'All: ' || category_name end"),
    "Category Group": _text("case when entry_kind = 'transfer' then '' else 'All' end"),
    "Category": _text("case when entry_kind = 'transfer' then '' else category_name end"),
    "Memo": _text(_NOTE),
    "Outflow": _text("'$' || greatest(-amount, 0.00)"),
    "Inflow": _text("'$' || greatest(amount, 0.00)"),
    "Cleared": _text("'Cleared'"),
}
_GOODBUDGET = {
    "Date": (_US_DAY, "date"),
    "Envelope": _text("'All: ' || category_name"),
    "Account": _text(_ACCOUNT),
    "Name": _text("coalesce(nullif(payee_name, ''), 'Moved')"),
    "Notes": _text(_NOTE),
    "Amount": ("amount", _MONEY),
    "Status": _text("'CLR'"),
    "Details": _text("''"),
}
_SPENDEE = {
    "Date": ("strftime(entry_at, '%Y-%m-%dT%H:%M:%S+00:00')", "varchar"),
    "Wallet": _text(_ACCOUNT),
    "Type": _text("case when amount > 0 then 'Income' else 'Expense' end"),
    "Category name": _text("category_name"),
    "Amount": ("amount::decimal(18, 8)", "decimal(18, 8)"),
    "Currency": _text("currency_code"),
    "Note": _text(_NOTE),
    "Labels": _text(_LABELS),
    "Author": _text("'Amina'"),
}
_MONEY_LOVER = {
    "Id": ("entry_no + 1", "bigint"),
    "Date": ("strftime(entry_date, '%d/%m/%Y')", "date"),
    "Category": _text("category_name"),
    "Amount": ("amount", _MONEY),
    "Currency": _text("currency_code"),
    "Note": _text(_NOTE),
    "Wallet": _text(_ACCOUNT),
}
_MONEY_MANAGER = {
    "Period": ("strftime(entry_at, '%m/%d/%Y %H:%M:%S')", "varchar"),
    "Accounts": _text(_ACCOUNT),
    "Category": _text("category_name"),
    "Subcategory": _text("''"),
    "Note": _text(_NOTE),
    "USD": ("abs(amount)", _MONEY),
    "Income/Expense": _text("case when amount > 0 then 'Income' else 'Expense' end"),
    "Description": _text(_PAYEE),
    "Amount": ("abs(amount)", _MONEY),
    "Currency": _text("'USD'"),
}
_ROCKET_MONEY = {
    "Date": (_DAY, "date"),
    "Original Date": (_DAY, "date"),
    "Account Type": _text("'Cash'"),
    "Account Name": _text(_ACCOUNT),
    "Account Number": _text("lpad((party_no % 10000)::varchar, 4, '0')"),
    "Institution Name": _text("'Sample Bank'"),
    "Name": _text(_PAYEE),
    "Custom Name": _text("''"),
    "Amount": ("-amount", _MONEY),
    "Description": _text("upper(payee_name)"),
    "Category": _text("case when entry_kind = 'transfer' then 'Internal Transfers' else category_name end"),
    "Note": _text(_NOTE),
    "Ignored From": _text("''"),
    "Tax Deductible": _text("''"),
    "Transaction Tags": _text(_LABELS),
}
_MINT = {
    "Date": ("strftime(entry_date, '%-m/%-d/%Y')", "date"),
    "Description": _text(_PAYEE),
    "Original Description": _text("upper(payee_name)"),
    "Amount": ("abs(amount)", _MONEY),
    "Transaction Type": _text("case when amount > 0 then 'credit' else 'debit' end"),
    "Category": _text("case when entry_kind = 'transfer' then 'Transfer' else category_name end"),
    "Account Name": _text(_ACCOUNT),
    "Labels": _text(_LABELS),
    "Notes": _text(_NOTE),
}
_FIREFLY_EMPTY = (
    *("sepa_cc", "sepa_ct_op", "sepa_ct_id", "sepa_db", "sepa_country", "sepa_ep", "sepa_ci", "sepa_batch_id"),
    *("external_url", "interest_date", "book_date", "process_date", "due_date", "payment_date", "invoice_date"),
    *("recurrence_id", "internal_reference", "bunq_payment_id", "import_hash", "import_hash_v2", "external_id"),
    *("original_source", "recurrence_total", "recurrence_count", "recurrence_date"),
)
_FIREFLY = {
    "user_id": _text("1"),
    "group_id": ("entry_no + 1", "bigint"),
    "journal_id": ("entry_no + 1", "bigint"),
    "created_at": _text("strftime(entry_at, '%Y-%m-%dT%H:%M:%S+00:00')"),
    "updated_at": _text("strftime(entry_at, '%Y-%m-%dT%H:%M:%S+00:00')"),
    "group_title": _text("''"),
    "type": _text(
        "case when entry_kind = 'transfer' then 'Transfer' when amount > 0 then 'Deposit' else 'Withdrawal' end"
    ),
    "currency_code": _text("currency_code"),
    "amount": ("case when entry_kind = 'transfer' then abs(amount) else amount end", _MONEY),
    "foreign_currency_code": _text("''"),
    "foreign_amount": _text("''"),
    "primary_currency_code": _text("'BDT'"),
    "pc_amount": _text("''"),
    "pc_foreign_amount": _text("''"),
    "description": _text("coalesce(nullif(note, ''), category_name)"),
    "date": _text("strftime(entry_date, '%Y-%m-%dT00:00:00+06:00')"),
    "source_name": _text(f"case when entry_kind = 'transfer' or amount < 0 then {_ACCOUNT} else 'Employer' end"),
    "source_iban": _text("''"),
    "source_type": _text(
        "case when entry_kind = 'transfer' or amount < 0 then 'Asset account' else 'Revenue account' end"
    ),
    "destination_name": _text(
        f"case when entry_kind = 'transfer' then {_OTHER_ACCOUNT} when amount > 0 then {_ACCOUNT} else payee_name end"
    ),
    "destination_iban": _text("''"),
    "destination_type": _text(
        "case when entry_kind = 'transfer' or amount > 0 then 'Asset account' else 'Expense account' end"
    ),
    "reconciled": _text("'0'"),
    "category": _text("category_name"),
    "budget": _text("''"),
    "bill": _text("''"),
    "tags": _text(_LABELS),
    "notes": _text("''"),
} | dict.fromkeys(_FIREFLY_EMPTY, _text("''"))
_ACTUAL = {
    "Account": _text(_ACCOUNT),
    "Date": (_DAY, "date"),
    "Payee": _text(f"case when entry_kind = 'transfer' then {_OTHER_ACCOUNT} else payee_name end"),
    "Notes": _text(_NOTE),
    "Category_Group": _text("case when entry_kind = 'transfer' then '' else 'All' end"),
    "Category": _text("case when entry_kind = 'transfer' then '' else category_name end"),
    "Amount": ("amount", _MONEY),
    "Split_Amount": ("0", _MONEY),
    "Cleared": _text("'Cleared'"),
}

_BY_TYPE = "case when \"{}\" in ('Income', 'credit') then {} else -{} end"
_YNAB_CELL = "replace(\"{}\", '$', '')::" + _MONEY

FAMILIES: Mapping[str, Family] = {
    "wallet": Family(_WALLET, _BY_TYPE.format("type", "amount", "amount"), delimiter=";"),
    "ynab_register": Family(
        _YNAB,
        f"{_YNAB_CELL.format('Inflow')} - {_YNAB_CELL.format('Outflow')}",
        date_format="%m/%d/%Y",
        asks_currency=True,
    ),
    "goodbudget": Family(_GOODBUDGET, '"Amount"', date_format="%m/%d/%Y", asks_currency=True),
    "spendee": Family(_SPENDEE, '"Amount"'),
    "money_lover": Family(_MONEY_LOVER, '"Amount"', date_format="%d/%m/%Y"),
    "money_manager": Family(_MONEY_MANAGER, _BY_TYPE.format("Income/Expense", '"USD"', '"USD"')),
    "rocket_money": Family(_ROCKET_MONEY, '-"Amount"', asks_currency=True),
    "mint": Family(
        _MINT,
        _BY_TYPE.format("Transaction Type", '"Amount"', '"Amount"'),
        date_format="%m/%d/%Y",
        asks_currency=True,
    ),
    "firefly": Family(
        _FIREFLY,
        "case when type = 'Transfer' then 0 else amount end",
        legs="case when type = 'Transfer' then 2 else 1 end",
    ),
    "actual": Family(_ACTUAL, '"Amount"', asks_currency=True),
}
"""By the name of the source that reads it."""


def write_family_csv(path: Path, family: Family, scale: Scale) -> None:
    """Write the entries as the family's CSV, oldest first, in bounded memory."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".tmp")
    selected = ", ".join(f'{expression} as "{name}"' for name, (expression, _) in family.columns.items())
    with duckdb.connect() as con:
        con.execute("set enable_progress_bar = false")
        # Days are texts by now: only the delimiter and the header matter.
        options = f"(format csv, delimiter '{family.delimiter}', header true)"
        con.execute(f"copy (select {selected} from ({entries_sql(scale)})) to '{fresh}' {options}")
    fresh.replace(path)
