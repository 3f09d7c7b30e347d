"""Wallet by BudgetBakers: both layouts, many languages, transfers."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from file_reading import FIXTURES, asked, decode

from pipelines.sources.apps.account_names import account_kind
from pipelines.sources.apps.wallet import FORMAT
from pipelines.sources.apps.wallet_words import KIND_OF_WORD, plain_word

HEADER = "account;category;currency;amount;ref_currency_amount;type;payment_type;note;date;transfer;payee;labels\n"


def fixture(name: str) -> bytes:
    return (FIXTURES / "wallet" / name).read_bytes()


def web_rows(*rows: str) -> bytes:
    return (HEADER + "".join(f"{row}\n" for row in rows)).encode()


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[misc,arg-type]


def test_both_layouts_are_recognised_by_their_columns() -> None:
    for name in ("web-12-columns.csv", "phone-19-columns.csv", "phone-19-columns-comma.csv"):
        assert FORMAT.sniff(fixture(name))
        assert asked(FORMAT, fixture(name)) == []
    assert not FORMAT.sniff(b"account;amount;date\n")


def test_the_web_layout_takes_the_sign_from_the_type_and_pairs_transfers() -> None:
    whole = decode(FORMAT, fixture("web-12-columns.csv"))
    assert whole.rejects.is_empty()
    assert whole.rows(
        "ledger_entries", "account_id", "entry_kind", "entry_amount", "currency_code", "transfer_account"
    ) == [
        ("Crypto USD", "transfer", Decimal(-2100), "USD", "Wise USD"),
        ("Wise USD", "transfer", Decimal(2100), "USD", "Crypto USD"),
        ("ВТБ Андрей", "transfer", Decimal(-300000), "RUB", None),
        ("Monobank | UAH", "expense", Decimal("-125.5"), "UAH", None),
        ("Monobank | UAH", "income", Decimal(50000), "UAH", None),
        ("Monobank | UAH", "transfer", Decimal(-5000), "UAH", None),
    ]
    assert whole.rows("ledger_entries", "entry_date", "entry_at")[4] == (
        dt.date(2025, 8, 1),
        utc(2025, 8, 1, 22, 30),
    )
    assert whole.rows("ledger_entries", "row_no", "payee_name", "note", "labels", "category_name")[3] == (
        5,
        "Сільпо",
        'milk; "bread" and\neggs',
        "home, weekly",
        "Groceries",
    )
    assert [json.loads(extra) for (extra,) in whole.rows("ledger_entries", "extra")][1:4] == [
        {"payment_type": "Cash", "ref_currency_amount": "87470.2"},
        {"payment_type": "Наличные"},
        {"payment_type": "Debit card"},
    ]
    assert whole.rows("accounts", "row_no", "record_id", "currency_code") == [
        (2, "Crypto USD", "USD"),
        (3, "Wise USD", "USD"),
        (4, "ВТБ Андрей", "RUB"),
        (5, "Monobank | UAH", "UAH"),
    ]


def test_the_phone_layout_is_signed_and_its_local_times_are_no_instants() -> None:
    whole = decode(FORMAT, fixture("phone-19-columns.csv"))
    assert whole.rows("ledger_entries", "entry_date", "entry_at", "entry_kind", "entry_amount", "labels") == [
        (dt.date(2019, 1, 31), None, "expense", Decimal("-13.80"), "Basic - Food"),
        (dt.date(2019, 2, 1), None, "income", Decimal(2500), None),
    ]
    assert json.loads(whole.frames["ledger_entries"]["extra"][0]) == {
        "payment_type": "TRANSFER",
        "payment_type_local": "Bank transfer",
        "warranty_in_month": "0",
        "envelope_id": "1000",
        "custom_category": "false",
        "date": "2019-01-31 02:00:49",
    }


def test_a_decimal_comma_is_found_for_the_whole_file() -> None:
    whole = decode(FORMAT, fixture("phone-19-columns-comma.csv"))
    assert whole.rows("ledger_entries", "entry_date", "entry_amount", "currency_code", "note") == [
        (dt.date(2026, 4, 28), Decimal("-83.83"), "EUR", "Benzina Marzo")
    ]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("Expense", "expense"),
        ("Expenses", "expense"),
        ("Income", "income"),
        ("Spese", "expense"),
        ("Uscita", "expense"),
        ("Entrate", "income"),
        ("Gasto", "expense"),
        ("Ingreso", "income"),
        ("Расход", "expense"),
        ("Доход", "income"),
        ("Ausgabe", "expense"),
        ("Einnahmen", "income"),
        ("Dépense", "expense"),
        ("Revenus", "income"),
        ("Despesa", "expense"),
        ("Receita", "income"),
        ("Wydatek", "expense"),
        ("Przychód", "income"),
        ("Uitgave", "expense"),
        ("Inkomsten", "income"),
        ("Gider", "expense"),
        ("Gelir", "income"),
        ("\u09ac\u09cd\u09af\u09df", "expense"),
        ("\u09ac\u09cd\u09af\u09af\u09bc", "expense"),
        ("আয়", "income"),
        ("مصروف", "expense"),
        ("دخل", "income"),
        (" EXPENSE ", "expense"),
    ],
)
def test_the_type_is_understood_in_the_users_language(word: str, kind: str) -> None:
    whole = decode(FORMAT, web_rows(f"A;c;BDT;10.5;10.5;{word};Cash;;2025-07-31T13:45:00.000Z;false;;"))
    sign = 1 if kind == "income" else -1
    assert whole.rows("ledger_entries", "entry_kind", "entry_amount") == [(kind, sign * Decimal("10.5"))]


def test_no_word_means_both_income_and_expense() -> None:
    assert set(KIND_OF_WORD.values()) == {"income", "expense"}
    assert all(word == plain_word(word) for word in KIND_OF_WORD)


GOOD = "A;c;USD;1.5;1.5;Expense;Cash;;2025-07-31T13:45:00.000Z;false;;"


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("A;c;USD;1.5;1.5;Splurge;Cash;;2025-07-31T13:45:00.000Z;false;;", "type", "no word for income or expense"),
        ("A;c;USD;1.5;1.5;;Cash;;2025-07-31T13:45:00.000Z;false;;", "type", "no word for income or expense"),
        ("A;c;USD;-1.5;1.5;Income;Cash;;2025-07-31T13:45:00.000Z;false;;", "amount", "negative although"),
        ("A;c;USD;1e3;1.5;Income;Cash;;2025-07-31T13:45:00.000Z;false;;", "amount", "scientific"),
        ("A;c;USD;;1.5;Income;Cash;;2025-07-31T13:45:00.000Z;false;;", "amount", "empty"),
        ("A;c;USD;1.5;1.5;Income;Cash;;2025-02-31T13:45:00.000Z;false;;", "date", "no such day"),
        ("A;c;USD;1.5;1.5;Income;Cash;;2025-02-01T25:45:00.000Z;false;;", "date", "not a date"),
        ("A;c;USD;1.5;1.5;Income;Cash;;;false;;", "date", "empty"),
        (";c;USD;1.5;1.5;Income;Cash;;2025-07-31T13:45:00.000Z;false;;", "account", "empty"),
        ("A;c;Taka;1.5;1.5;Income;Cash;;2025-07-31T13:45:00.000Z;false;;", "currency", "three-letter"),
        ("A;c;;1.5;1.5;Income;Cash;;2025-07-31T13:45:00.000Z;false;;", "currency", "empty"),
        ("A;c;USD;1.5;1.5;Income;Cash;;2025-07-31T13:45:00.000Z;maybe;;", "transfer", "neither true nor false"),
        ("A;c;USD;1.5;1.5;Income;Cash;;2025-07-31T13:45:00.000Z", None, "9 cells where the header has 12"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_with_its_column(row: str, column: str | None, reason: str) -> None:
    whole = decode(FORMAT, web_rows(GOOD, row, GOOD))
    assert whole.rows("ledger_entries", "row_no") == [(2,), (4,)]
    ((row_no, found_column, given_reason, cure),) = whole.rejects.select("row_no", "column", "reason", "cure").rows()
    assert (row_no, found_column) == (3, column)
    assert reason in given_reason
    assert cure


def test_a_minus_on_an_expense_is_not_turned_into_income() -> None:
    whole = decode(FORMAT, web_rows(GOOD.replace(";1.5;1.5;", ";-1.5;-1.5;")))
    assert whole.rows("ledger_entries", "entry_amount", "entry_kind") == [(Decimal("-1.5"), "expense")]


def test_a_transfer_with_two_possible_partners_names_none() -> None:
    leg = "{};c;USD;5;5.5;{};Cash;;2025-07-31T13:45:00.000Z;true;;".format
    whole = decode(FORMAT, web_rows(leg("A", "Expense"), leg("B", "Income"), leg("C", "Income")))
    assert whole.frames["ledger_entries"]["transfer_account"].to_list() == [None, None, None]
    both_in = decode(FORMAT, web_rows(leg("A", "Income"), leg("B", "Income")))
    assert both_in.frames["ledger_entries"]["transfer_account"].to_list() == [None, None]


def test_a_transfer_between_currencies_is_paired_by_its_worth() -> None:
    out = "Taka;c;BDT;12000;100.5;Expense;Cash;;2025-07-31T13:45:00.000Z;true;;"
    into = "Dollar;c;USD;100.5;100.5;Income;Cash;;2025-07-31T13:45:00.000Z;true;;"
    whole = decode(FORMAT, web_rows(out, into))
    assert whole.frames["ledger_entries"]["transfer_account"].to_list() == ["Dollar", "Taka"]


def test_an_account_with_entries_in_two_currencies_stays_one_account_without_a_currency() -> None:
    whole = decode(FORMAT, web_rows(GOOD, GOOD.replace("USD", "EUR")))
    assert whole.rows("accounts", "record_id", "currency_code") == [("A", None)]
    assert whole.frames["ledger_entries"]["currency_code"].to_list() == ["USD", "EUR"]


def test_old_exports_with_days_first_are_read_and_open_ones_asked() -> None:
    old = GOOD.replace("2025-07-31T13:45:00.000Z", "{}").format
    assert asked(FORMAT, web_rows(old("31/07/2025 13:45"))) == []
    assert asked(FORMAT, web_rows(old("03/07/2025 13:45"))) == ["date_order"]
    whole = decode(FORMAT, web_rows(old("03/07/2025 13:45")), {"date_order": "day-first"})
    assert whole.rows("ledger_entries", "entry_date", "entry_at") == [(dt.date(2025, 7, 3), None)]


def test_amounts_that_both_marks_can_read_are_asked() -> None:
    body = web_rows(GOOD.replace(";1.5;1.5;", ";1,234;5,678;"))
    assert asked(FORMAT, body) == ["decimal_mark"]
    for answer, amount in (("comma", "-1.234"), ("point", "-1234")):
        whole = decode(FORMAT, body, {"decimal_mark": answer})
        assert whole.frames["ledger_entries"]["entry_amount"].to_list() == [Decimal(amount)]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Cash", "cash"),
        ("নগদ", "cash"),
        ("WealthSimple Cash", "other"),
        ("Savings (EUR) – 5678", "savings"),
        ("Visa Gold", "card"),
        ("Car loan", "loan"),
        ("Savings and loan", "other"),
        ("BBVA", "other"),
    ],
)
def test_an_accounts_kind_is_guessed_only_when_sure(name: str, kind: str) -> None:
    assert account_kind(name) == kind
