"""The YNAB register: signs, order, currency, transfers and splits."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from file_reading import FIXTURES, asked, decode

from pipelines.sources.apps.ynab_register import FORMAT
from pipelines.sources.source import SourceError

HEADER = (
    '"Account","Flag","Date","Payee","Category Group/Category","Category Group","Category","Memo","Outflow",'
    '"Inflow","Cleared"\n'
)


def fixture(name: str) -> bytes:
    return (FIXTURES / "ynab" / name).read_bytes()


def one_row(date: str = "06/13/2026", outflow: str = "$4.50", inflow: str = "$0.00", payee: str = "Shop") -> bytes:
    row = f'"Cash","","{date}","{payee}","Food: Groceries","Food","Groceries","","{outflow}","{inflow}","Cleared"\n'
    return (HEADER + row).encode()


def test_a_register_is_recognised_by_its_columns_with_or_without_a_byte_order_mark() -> None:
    assert FORMAT.sniff(fixture("split.csv"))
    assert FORMAT.sniff(b"\xef\xbb\xbf" + fixture("split.csv"))
    assert not FORMAT.sniff(b"Month,Category Group/Category,Category Group,Category,Assigned,Left\n")


def test_every_row_of_a_month_first_register_becomes_one_signed_entry() -> None:
    whole = decode(FORMAT, fixture("month-first-dollar.csv"), {"currency": "USD"})
    assert whole.rows_read == {"accounts": 2, "ledger_entries": 7, "budgets": 0}
    assert whole.rejects.is_empty()
    assert whole.rows("ledger_entries", "entry_date", "entry_kind", "entry_amount", "transfer_account") == [
        (dt.date(2026, 6, 1), "opening_balance", Decimal("1500.0000"), None),
        (dt.date(2026, 6, 5), "transfer", Decimal("-500.0000"), "Savings (EUR) – 5678"),
        (dt.date(2026, 6, 5), "transfer", Decimal("500.0000"), "Checking (USD) – 1234"),
        (dt.date(2026, 6, 13), "expense", Decimal("-4.5000"), None),
        (dt.date(2026, 6, 13), "expense", Decimal("-4.5000"), None),
        (dt.date(2026, 6, 14), "income", Decimal("2500.0000"), None),
        (dt.date(2026, 6, 15), "expense", Decimal("3.2500"), None),
    ]
    assert whole.rows("ledger_entries", "row_no", "category_group", "category_name", "cleared_status")[3:5] == [
        (5, "Food", "🍔 Eating out", "Uncleared"),
        (6, "Food", "🍔 Eating out", "Uncleared"),
    ]
    assert whole.rows("ledger_entries", "extra")[1] == ('{"flag":"blue"}',)
    assert whole.frames["ledger_entries"]["extra"].null_count() == 6


def test_a_currency_in_an_account_name_does_not_override_the_answer() -> None:
    body = fixture("month-first-dollar.csv")
    assert asked(FORMAT, body) == ["currency"]
    whole = decode(FORMAT, body, {"currency": "CAD"})
    assert set(whole.frames["ledger_entries"]["currency_code"]) == {"CAD"}
    assert whole.rows("accounts", "record_id", "account_name", "account_kind", "currency_code") == [
        ("Checking (USD) – 1234", "Checking (USD) – 1234", "current", "CAD"),
        ("Savings (EUR) – 5678", "Savings (EUR) – 5678", "savings", "CAD"),
    ]


def test_days_come_first_where_the_file_shows_it_and_the_symbol_may_trail() -> None:
    whole = decode(FORMAT, fixture("day-first-trailing-symbol.csv"), {"currency": "CAD"})
    assert whole.rows("ledger_entries", "entry_date", "entry_kind", "entry_amount", "payee_name") == [
        (dt.date(2025, 6, 19), "income", Decimal("1011.8800"), "Paye Arbec"),
        (dt.date(2025, 7, 3), "expense", Decimal("-12.0000"), "Épicerie"),
    ]
    assert whole.rows("accounts", "account_kind") == [("other",)]


def test_each_part_of_a_split_is_an_entry_and_keeps_its_number_aside() -> None:
    body = fixture("split.csv")
    assert asked(FORMAT, body) == ["date_order", "currency"]
    whole = decode(FORMAT, body, {"date_order": "month-first", "currency": "USD"})
    assert whole.rows("ledger_entries", "entry_date", "entry_amount", "note", "category_group") == [
        (dt.date(2024, 11, 2), Decimal("-22.2200"), "Memo 2.1", "Cat group 2.1"),
        (dt.date(2024, 11, 2), Decimal("-33.3300"), "Memo 2.2", "Cat group 2.2"),
    ]
    extras = [json.loads(text) for text in whole.frames["ledger_entries"]["extra"]]
    assert extras == [
        {"flag": "Flag 2", "split": "1/2"},
        {"flag": "Flag 2", "split": "2/2", "Category Group/Category": "Cat group 2.1: Cat 2.1"},
    ]
    day_first = decode(FORMAT, body, {"date_order": "day-first", "currency": "USD"})
    assert set(day_first.frames["ledger_entries"]["entry_date"]) == {dt.date(2024, 2, 11)}


def test_a_sure_symbol_settles_the_currency_and_commas_are_decimal() -> None:
    body = fixture("euro-comma.csv")
    assert asked(FORMAT, body) == []
    whole = decode(FORMAT, body)
    assert whole.rows("ledger_entries", "entry_date", "entry_amount", "currency_code", "payee_name", "note") == [
        (dt.date(2026, 1, 31), Decimal("-1234.5600"), "EUR", "Miete", None),
        (dt.date(2026, 2, 1), Decimal("-7.0000"), "EUR", "বাজার", "চাল ও ডাল"),
    ]


@pytest.mark.parametrize(
    ("outflow", "amount", "currency"),
    [
        ("₹1,23,456.78", "-123456.78", "INR"),
        ("৳১২৩.৪৫", "-123.45", "BDT"),
        ("£0.10", "-0.10", "GBP"),
        ("1 234,56 €", "-1234.56", "EUR"),
    ],
)
def test_plans_in_other_money_formats_are_read_exactly(outflow: str, amount: str, currency: str) -> None:
    whole = decode(FORMAT, one_row(outflow=outflow, inflow=""))
    assert whole.rows("ledger_entries", "entry_amount", "currency_code") == [(Decimal(amount), currency)]


def test_without_an_answer_an_open_file_is_refused_in_one_line() -> None:
    with pytest.raises(SourceError, match="answer currency"):
        decode(FORMAT, one_row())
    with pytest.raises(SourceError, match="answer date_order"):
        decode(FORMAT, one_row(date="06/05/2026"), {"currency": "USD"})
    with pytest.raises(SourceError, match="three-letter"):
        decode(FORMAT, one_row(), {"currency": "dollars"})


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ({"date": "02/31/2026"}, "Date", "no such day"),
        ({"date": ""}, "Date", "date is empty"),
        ({"outflow": "1e3"}, "Outflow", "scientific"),
        ({"inflow": "$1,2,3"}, "Inflow", "separators"),
        ({"outflow": "", "inflow": ""}, "Outflow", "amount is empty"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_with_its_column(row: dict[str, str], column: str, reason: str) -> None:
    body = one_row(date="06/14/2026") + one_row(**row).removeprefix(HEADER.encode())
    whole = decode(FORMAT, body, {"currency": "USD"})
    assert whole.frames["ledger_entries"].height == 1
    ((kind, row_no, found_column, given_reason, cure),) = whole.rejects.select(
        "kind", "row_no", "column", "reason", "cure"
    ).rows()
    assert (kind, row_no, found_column) == ("ledger_entries", 3, column)
    assert reason in given_reason
    assert cure


def test_reading_again_gives_the_same_identity_for_equal_purchases() -> None:
    batches = [
        d.batches[0] for d in FORMAT.read((FIXTURES / "ynab/month-first-dollar.csv").open("rb"), {"currency": "USD"})
    ]
    identity = batches[0].identity
    assert "entry_amount" in identity
    assert not {"category_name", "cleared_status", "extra", "labels"} & set(identity)
    first, second = batches[0].frame.select(identity).rows()[3:5]
    assert first == second


def register(*rows: str) -> list[tuple[object, ...]]:
    """Rows of account, payee, group, category, memo, outflow, inflow; each on 13 June unless it begins with a day."""
    lines = []
    for row in rows:
        day, _, cells = row.rpartition("@")
        account, payee, group, category, memo, outflow, inflow = cells.split("|")
        both = f"{group}: {category}" if group else ""
        lines.append(
            f'"{account}","","{day or "06/13/2026"}","{payee}","{both}","{group}","{category}","{memo}",'
            f'${outflow or "0.00"},${inflow or "0.00"},"Cleared"\n'
        )
    whole = decode(FORMAT, (HEADER + "".join(lines)).encode(), {"currency": "USD"})
    assert whole.rejects.is_empty()
    return whole.rows("ledger_entries", "split_group", "transfer_group", "entry_kind", "entry_amount")


def test_parts_of_a_split_below_each_other_belong_together_and_others_do_not() -> None:
    rows = register(
        "Cash|Shop|Food|Bread|Split (1/2) a|1.00|",
        "Cash|Shop|Food|Milk|Split (2/2) b|2.00|",
        "Cash|Shop|Food|Bread|Split (1/2) a|1.00|",
        "Cash|Shop|Food|Milk|Split (2/2) b|2.00|",
        "Cash|Shop|Food|Milk|Split (3/3)|3.00|",
        "Cash|Shop|Food|Milk|Split (2/3)|3.00|",
        "Cash|Shop|Food|Milk|Split (1/3)|3.00|",
        "Cash|Shop|Food|Milk|Split (1/2)|3.00|",
        "Card|Shop|Food|Milk|Split (2/2)|3.00|",
        "Cash|Shop|Food|Milk|(Split 1/1) YNAB 4|3.00|",
        "Cash|Shop|Food|Milk|Split the bill|3.00|",
    )
    groups = [row[0] for row in rows]
    assert groups[0] == groups[1] is not None
    assert groups[2] == groups[3] not in {None, groups[0]}
    assert groups[4] == groups[5] == groups[6] is not None
    assert groups[7:9] == [None, None]
    assert groups[9] is not None
    assert groups[10] is None


def test_the_group_of_a_split_is_the_same_in_a_longer_export() -> None:
    split = ("Cash|Shop|Food|Bread|Split (1/2) a|1.00|", "Cash|Shop|Food|Milk|Split (2/2) b|2.00|")
    alone, later = register(*split), register("Cash|Shop|Food|Bread||9.00|", *split)
    assert [row[0] for row in alone] == [row[0] for row in later[1:]]


def test_legs_of_a_transfer_share_a_group_where_there_is_exactly_one_partner() -> None:
    rows = register(
        "Cash|Transfer : Bank||||5.00|",
        "Bank|Transfer : Cash|||||5.00",
        "Cash|Transfer : Bank||||7.00|",
        "Cash|Transfer : Bank||||7.00|",
        "Bank|Transfer : Cash|||||7.00",
        "Bank|Transfer : Cash|||||7.00",
        "Cash|Transfer : Card||||8.00|",
        "06/14/2026@Card|Transfer : Cash|||||8.00",
        "Cash|Transfer : Loan|Home|House||9.00|",
        "Loan|Transfer : Cash|||||9.00",
        "Cash|Transfer : Bank||||1.00|",
        "Bank|Transfer : Cash||||1.00|",
    )
    groups = [row[1] for row in rows]
    assert groups[0] == groups[1] is not None
    assert groups[2:8] == [None] * 6
    assert groups[8] == groups[9] is not None
    assert groups[10:] == [None, None]
    assert {row[2] for row in rows} == {"transfer"}


def test_income_and_expense_are_what_the_reports_of_ynab_show() -> None:
    rows = register(
        "Bank|Starting Balance|Inflow|Ready to Assign|||100.00",
        "Bank|Employer|Inflow|Ready to Assign|||2000.00",
        "Bank|Reconciliation Balance Adjustment|Inflow|Ready to Assign||3.00|",
        "Bank|Shop|Food|Bread||50.00|",
        "Bank|Shop|Food|Bread|money back||20.00",
        "Bank|Transfer : Cash||||40.00|",
        "Cash|Transfer : Bank|||||40.00",
        "Cash|Somebody|||||6.00",
        "Cash|Somebody||||4.00|",
    )
    totals: dict[str, Decimal] = {}
    for _, _, kind, amount in rows:
        totals[str(kind)] = totals.get(str(kind), Decimal(0)) + Decimal(str(amount))
    assert totals == {
        "opening_balance": Decimal(100),
        "income": Decimal(2000) - 3 + 6,
        "expense": -Decimal(50) + 20 - 4,
        "transfer": Decimal(0),
    }


def test_a_register_of_ynab_4_is_read_under_its_own_column_names() -> None:
    body = fixture("ynab4.csv")
    assert asked(FORMAT, body) == ["currency"]
    whole = decode(FORMAT, body, {"currency": "USD"})
    assert whole.rejects.is_empty()
    names = ("entry_date", "entry_kind", "entry_amount", "category_group", "category_name", "cleared_status", "note")
    assert whole.rows("ledger_entries", *names) == [
        (dt.date(2015, 3, 1), "income", Decimal("1500.0000"), "Income", "Available this month", "R", None),
        (dt.date(2015, 3, 14), "expense", Decimal("-4.5000"), "Food", "Dining", "C", "coffee"),
        (dt.date(2015, 3, 15), "expense", Decimal("-2.0000"), "Food", "Dining", "U", "one"),
        (dt.date(2015, 3, 15), "expense", Decimal("-3.0000"), "Food", "Groceries", "U", "two"),
    ]
    assert len(set(whole.frames["ledger_entries"]["split_group"].drop_nulls())) == 1
    assert json.loads(whole.rows("ledger_entries", "extra")[1][0]) == {
        "Check Number": "7",
        "Running Balance": "1495.50",
    }
