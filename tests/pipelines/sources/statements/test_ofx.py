"""OFX and QFX: SGML and XML, tolerant of what banks write, exact in amounts, silent about account numbers."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import polars as pl
import pytest
from file_reading import FIXTURES, asked, decode

from pipelines.sources.account_numbers import number_key
from pipelines.sources.source import SourceError
from pipelines.sources.statements.ofx import FORMAT


def fixture(name: str) -> bytes:
    return (FIXTURES / "ofx" / name).read_bytes()


def statement(rows: str, *, currency: str = "<CURDEF>USD", header: str = "", tail: str = "") -> bytes:
    account = "<BANKACCTFROM><BANKID>1<ACCTID>22334455<ACCTTYPE>SAVINGS</BANKACCTFROM>"
    text = (
        f"{header}<OFX><STMTTRNRS><STMTRS>{currency}{account}<BANKTRANLIST>{rows}</BANKTRANLIST>{tail}</STMTRS></OFX>"
    )
    return text.encode()


def transaction(amount: str = "-1.50", date: str = "20250701", name: str = "Shop", fitid: str = "f1") -> str:
    return f"<STMTTRN><TRNTYPE>POS<DTPOSTED>{date}<TRNAMT>{amount}<FITID>{fitid}<NAME>{name}</STMTTRN>"


def amounts(body: bytes, answers: dict[str, str] | None = None) -> list[Decimal]:
    return decode(FORMAT, body, answers).frames["bank_transactions"]["transaction_amount"].to_list()


def test_an_sgml_statement_is_read_row_by_row() -> None:
    whole = decode(FORMAT, fixture("checking-sgml.ofx"))
    assert whole.rows_read == {"accounts": 1, "balances": 2, "bank_transactions": 10, "statements": 1}
    assert whole.rows("bank_transactions", "booked_date", "transaction_amount", "currency_code", "payee_name")[:3] == [
        (dt.date(2025, 7, 1), Decimal("-6.60"), "USD", "AT&T & Sons"),
        (dt.date(2025, 7, 2), Decimal("-316.67"), "USD", "Rent"),
        (dt.date(2025, 7, 3), Decimal(1000), "EUR", "Pay"),
    ]
    assert whole.rows("bank_transactions", "description", "value_date", "bank_reference", "transaction_type")[:2] == [
        ("POS <1>", None, None, "POS"),
        (None, dt.date(2025, 7, 3), "319", "CHECK"),
    ]
    assert json.loads(whole.frames["bank_transactions"]["extra"][0]) == {"DTPOSTED": "20250701235959.000[-5:EST]"}
    assert whole.rows("balances", "balance_kind", "balance_amount", "balance_date", "currency_code") == [
        ("ledger", Decimal("382.34"), dt.date(2025, 7, 31), "USD"),
        ("available", Decimal("682.34"), dt.date(2025, 7, 31), "USD"),
    ]
    assert whole.rejects.select("row_no", "column", "reason").rows() == [
        (8, "DTPOSTED", "the date is empty"),
        (9, "DTPOSTED", "there is no such day in the calendar"),
        (10, "TRNAMT", "the amount is written in scientific notation, which hides its digits"),
    ]


def test_a_statement_is_held_against_what_was_read_of_it() -> None:
    columns = ("statement_number", "first_date", "last_date", "opening_amount", "closing_amount")
    whole = decode(FORMAT, fixture("checking-sgml.ofx"))
    assert whole.rows("statements", *columns) == [
        (None, dt.date(2025, 7, 1), dt.date(2025, 7, 31), None, Decimal("382.34"))
    ]
    booked = whole.frames["bank_transactions"].filter(booking_status="booked", currency_code="USD")
    sums = (booked["transaction_amount"].sum(), booked.height, "USD")
    assert whole.rows("statements", "transactions_amount", "transactions_count", "currency_code") == [sums]
    assert whole.frames["accounts"]["number_key"].to_list() == [number_key("9876543210")]


def test_a_statement_over_many_stretches_is_one_row() -> None:
    rows = "".join(transaction(amount="-0.01", fitid=f"f{n}") for n in range(20_001))
    statements = decode(FORMAT, statement(rows)).rows("statements", "transactions_amount", "transactions_count")
    assert statements == [(Decimal("-200.01"), 20_001)]


def test_a_repeated_id_is_one_row_when_equal_and_two_when_not() -> None:
    rows = decode(FORMAT, fixture("checking-sgml.ofx")).frames["bank_transactions"]
    (account,) = rows["account_id"].unique()
    same = rows.filter(pl.col("record_id").str.contains(":SAME")).select("record_id", "payee_name").rows()
    assert same == [(f"{account}:SAME", "One"), (f"{account}:SAME", "One"), (f"{account}:SAME#2", "Two")]
    assert rows.filter(pl.col("payee_name") == "No id")["record_id"].to_list() == [None]


def test_account_numbers_never_come_out_whole() -> None:
    for name, number in (("checking-sgml.ofx", "9876543210"), ("card-xml-comma.ofx", "4111111111111111")):
        whole = decode(FORMAT, fixture(name))
        everything = "".join(frame.write_csv() for frame in [*whole.frames.values(), whole.rejects])
        assert number not in everything
        assert whole.rows("accounts", "masked_number") == [(number[-4:],)]
    short = decode(FORMAT, statement(transaction()).replace(b"22334455", b"7788"))
    assert short.rows("accounts", "masked_number") == [("88",)]
    other = "<BANKACCTTO><BANKID>1<ACCTID>5556667778<ACCTTYPE>SAVINGS</BANKACCTTO></STMTTRN>"
    moved = decode(FORMAT, statement(transaction().replace("</STMTTRN>", other)))
    assert json.loads(moved.frames["bank_transactions"]["extra"][0])["BANKACCTTO.ACCTID"] == "…7778"


def test_an_xml_card_statement_with_decimal_commas_is_read() -> None:
    whole = decode(FORMAT, fixture("card-xml-comma.ofx"))
    assert whole.rows("bank_transactions", "transaction_amount", "payee_name", "description", "currency_code") == [
        (Decimal("-1234.50"), None, "Padaria <São João> & Cia", "BRL"),
        (Decimal("7.250"), "বিকাশ", None, "BRL"),
    ]
    assert whole.rows("accounts", "account_kind", "currency_code") == [("card", "BRL")]
    assert whole.frames["balances"]["balance_amount"].to_list() == [Decimal("-1227.25")]


def test_an_investment_statement_gives_its_cash_and_says_what_it_leaves_out() -> None:
    whole = decode(FORMAT, fixture("broker.ofx"))
    assert whole.rows("bank_transactions", "row_no", "transaction_amount", "payee_name") == [
        (2, Decimal(100), "Deposit")
    ]
    assert whole.rows("balances", "balance_kind", "balance_amount", "balance_date") == [
        ("available", Decimal(75), dt.date(2025, 6, 30))
    ]
    assert whole.rejects.select("kind", "row_no", "column", "value").rows() == [
        ("bank_transactions", 1, "BUYSTOCK", "BUYSTOCK"),
        ("balances", 2, "INVPOSLIST", "2 positions"),
    ]
    assert whole.rows("accounts", "account_name", "account_kind", "institution_name") == [
        ("broker.example investment …2233", "investment", "broker.example")
    ]


@pytest.mark.parametrize(
    ("written", "amount"),
    [("-1.50", "-1.50"), ("-1,50", "-1.50"), ("7,250", "7.250"), ("-30.000", "-30"), ("+5", "5"), ("-.5", "-0.5")],
)
def test_the_only_separator_of_an_amount_is_its_decimal_mark(written: str, amount: str) -> None:
    assert amounts(statement(transaction(written))) == [Decimal(amount)]


def test_amounts_with_both_marks_are_asked_and_never_guessed() -> None:
    body = statement(transaction("1,50") + transaction("1.50", fitid="f2"))
    assert asked(FORMAT, body) == ["decimal_mark"]
    with pytest.raises(SourceError, match="decimal_mark"):
        decode(FORMAT, body)
    whole = decode(FORMAT, body, {"decimal_mark": "comma"})
    assert whole.frames["bank_transactions"]["transaction_amount"].to_list() == [Decimal("1.50")]
    assert whole.rejects["value"].to_list() == ["1.50"]


def test_a_statement_without_a_currency_asks_for_one() -> None:
    body = statement(transaction(), currency="<CURDEF>")
    assert asked(FORMAT, body) == ["currency"]
    assert decode(FORMAT, body).rejects["column"].to_list() == ["CURRENCY", "CURRENCY"]
    whole = decode(FORMAT, body, {"currency": "BDT"})
    assert whole.frames["bank_transactions"]["currency_code"].to_list() == ["BDT"]


@pytest.mark.parametrize(
    ("name", "charset", "encoded"),
    [
        ("Café", "CHARSET:1252", "Café".encode("cp1252")),
        ("Café", "CHARSET:ISO-8859-1", "Café".encode("latin-1")),
        ("Café", "CHARSET:1252", "Café".encode()),
        ("বাজার", "CHARSET:NONE", "বাজার".encode()),
        ("Żabka", "CHARSET:1250COMPRESSION:NONE", "Żabka".encode("cp1250")),
        ("قهوة", "CHARSET:1256", "قهوة".encode("cp1256")),
        ("Café", "", "Café".encode("cp1252")),
    ],
)
def test_names_are_right_in_the_headers_code_page_and_in_utf8(name: str, charset: str, encoded: bytes) -> None:
    body = statement(transaction(name="@@"), header=f"OFXHEADER:100DATA:OFXSGML{charset}\n").replace(b"@@", encoded)
    assert decode(FORMAT, body).frames["bank_transactions"]["payee_name"].to_list() == [name]


def test_one_line_files_and_files_without_closing_tags_or_header_are_read() -> None:
    body = statement(transaction().removesuffix("</STMTTRN>") + transaction(fitid="f2", amount="2"))
    assert amounts(body) == [Decimal("-1.50"), Decimal(2)]
    assert FORMAT.sniff(body)
    assert FORMAT.sniff(b"\r\n\r\nOFXHEADER:100\r\n\r\n<OFX>")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "empty"),
        (b"<OFX></OFX>", "no statement"),
        (b"OFXHEADER:100\n<OFX><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS></SONRS></OFX>", "no statement"),
        (b"<OFX><SONRS><STATUS><CODE>15500<SEVERITY>ERROR</STATUS></SONRS></OFX>", "15500 .sign-on refused"),
        (b"<OFX><STMTTRNRS><STATUS><CODE>2000<SEVERITY>ERROR</STATUS></STMTTRNRS></OFX>", "2000 .general error"),
        (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><OFX></OFX>', "entities"),
        (b"<OFX>" + b"x" * (2 << 20), "never ends"),
        (b"<OFX>\0", "NUL"),
        (b"PK\x03\x04", "ZIP"),
    ],
)
def test_a_file_without_a_statement_is_refused_in_one_line(body: bytes, message: str) -> None:
    for call in (lambda: asked(FORMAT, body), lambda: decode(FORMAT, body)):
        with pytest.raises(SourceError, match=message) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_one_failed_account_beside_a_good_one_is_said() -> None:
    failed = b"<STMTTRNRS><STATUS><CODE>2000<SEVERITY>ERROR</STATUS></STMTTRNRS>"
    whole = decode(FORMAT, statement(transaction()).replace(b"</OFX>", failed + b"</OFX>"))
    assert whole.frames["bank_transactions"].height == 1
    assert whole.rejects.select("kind", "value").rows() == [("accounts", "2000")]


def test_a_missing_or_empty_balance_harms_no_transaction() -> None:
    assert amounts(statement(transaction())) == [Decimal("-1.50")]
    whole = decode(FORMAT, statement(transaction(), tail="<LEDGERBAL><BALAMT><DTASOF></LEDGERBAL>"))
    assert whole.frames["bank_transactions"].height == 1
    assert whole.rejects.select("kind", "column", "reason").rows() == [("balances", "BALAMT", "the amount is empty")]


def test_many_transactions_come_in_stretches_and_are_all_there() -> None:
    rows = "".join(transaction(amount=f"-{n}.25", fitid=f"f{n}") for n in range(45_000))
    whole = decode(FORMAT, statement(rows))
    assert whole.frames["bank_transactions"]["transaction_amount"].sum() == -(sum(range(45_000)) + Decimal("11250.00"))
    assert whole.frames["bank_transactions"]["record_id"].n_unique() == 45_000
    assert whole.frames["accounts"].height == 1


def test_a_file_that_ends_in_the_middle_says_so_and_keeps_what_came_before() -> None:
    body = fixture("checking-sgml.ofx")
    cut = body[: body.index(b"</STMTTRN>", body.index(b"</STMTTRN>") + 1) + len(b"</STMTTRN>")]
    whole = decode(FORMAT, cut)
    assert whole.rows("bank_transactions", "transaction_amount") == [(Decimal("-6.60"),), (Decimal("-316.67"),)]
    assert whole.rejects.select("column", "reason", "cure").rows() == [
        (
            "STMTRS",
            "the file ends in the middle of the statement, so what came after is missing",
            "download the file again",
        )
    ]
