"""MT940 and MT942: blocks or none, German, Dutch and bare text, every statement held against its balances."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from file_reading import FIXTURES, WholeFile, asked, decode
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sources.account_numbers import number_key
from pipelines.sources.source import SourceError
from pipelines.sources.statements.mt940 import FORMAT


def fixture(name: str) -> bytes:
    return (FIXTURES / "mt940" / name).read_bytes()


def statement(*lines: str, account: str = "NL91ABNA0417164300", opening: str = "C240101EUR0,") -> bytes:
    return "\r\n".join([":20:A", f":25:{account}", ":28C:1/1", f":60F:{opening}", *lines, "-"]).encode()


def only(whole: WholeFile, *columns: str) -> tuple[object, ...]:
    (row,) = whole.rows("bank_transactions", *columns)
    return row


def extra(whole: WholeFile, row: int = 0) -> dict[str, str]:
    found: dict[str, str] = json.loads(whole.frames["bank_transactions"]["extra"][row])
    return found


def test_a_german_file_is_read_row_by_row() -> None:
    whole = decode(FORMAT, fixture("two-statements-german.sta"))
    assert asked(FORMAT, fixture("two-statements-german.sta")) == []
    assert whole.rejects.is_empty()
    day = dt.date
    assert whole.rows("bank_transactions", "booked_date", "value_date", "transaction_amount", "payee_name") == [
        (day(2024, 1, 2), day(2023, 12, 30), Decimal(-9), "Bäckerei Sonnenschein am Markt"),
        (day(2024, 3, 1), day(2024, 2, 29), Decimal(-6), None),
        (day(2024, 3, 1), day(2024, 3, 1), Decimal("1000.5"), None),
        (day(2024, 3, 1), day(2024, 3, 1), Decimal(-100), "Erika Muster"),
        (day(2024, 3, 2), day(2024, 3, 2), Decimal("4.50"), None),
    ]
    assert whole.rows("bank_transactions", "description", "bank_reference", "original_amount") == [
        ("Kaffee und Kuchen 30.12.", "B-1", None),
        ("Pauschalen 2024-01-01T13:12:11", None, None),
        ("Miete Januar", "B-2", Decimal("1100.75")),
        ("Rueckgabe", "B-3", None),
        (None, None, None),
    ]
    assert extra(whole)["EREF"] == "E-77"
    assert extra(whole)["account"] == "…3000"
    assert extra(whole, 1)["value day as written"] == "240230"


def test_balances_and_statements_are_what_the_file_states() -> None:
    whole = decode(FORMAT, fixture("two-statements-german.sta"))
    assert whole.rows("balances", "balance_kind", "balance_amount", "balance_date") == [
        ("opening", Decimal(1500), dt.date(2023, 12, 29)),
        ("ledger", Decimal(2390), dt.date(2024, 3, 2)),
        ("available", Decimal("2300.10"), dt.date(2024, 3, 2)),
        ("opening", Decimal(-20), dt.date(2024, 3, 1)),
    ]
    columns = ("statement_number", "opening_amount", "transactions_amount", "transactions_count", "closing_amount")
    assert whole.rows("statements", *columns) == [
        ("00012/001", Decimal(1500), Decimal(890), 5, Decimal(2390)),
        ("00003/001", Decimal(-20), Decimal(0), 0, Decimal(-20)),
    ]
    assert whole.rows("accounts", "currency_code", "masked_number", "number_key") == [
        ("EUR", "4567", number_key("DE00123456780001234567")),
        ("EUR", "4321", number_key("DE00123456780007654321")),
    ]


def test_swift_blocks_and_words_between_slashes_are_read() -> None:
    whole = decode(FORMAT, fixture("blocks-dutch-arabic.sta"))
    assert whole.rows("bank_transactions", "payee_name", "description", "transaction_amount", "bank_reference") == [
        ("J. Jansen", "Factuur 2024-17", Decimal("-2500.25"), "24101000001"),
        (None, "راتب شهر أبريل", Decimal("0.75"), "24101000002"),
    ]
    assert extra(whole)["IBAN"] == "…4567"
    assert whole.frames["accounts"]["number_key"].to_list() == [number_key("NL91ABNA0417164300")]


def test_an_interim_report_is_held_against_its_control_sums() -> None:
    whole = decode(FORMAT, fixture("interim-mt942.txt"))
    assert whole.rows("bank_transactions", "transaction_amount", "booking_status", "currency_code") == [
        (Decimal("-12.345"), "booked", "AED"),
        (Decimal(1200), "booked", "AED"),
        (Decimal(5), "pending", "AED"),
    ]
    columns = ("last_date", "stated_debit_amount", "stated_credit_amount", "transactions_amount", "transactions_count")
    assert whole.rows("statements", *columns) == [
        (dt.date(2024, 5, 6), Decimal("12.345"), Decimal(1200), Decimal("1187.655"), 2)
    ]


@pytest.mark.parametrize(
    ("line", "amount", "booked"),
    [
        ("2401020102D9,NMSCNONREF", "-9", "2024-01-02"),
        ("2401020102C,5NMSC", "0.5", "2024-01-02"),
        ("240102DD212,39NMSCNONREF//", "-212.39", "2024-01-02"),
        ("240102    CD0,10NDEF", "0.10", "2024-01-02"),
        ("2401020102RCR204,88NRTINONREF", "-204.88", "2024-01-02"),
        ("2401020102RD1,25NRTI", "1.25", "2024-01-02"),
        ("240102C000000000001,62NTRF", "1.62", "2024-01-02"),
        ("240102D5.40NMSC", "-5.40", "2024-01-02"),
        ("2401021231D1,NMSC", "-1", "2023-12-31"),
        ("2312310102D1,NMSC", "-1", "2024-01-02"),
        ("2402280229D1,NMSC", "-1", "2024-02-29"),
        ("990102D1,NMSC", "-1", "1999-01-02"),
        ("2302300301D1,NMSC", "-1", "2023-03-01"),
        ("240102C1,234NTRF", "1.234", "2024-01-02"),
    ],
)
def test_statement_lines_in_the_ways_banks_write_them(line: str, amount: str, booked: str) -> None:
    whole = decode(FORMAT, statement(f":61:{line}"))
    assert only(whole, "transaction_amount", "booked_date") == (Decimal(amount), dt.date.fromisoformat(booked))


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("nonsense", ":61:", "not a date"),
        ("240102X5,NMSC", ":61:", "not a date"),
        ("241302D5,NMSC", ":61: day", "no such day"),
        ("240102D1,23456NMSC", ":61: amount", "more than 4 decimals"),
        ("240102D1.234.56NMSC", ":61: amount", "separators"),
    ],
)
def test_a_line_that_cannot_be_read_is_set_aside_and_the_rest_goes_on(line: str, column: str, reason: str) -> None:
    whole = decode(FORMAT, statement(f":61:{line}", ":61:240103C1,NMSC", ":62F:C240103EUR1,"))
    assert whole.rejects["column"].to_list() == [column]
    assert reason in whole.rejects["reason"][0]
    assert only(whole, "transaction_amount") == (Decimal(1),)


def test_wrapped_lines_and_odd_separators_are_put_together() -> None:
    body = statement(
        ":61:2401020102D",
        "30,00NMSCNONREF",
        ":",
        "86:020~00PRZELEW~20Za czynsz~32Jan Kowalski",
        ":61:240103D1,NMSC",
        ":86:a text with",
        "-",
        "a hyphen line at 10",
        ":20:45 o'clock",
        ":62F:D240103EUR31,",
    )
    whole = decode(FORMAT, body)
    assert whole.rows("bank_transactions", "payee_name", "description") == [
        ("Jan Kowalski", "Za czynsz"),
        (None, "a text with - a hyphen line at 10 :20:45 o'clock"),
    ]
    assert whole.rows("statements", "transactions_amount", "closing_amount") == [(Decimal(-31), Decimal(-31))]


def test_own_fields_of_banks_give_purpose_and_name() -> None:
    body = statement(":61:240103C1,S051", ":NS:01Purpose 1", "02Purpose 2", "15Some", "16One", "17Credit")
    assert only(decode(FORMAT, body), "payee_name", "description") == ("Some One", "Purpose 1 Purpose 2")


@pytest.mark.parametrize(
    ("references", "reference", "payee", "account"),
    [
        ("NTRFNONREF//NONREF", None, None, None),
        ("N0600733959555      T-MOBILE NETHERLANDS BV   ", "0733959555", "T-MOBILE NETHERLANDS BV", None),
        ("NOVBNL47INGB0001234567", None, None, "…4567"),
        ("N102EREF            \r\nNL47INGB0001234567", None, None, "…4567"),
        ("NTRFKREF+//BD7CFA74485E7E69", "BD7CFA74485E7E69", None, None),
        ("NOV NONREF", None, None, None),
    ],
)
def test_what_banks_put_in_the_place_of_references(
    references: str, reference: str | None, payee: str | None, account: str | None
) -> None:
    whole = decode(FORMAT, statement(f":61:240103C1,{references}", ":62F:C240103EUR1,"))
    assert only(whole, "bank_reference", "payee_name") == (reference, payee)
    assert json.loads(whole.frames["bank_transactions"]["extra"][0] or "{}").get("account") == account


@pytest.mark.parametrize(
    ("text", "codec"),
    [("Müller Café", "utf-8"), ("Müller Café", "cp1252"), ("Müller", "cp852"), ("محل البقالة", "cp1256")],
)
def test_texts_are_right_in_the_code_pages_banks_use(text: str, codec: str) -> None:
    body = statement(":61:240103C1,NMSC", ":86:@@").replace(b"@@", text.encode(codec))
    assert only(decode(FORMAT, body), "description") == (text,)


def test_pages_of_one_statement_keep_their_balances_to_themselves() -> None:
    page = [":20:A", ":25:12345678/1", ":28C:1/1", ":60F:C240101EUR1,", ":61:240101C2,NMSC", ":62M:C240101EUR3,"]
    last = [":20:A", ":25:12345678/1", ":28C:1/2", ":60M:C240101EUR3,", ":61:240101C2,NMSC", ":62F:C240101EUR5,"]
    whole = decode(FORMAT, "\n".join([*page, *last]).encode())
    assert whole.rows("balances", "balance_kind", "balance_amount") == [
        ("opening", Decimal(1)),
        ("ledger", Decimal(5)),
    ]
    assert whole.rows("statements", "statement_number", "opening_amount", "closing_amount") == [
        ("1/1", Decimal(1), Decimal(3)),
        ("1/2", Decimal(3), Decimal(5)),
    ]


def test_a_statement_without_a_currency_asks_for_one() -> None:
    body = b":20:A\n:25:12345678\n:28C:1\n:61:240101C2,NMSC\n:86:x\n"
    assert asked(FORMAT, body) == ["currency"]
    whole = decode(FORMAT, body, {"currency": "BDT"})
    assert only(whole, "currency_code") == ("BDT",)
    assert decode(FORMAT, body).rejects["kind"].to_list() == ["bank_transactions", "statements"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "empty"),
        (b":20:A\n:61:240101C2,NMSC\n", "no account"),
        (b":20:A\n:25:12345678\n:28C:1\n", "neither a balance"),
        (b":20:A\n:25:1\n\0", "NUL"),
        (b":20:A\n" + b"x" * (3 << 20), "never ends"),
    ],
)
def test_a_file_without_a_statement_is_refused_in_one_line(body: bytes, message: str) -> None:
    for call in (lambda: asked(FORMAT, body), lambda: decode(FORMAT, body)):
        with pytest.raises(SourceError, match=message) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_account_numbers_never_come_out_whole() -> None:
    for name, number in (("two-statements-german.sta", "12345678/1234567"), ("blocks-dutch-arabic.sta", "0417164300")):
        whole = decode(FORMAT, fixture(name))
        everything = "".join(frame.write_csv() for frame in [*whole.frames.values(), whole.rejects])
        assert number not in everything


def test_many_transactions_come_in_stretches_and_sum_to_one_statement() -> None:
    lines = [f":61:2401020102D{n},25NMSCNONREF//{n}\r\n:86:Shop {n}" for n in range(45_000)]
    whole = decode(FORMAT, statement(*lines, ":62F:D240102EUR1,"))
    total = -(sum(range(45_000)) + Decimal("11250.00"))
    assert whole.rows("statements", "transactions_amount", "transactions_count") == [(total, 45_000)]
    assert whole.frames["bank_transactions"]["transaction_amount"].sum() == total


@settings(max_examples=30)
@given(st.lists(st.tuples(st.decimals(-99999, 99999, places=2), st.dates(dt.date(1990, 1, 1), dt.date(2069, 1, 1)))))
def test_what_is_written_comes_back(written: list[tuple[Decimal, dt.date]]) -> None:
    lines = [
        f":61:{day:%y%m%d}{day:%m%d}{'D' if amount < 0 else 'C'}{str(abs(amount)).replace('.', ',')}NMSCNONREF"
        for amount, day in written
    ]
    whole = decode(FORMAT, statement(*lines, ":62F:C240101EUR0,"))
    assert whole.rows("bank_transactions", "transaction_amount", "booked_date") == written
    assert whole.rows("statements", "transactions_amount") == [(sum((amount for amount, _ in written), Decimal(0)),)]
