"""camt.053, 052 and 054: any version, batches only where they add up, every statement held against its balances."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import suppress
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from defusedxml.ElementTree import fromstring
from file_reading import FIXTURES, WholeFile, asked, decode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.sources.account_numbers import number_key
from pipelines.sources.source import SourceError
from pipelines.sources.statements.camt import FORMAT

IBAN = "AE070331234567890123456"


def fixture(name: str) -> bytes:
    return (FIXTURES / "camt" / name).read_bytes()


def entry(amount: str = "5.00", mark: str = "DBIT", more: str = "", currency: str = "AED", status: str = "BOOK") -> str:
    day = "<BookgDt><Dt>2024-01-05</Dt></BookgDt>"
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd><Sts>{status}</Sts>{day}{more}</Ntry>'
    )


def report(*parts: str, account: str = f"<Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>AED</Ccy></Acct>") -> bytes:
    head = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Id>1</Id>'
    return f"{head}{account}{''.join(parts)}</Stmt></BkToCstmrStmt></Document>".encode()


def rows(body: bytes, *columns: str) -> list[tuple[object, ...]]:
    return decode(FORMAT, body).rows("bank_transactions", *columns)


def extra(whole: WholeFile, row: int) -> dict[str, object]:
    found: dict[str, object] = json.loads(whole.frames["bank_transactions"]["extra"][row])
    return found


def test_a_statement_is_read_entry_by_entry() -> None:
    whole = decode(FORMAT, fixture("statement-053.xml"))
    columns = ("booked_date", "transaction_amount", "booking_status", "payee_name", "bank_reference")
    assert whole.rows("bank_transactions", *columns) == [
        (dt.date(2024, 1, 5), Decimal(2000), "booked", "شركة المثال", "R-1"),
        (dt.date(2024, 1, 7), Decimal(-50), "booked", "One", "R-2"),
        (dt.date(2024, 1, 7), Decimal(-25), "booked", "Two", "R-2"),
        (dt.date(2024, 1, 8), Decimal(60), "booked", None, "R-2"),
        (dt.date(2024, 1, 9), Decimal("-0.75"), "booked", None, None),
        (dt.date(2024, 2, 2), Decimal(-8), "pending", None, None),
    ]
    first = ("value_date", "description", "transaction_type", "original_amount", "original_currency_code")
    assert whole.rows("bank_transactions", *first)[0] == (
        dt.date(2024, 1, 6),
        "راتب يناير",
        "PMNT-RCDT-SALA",
        Decimal("544.59"),
        "USD",
    )
    assert extra(whole, 0)["RltdPties/DbtrAcct/Id/IBAN"] == "…3000"
    assert extra(whole, 3)["transactions in the batch"] == 2
    assert whole.rejects.select("column", "value", "reason").rows() == [
        ("Amt", "-0.12345", "the amount has more than 4 decimals")
    ]


def test_balances_accounts_and_statements_are_what_the_file_states() -> None:
    whole = decode(FORMAT, fixture("statement-053.xml"))
    assert whole.rows("balances", "balance_kind", "balance_amount", "currency_code", "balance_date") == [
        ("opening", Decimal(-100), "AED", dt.date(2024, 1, 1)),
        ("ledger", Decimal("1884.25"), "AED", dt.date(2024, 1, 31)),
        ("available", Decimal(1800), "AED", dt.date(2024, 1, 31)),
        ("opening", Decimal("1.250"), "KWD", dt.date(2024, 1, 31)),
        ("ledger", Decimal("1.250"), "KWD", dt.date(2024, 1, 31)),
    ]
    columns = ("opening_amount", "transactions_amount", "transactions_count", "closing_amount")
    stated = ("statement_number", "stated_credit_amount", "stated_debit_amount", "first_date", "last_date")
    assert whole.rows("statements", *columns, *stated) == [
        (
            *(Decimal(-100), Decimal("1984.25"), 5, Decimal("1884.25")),
            *("31", Decimal(2060), Decimal("75.75"), dt.date(2024, 1, 1), dt.date(2024, 1, 31)),
        ),
        (
            *(Decimal("1.25"), Decimal(0), 0, Decimal("1.25")),
            *("S-2", None, None, dt.date(2024, 1, 31), dt.date(2024, 1, 31)),
        ),
    ]
    accounts = ("account_name", "account_kind", "currency_code", "masked_number", "number_key", "institution_name")
    assert whole.rows("accounts", *accounts) == [
        ("Savings", "savings", "AED", "3456", number_key(IBAN), "Test Bank"),
        ("Bank current …3344", "current", "KWD", "3344", number_key("0011223344"), None),
    ]


def test_an_account_report_of_the_day_ends_with_its_interim_balance() -> None:
    whole = decode(FORMAT, fixture("report-052.xml"))
    assert whole.rows("bank_transactions", "transaction_amount", "booking_status") == [
        (Decimal("-3.5"), "booked"),
        (Decimal(-1), "pending"),
    ]
    assert whole.rows("statements", "opening_amount", "transactions_amount", "closing_amount") == [
        (Decimal(10), Decimal("-3.5"), Decimal("6.5"))
    ]
    assert whole.rows("balances", "balance_kind", "balance_amount") == [("opening", Decimal(10))]


def test_a_notification_is_pending_and_makes_no_statement() -> None:
    whole = decode(FORMAT, fixture("notification-054.xml"))
    assert whole.rows("bank_transactions", "transaction_amount", "booking_status", "booked_date") == [
        (Decimal(3), "pending", dt.date(2024, 3, 4)),
        (Decimal(4), "pending", dt.date(2024, 3, 4)),
    ]
    assert whole.frames["statements"].is_empty()


def details(*amounts: str) -> str:
    each = "".join(f"<TxDtls>{amount}</TxDtls>" for amount in amounts)
    return f"<NtryDtls>{each}</NtryDtls>"


def amt(text: str, mark: str = "", currency: str = "AED") -> str:
    sign = f"<CdtDbtInd>{mark}</CdtDbtInd>" if mark else ""
    return f'<Amt Ccy="{currency}">{text}</Amt>{sign}'


@pytest.mark.parametrize(
    ("batch", "amounts"),
    [
        (details(amt("2.00"), amt("3.00")), ["-2", "-3"]),
        (details(amt("8.00", "DBIT"), amt("3.00", "CRDT")), ["-8", "3"]),
        (details(amt("2.00", "CRDT"), amt("3.00", "CRDT")), ["-2", "-3"]),
        (details(amt("2.00"), amt("3.01")), ["-5"]),
        (details(amt("2.00", currency="USD"), amt("3.00", currency="USD")), ["-5"]),
        (details(amt("2.00"), ""), ["-5"]),
        (details(amt("two"), amt("3.00")), ["-5"]),
        (details(f"<AmtDtls><TxAmt>{amt('4.50')}</TxAmt></AmtDtls>", amt("0.50")), ["-4.5", "-0.5"]),
        (details(amt("7.00")), ["-5"]),
        ("", ["-5"]),
    ],
)
def test_a_batch_is_split_only_where_its_parts_add_up(batch: str, amounts: list[str]) -> None:
    assert rows(report(entry(more=batch)), "transaction_amount") == [(Decimal(amount),) for amount in amounts]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (entry("12..34"), "separators"),
        (entry(""), "empty"),
        (entry("-5.00"), "not one amount"),
        (entry("1e3"), "scientific"),
        (entry(mark=""), "neither credit nor debit"),
        (entry("1.00001"), "more than 4 decimals"),
        (entry("999999999999999"), "more than 14 digits"),
        (entry(currency="dirham"), "three-letter"),
    ],
)
def test_an_entry_that_cannot_be_read_is_set_aside(written: str, reason: str) -> None:
    whole = decode(FORMAT, report(written, entry("1.00000")))
    assert whole.rows("bank_transactions", "transaction_amount") == [(Decimal(-1),)]
    assert [reason in text for text in whole.rejects["reason"]] == [True]


def test_the_other_side_is_never_the_owner() -> None:
    account = f"<Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>AED</Ccy><Ownr><Nm>Me</Nm></Ownr></Acct>"
    parties = "<RltdPties><Dbtr><Nm>{}</Nm></Dbtr><Cdtr><Nm>{}</Nm></Cdtr></RltdPties>"
    written = [
        entry(mark=mark, more=details(parties.format(*names)))
        for mark, names in (("CRDT", ("You", "Me")), ("DBIT", ("Me", "You")), ("CRDT", ("Me", "You")))
    ]
    assert rows(report(*written, account=account), "payee_name") == [("You",)] * 3


def test_the_amount_without_a_currency_asks_for_one() -> None:
    body = report(entry(), account=f"<Acct><Id><IBAN>{IBAN}</IBAN></Id></Acct>").replace(b' Ccy="AED"', b"")
    assert asked(FORMAT, body) == ["currency"]
    assert decode(FORMAT, body, {"currency": "AED"}).rows("bank_transactions", "currency_code") == [("AED",)]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "empty"),
        (b"<Document></Document>", "no statement"),
        (b"<Document><BkToCstmrStmt><GrpHdr/></BkToCstmrStmt></Document>", "no statement"),
        (report(entry())[:-20], "damaged near line 1"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]>' + report(entry("&a;")), "entities"),
        (b'<?xml version="1.0" encoding="no-such"?>' + report(entry()), "encoding"),
        (b"<Document>" + b"<a>" * 200, "nested deeper"),
    ],
)
def test_a_file_without_a_report_is_refused_in_one_line(body: bytes, message: str) -> None:
    for call in (lambda: asked(FORMAT, body), lambda: decode(FORMAT, body)):
        with pytest.raises(SourceError, match=message) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_a_report_without_an_account_is_set_aside_beside_a_good_one() -> None:
    nameless, named = report(entry("1.00"), account=""), report(entry("2.00"))
    body = nameless.replace(b"</Stmt>", b"</Stmt>" + named[named.index(b"<Stmt>") : named.index(b"</BkToCstmrStmt>")])
    whole = decode(FORMAT, body)
    assert whole.rejects["kind"].to_list() == ["bank_transactions", "accounts"]
    assert whole.rows("bank_transactions", "transaction_amount") == [(Decimal(-2),)]


def test_account_numbers_never_come_out_whole() -> None:
    whole = decode(FORMAT, fixture("statement-053.xml"))
    everything = "".join(frame.write_csv() for frame in [*whole.frames.values(), whole.rejects])
    for number in (IBAN, "0011223344", "DE89370400440532013000"):
        assert number not in everything


def test_many_entries_come_in_stretches_and_sum_to_one_statement() -> None:
    whole = decode(FORMAT, report(*(entry(f"{n}.25") for n in range(25_000))))
    total = -(sum(range(25_000)) + Decimal("6250.00"))
    assert whole.rows("statements", "transactions_amount", "transactions_count") == [(total, 25_000)]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_well_formed_xml_with_other_content_raises_nothing_but_source_errors(data: st.DataObject) -> None:
    root = fromstring(fixture("statement-053.xml"))
    elements = list(root.iter())
    for _ in range(data.draw(st.integers(1, 6))):
        element = data.draw(st.sampled_from(elements))
        match data.draw(st.sampled_from(["text", "clear", "copy", "rename"])):
            case "text":
                element.text = data.draw(
                    st.sampled_from(["", "-1", "CRDT", "2024-02-30", "NaN", "9" * 30, "1e9", "قهوة"])
                )
            case "clear":
                element.clear()
            case "copy":
                element.append(fromstring(ET.tostring(data.draw(st.sampled_from(elements)))))
            case _:
                element.tag = data.draw(st.sampled_from(elements)).tag
    body = ET.tostring(root)
    with suppress(SourceError):
        asked(FORMAT, body)
    with suppress(SourceError):
        decode(FORMAT, body, {"currency": "AED"})
