"""Money Manager's tables: columns by place, types, transfers once per account, other currencies, the import table."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections import Counter
from decimal import Decimal

import polars as pl
import pytest
from file_reading import FIXTURES, WholeFile, asked, decode
from hypothesis import given
from hypothesis import strategies as st
from workbooks import Cell, workbook

from pipelines.sources.apps import money_manager, money_manager_import
from pipelines.sources.recognising import readable, recognised

FORMAT = money_manager.FORMAT
TEMPLATE = money_manager_import.FORMAT
HEADER = "Date,Account,Category,Subcategory,Note,BDT,Income/Expense,Description,Amount,Currency,Account\n"


def fixture(name: str) -> bytes:
    return (FIXTURES / "money_manager" / name).read_bytes()


def rows(*lines: str) -> bytes:
    return (HEADER + "".join(f"{line}\n" for line in lines)).encode()


def balances(whole: WholeFile) -> dict[str, Decimal]:
    frame = whole.frames["ledger_entries"]
    return dict(frame.group_by("account_id").agg(pl.col("entry_amount").sum()).rows())


def test_the_export_with_doubled_headers_is_read_by_place() -> None:
    body = fixture("doubled-headers.csv")
    assert FORMAT.sniff(body)
    assert asked(FORMAT, body) == []
    whole = decode(FORMAT, body)
    columns = ("account_id", "entry_date", "entry_kind", "entry_amount", "currency_code", "category_group")
    assert whole.rows("ledger_entries", *columns, "category_name", "note") == [
        ("CUB - online payment", dt.date(2022, 3, 2), "expense", Decimal(-50), "INR", None, "🍜 Food", "Brownie"),
        ("CUB - online payment", dt.date(2022, 3, 14), "expense", Decimal("-123456.78"), "INR", "Food", "Dinner", "ভাত"),
        ("Salary Account", dt.date(2022, 3, 15), "income", Decimal(8246), "INR", None, "Salary", None),
    ]
    assert json.loads(whole.frames["ledger_entries"]["extra"][1]) == {
        "date": "3/14/2022 19:50",
        "description": "with family",
    }


def test_both_rows_of_a_transfer_are_its_legs_and_a_lone_row_gives_two() -> None:
    whole = decode(FORMAT, fixture("transfers.tsv"))
    assert whole.rejects.is_empty()
    assert sorted(
        whole.rows("ledger_entries", "row_no", "account_id", "entry_kind", "entry_amount", "transfer_account")
    ) == [
        (2, "Bank", "adjustment", Decimal(1000), None),
        (3, "Bank", "transfer", Decimal(-100), "Wallet"),
        (4, "Wallet", "transfer", Decimal(100), "Bank"),
        (5, "Cash", "expense", Decimal("-12.5"), None),
        (6, "Bank", "transfer", Decimal(-200), "Cash"),
        (6, "Cash", "transfer", Decimal(200), "Bank"),
    ]
    assert whole.rows_read["ledger_entries"] == 6
    groups = Counter(whole.frames["ledger_entries"]["transfer_group"].drop_nulls())
    assert list(groups.values()) == [2, 2]
    assert balances(whole) == {"Bank": Decimal(700), "Wallet": Decimal(100), "Cash": Decimal("187.5")}


def test_what_was_paid_in_another_currency_is_kept_beside_the_converted_amount() -> None:
    whole = decode(FORMAT, fixture("transfers.tsv"))
    (row,) = whole.frames["ledger_entries"].filter(pl.col("row_no") == 5).to_dicts()
    assert (row["entry_amount"], row["currency_code"]) == (Decimal("-12.5"), "GBP")
    assert (row["original_amount"], row["original_currency_code"]) == (Decimal(-15), "EUR")


def test_a_made_leg_is_the_very_row_another_export_would_have() -> None:
    out = "13/09/2026 10:00:00,Bank,Cash,,ATM,200,Transfer-Out,,200,BDT,200"
    back = "13/09/2026 10:00:00,Cash,Bank,,ATM,200,Transfer-In,,200,BDT,200"
    identity = ("account_id", "entry_date", "entry_amount", "currency_code", "note", "transfer_group")
    found = [
        sorted(decode(FORMAT, rows(*some)).rows("ledger_entries", *identity)) for some in ([out], [back], [out, back])
    ]
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 2


def test_a_transfer_between_currencies_is_paired_by_its_moment() -> None:
    out = "13/09/2026 10:00:00,Bank,Wise,,FX,110.00,Transfer-Out,,110.00,BDT,110"
    back = "13/09/2026 10:00:00,Wise,Bank,,FX,109.85,Transfer-In,,1.00,USD,1"
    whole = decode(FORMAT, rows(out, back))
    assert sorted(whole.rows("ledger_entries", "account_id", "entry_amount", "transfer_account")) == [
        ("Bank", Decimal(-110), "Wise"),
        ("Wise", Decimal("109.85"), "Bank"),
    ]
    assert whole.rows_read["ledger_entries"] == 2


@pytest.mark.parametrize(
    ("word", "kind", "amount"),
    [
        ("Expense", "expense", -5),
        ("Exp.", "expense", -5),
        ("Income", "income", 5),
        ("지출", "expense", -5),
        ("収入", "income", 5),
        ("Gasto", "expense", -5),
        ("Income Balance", "adjustment", 5),
        ("Expense Balance", "adjustment", -5),
        ("Transfer-In", "transfer", 5),
        ("Transfer out", "transfer", -5),
    ],
)
def test_the_type_gives_the_sign(word: str, kind: str, amount: int) -> None:
    whole = decode(FORMAT, rows(f"13/09/2026,A,,,n,5,{word},,5,BDT,5"))
    assert whole.rows("ledger_entries", "entry_kind", "entry_amount") == [(kind, Decimal(amount))]


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("13/09/2026,A,F,,n,5,Splurge,,5,BDT,5", "type", "no word for income"),
        ("13/09/2026,A,F,,n,5,,,5,BDT,5", "type", "no word for income"),
        ("13/09/2026,,F,,n,5,Expense,,5,BDT,5", "account", "the account is empty"),
        ("13/09/2026,A,F,,n,,Expense,,5,BDT,5", "main_amount", "the amount is empty"),
        (",A,F,,n,5,Expense,,5,BDT,5", "date", "the date is empty"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside(line: str, column: str, reason: str) -> None:
    whole = decode(FORMAT, rows("13/09/2026,A,F,,n,5,Expense,,5,BDT,5", line))
    ((row_no, found, why),) = whole.rejects.select("row_no", "column", "reason").rows()
    assert (row_no, found) == (3, column)
    assert reason in why


def test_headers_of_any_language_are_known_by_their_shape() -> None:
    korean = (
        "기간,자산,분류,소분류,내용,KRW,수입/지출,메모,금액,화폐,자산\n"
        "2026-10-03,현금,식비,,김밥,7400,지출,,7400,KRW,7400\n"
    )
    assert FORMAT.sniff(korean.encode())
    assert decode(FORMAT, korean.encode()).rows("ledger_entries", "account_id", "entry_amount", "currency_code") == [
        ("현금", Decimal(-7400), "KRW")
    ]
    ten = HEADER.rpartition(",")[0] + "\n13/09/2026 8:00 PM,A,F,,n,5,Expense,,5,BDT\n"
    assert FORMAT.sniff(ten.encode())
    assert decode(FORMAT, ten.encode()).rows("ledger_entries", "entry_date") == [(dt.date(2026, 9, 13),)]
    assert not FORMAT.sniff(b"a,b,c,d,e,f,g,h,i,j,k\n")


def test_a_header_that_names_no_currency_asks_for_it() -> None:
    body = rows("13/09/2026,A,F,,n,5,Expense,,5,BDT,5").replace(b",BDT,Inc", b",Total,Inc")
    assert FORMAT.sniff(body)
    assert asked(FORMAT, body) == ["currency"]
    assert decode(FORMAT, body, {"currency": "BDT"}).rows("ledger_entries", "currency_code") == [("BDT",)]


def test_a_workbook_with_days_as_numbers_reads_alike() -> None:
    moment = dt.datetime.fromisoformat("2026-09-13T10:15:00")
    sheet: list[list[Cell]] = [
        [*HEADER.strip().split(",")],
        [moment, "Cash", "Food", None, "rice", 50.25, "Expense", None, 50.25, "BDT", 50.25],
        [46278.5, "Cash", "Salary", None, None, 100, "Income", None, 100, "BDT", 100],
    ]
    raw = workbook({"Sheet1": sheet})
    file = recognised(io.BytesIO(raw), {})
    assert (file.file_format.source, file.questions()) == ("money_manager", [])
    whole = decode(file.file_format, readable(io.BytesIO(raw), file.layout.settled))
    assert whole.rows("ledger_entries", "entry_date", "entry_amount") == [
        (dt.date(2026, 9, 13), Decimal("-50.25")),
        (dt.date(2026, 9, 13), Decimal(100)),
    ]


def test_the_import_table_in_utf16_with_short_years() -> None:
    text = (
        "Date\tAccount\tMain Category\tSub category\tContents\tAmount\tIncome/Expense\tDetails\n"
        "20.08.09\tCash\tFood\tLunch\tBiryani\t250\tExpenses\twith Karim\n"
        "2020.08.10\tBank\tCash\t\tATM\t1000\tTransfer-Out\t\n"
    )
    body = text.encode("utf-16")
    assert TEMPLATE.sniff(body)
    assert not FORMAT.sniff(body)
    assert asked(TEMPLATE, body) == ["currency"]
    whole = decode(TEMPLATE, body, {"currency": "BDT"})
    columns = ("account_id", "entry_date", "entry_amount", "category_group", "category_name", "transfer_account")
    assert sorted(whole.rows("ledger_entries", *columns), key=str) == [
        ("Bank", dt.date(2020, 8, 10), Decimal(-1000), None, None, "Cash"),
        ("Cash", dt.date(2020, 8, 10), Decimal(1000), None, None, "Bank"),
        ("Cash", dt.date(2020, 8, 9), Decimal(-250), "Food", "Lunch", None),
    ]


accounts = st.sampled_from(["Cash", "Bank", "🏦 ব্যাংক"])
movements = st.tuples(
    accounts, accounts, st.integers(1, 10**7), st.sampled_from(["both", "out", "in", "Expense", "Income"])
)


@given(st.lists(movements, min_size=1, max_size=25))
def test_every_movement_counts_once_per_account(moves: list[tuple[str, str, int, str]]) -> None:
    lines, wanted = [], Counter[str]()
    for minute, (one, two, cents, what) in enumerate(moves):
        if one == two and what not in {"Expense", "Income"}:
            continue
        amount, when = Decimal(cents).scaleb(-2), f"13/09/2026 {minute // 60:02}:{minute % 60:02}:00"
        ends = f"{amount},BDT,{amount}"
        if what in {"both", "out"}:
            lines.append(f"{when},{one},{two},,m,{amount},Transfer-Out,,{ends}")
        if what in {"both", "in"}:
            lines.append(f"{when},{two},{one},,m,{amount},Transfer-In,,{ends}")
        if what in {"Expense", "Income"}:
            lines.append(f"{when},{one},c,,m,{amount},{what},,{ends}")
            wanted[one] += cents if what == "Income" else -cents
        else:
            wanted[one] -= cents
            wanted[two] += cents
    if not lines:
        return
    whole = decode(FORMAT, rows(*lines), {"decimal_mark": "point"})
    found = {name: int(value * 100) for name, value in balances(whole).items()}
    assert {name: cents for name, cents in found.items() if cents} == {n: c for n, c in wanted.items() if c}
    transfers = whole.frames["ledger_entries"].filter(pl.col("entry_kind") == "transfer")
    assert transfers["entry_amount"].sum() == 0
