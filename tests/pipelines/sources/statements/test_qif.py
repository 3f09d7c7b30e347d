"""QIF: dates without an order, splits, opening balances, accounts named and not."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from file_reading import FIXTURES, WholeFile, asked, decode

from pipelines.sources.source import SourceError
from pipelines.sources.statements.qif import FORMAT

ANSWERS = {"currency": "USD", "account": "Main"}


def fixture(name: str) -> bytes:
    return (FIXTURES / "qif" / name).read_bytes()


def bank(*records: str) -> bytes:
    return "\n".join(["!Type:Bank", *(f"{record}\n^" for record in records)]).encode()


def read(body: bytes, **answers: str) -> WholeFile:
    return decode(FORMAT, body, ANSWERS | answers)


def test_accounts_splits_and_openings_are_read() -> None:
    body = fixture("accounts-splits.qif")
    assert asked(FORMAT, body) == ["currency"]
    whole = decode(FORMAT, body, {"currency": "USD"})
    columns = ("booked_date", "transaction_amount", "payee_name", "bank_category", "bank_reference")
    assert whole.rows("bank_transactions", *columns) == [
        (dt.date(2024, 1, 13), Decimal("-1234.50"), "Rent & more", "Home:Rent", "101"),
        (dt.date(2024, 1, 14), Decimal(20), "قهوة", None, None),
        (dt.date(1999, 12, 31), Decimal(-5), "Boundary", None, None),
    ]
    assert json.loads(whole.frames["bank_transactions"]["extra"][0])["splits"] == [
        {"category": "Home:Rent", "memo": "Flat", "amount": "-1,200.00"},
        {"category": "Home:Water", "amount": "-34.50"},
    ]
    assert json.loads(whole.frames["bank_transactions"]["extra"][1]) == {"transfer_account": "Credit card"}
    assert whole.rows("accounts", "account_name", "account_kind", "currency_code") == [
        ("Current", "current", "USD"),
        ("Credit card", "card", "USD"),
    ]
    assert whole.rows("balances", "balance_kind", "balance_amount", "balance_date") == [
        ("ledger", Decimal(-150), dt.date(2024, 2, 28)),
        ("opening", Decimal(1000), dt.date(2024, 1, 1)),
    ]
    statements = ("opening_amount", "transactions_amount", "transactions_count", "first_date", "last_date")
    assert whole.rows("statements", *statements) == [
        (Decimal(1000), Decimal("-1214.50"), 2, dt.date(2024, 1, 1), dt.date(2024, 1, 14)),
        (None, Decimal(-5), 1, dt.date(1999, 12, 31), dt.date(1999, 12, 31)),
    ]


def test_what_the_file_never_says_is_asked() -> None:
    body = fixture("day-first-comma.qif")
    assert asked(FORMAT, body) == ["currency", "account"]
    whole = read(body)
    assert whole.rows("bank_transactions", "booked_date", "transaction_amount", "payee_name") == [
        (dt.date(2023, 12, 25), Decimal("-1234.56"), "Geschäft"),
        (dt.date(2024, 2, 1), Decimal("0.44"), "Zinsen"),
    ]
    for answers in ({"currency": "USD"}, {"account": "Main"}):
        with pytest.raises(SourceError, match="answer"):
            decode(FORMAT, body, answers)
    assert asked(FORMAT, bank("D01/02/2024\nT1,234")) == ["decimal_mark", "date_order", "currency", "account"]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2/14'2020", "2020-02-14"),
        ("2/14'20", "2020-02-14"),
        ("1/ 1'01", "2001-01-01"),
        (" 1/13/99", "1999-01-13"),
        ("08/27/21", "2021-08-27"),
        ("12-31-2015", "2015-12-31"),
        ("6.12.2015", "2015-06-12"),
        ("2022-09-23", "2022-09-23"),
        ("2022/9/3", "2022-09-03"),
        ("20220923", "2022-09-23"),
    ],
)
def test_days_in_the_ways_programs_write_them(written: str, day: str) -> None:
    whole = read(bank(f"D{written}\nT1.00"), date_order="month-first")
    assert whole.rows("bank_transactions", "booked_date") == [(dt.date.fromisoformat(day),)]


@pytest.mark.parametrize(
    ("record", "column", "reason"),
    [
        ("D2/30'24\nT1.00", "D", "no such day"),
        ("T1.00", "D", "empty"),
        ("D2/3'24\nTfive", "T", "no digits"),
        ("D2/3'24", "T", "empty"),
    ],
)
def test_a_record_that_cannot_be_read_is_set_aside(record: str, column: str, reason: str) -> None:
    whole = read(bank(record, "D12/31'24\nT1.00"))
    assert whole.rejects["column"].to_list() == [column]
    assert reason in whole.rejects["reason"][0]
    assert whole.frames["bank_transactions"].height == 1


def test_the_last_record_needs_no_caret_and_lists_are_no_transactions() -> None:
    body = b"!Type:Cat\nNFood\nT9.00\n^\n" + bank("D12/31'24\nT1.00").removesuffix(b"\n^")
    assert read(body).frames["bank_transactions"]["transaction_amount"].to_list() == [Decimal(1)]


def test_an_opening_balance_names_its_account_and_is_no_transaction() -> None:
    body = bank("D12/31'24\nT7.50\nPOpening Balance\nL[Joint]", "D12/31'24\nT-1.00\nPOpening Balance\nLFees")
    assert asked(FORMAT, body) == ["currency"]
    whole = decode(FORMAT, body, {"currency": "USD"})
    assert whole.rows("accounts", "account_name") == [("Joint",)]
    assert whole.rows("bank_transactions", "transaction_amount") == [(Decimal(-1),)]
    assert whole.rows("statements", "opening_amount") == [(Decimal("7.5"),)]


def test_trades_and_unknown_sections_are_set_aside_with_their_reason() -> None:
    body = b"!Type:Invst\nD1/2'24\nNBuy\nT5.00\n^\nD1/2'24\nNCash\nT6.00\n^\n!Type:Odd\nD1/2'24\nT1.00\n^\n"
    whole = read(body, date_order="month-first")
    assert whole.rows("bank_transactions", "transaction_amount") == [(Decimal(6),)]
    assert whole.rows("accounts", "account_kind") == [("investment",)]
    assert ["securities" in reason or "section" in reason for reason in whole.rejects["reason"]] == [True, True]


def test_a_name_that_is_an_account_number_is_not_shown() -> None:
    body = b"!Account\nNNL91ABNA0417164300\nTBank\n^\n" + bank("D12/31'24\nT1.00")
    whole = decode(FORMAT, body, {"currency": "EUR"})
    everything = "".join(frame.write_csv() for frame in [*whole.frames.values(), whole.rejects])
    assert "0417164300" not in everything
    assert whole.rows("accounts", "masked_number") == [("4300",)]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "empty"),
        (b"!Type:Cat\nNFood\n^\n", "no account and no transaction"),
        (b"!Type:Bank\n" + b"Mx\n" * 20_000, "never ends"),
    ],
)
def test_a_file_without_records_is_refused_in_one_line(body: bytes, message: str) -> None:
    for call in (lambda: asked(FORMAT, body), lambda: read(body)):
        with pytest.raises(SourceError, match=message) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_many_transactions_come_in_stretches_and_sum_to_one_statement() -> None:
    whole = read(bank(*(f"D12/31'24\nT-{n}.25" for n in range(45_000))))
    total = -(sum(range(45_000)) + Decimal("11250.00"))
    assert whole.rows("statements", "transactions_amount", "transactions_count") == [(total, 45_000)]
