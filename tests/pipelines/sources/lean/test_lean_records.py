"""What Lean tells becomes records: exact, signed, on the bank's own days, and nothing of it is lost."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lean_rows import ACCOUNT_ID, account, balance, decoded, envelope, reason, records, transaction

from pipelines.sources.exact_json import json_text
from pipelines.sources.lean.records import decode
from pipelines.sources.source import Page, SourceError, Window


def one(**changes: Any) -> dict[str, Any]:
    (record,) = records("transactions", [transaction(**changes)])
    return record


def test_a_purchase_in_every_column() -> None:
    record = one()
    extra = json.loads(record.pop("extra"))
    assert record == {
        "row_no": 1,
        "record_id": "t-1",
        "account_id": ACCOUNT_ID,
        "booked_date": dt.date(2026, 11, 5),
        "value_date": dt.date(2026, 11, 4),
        "transaction_amount": Decimal("-12.5000"),
        "currency_code": "AED",
        "transaction_type": "POS",
        "booking_status": "booked",
        "payee_name": "Palm Coffee",
        "description": "قهوة / COFFEE",
        "bank_reference": "ref-1",
        "merchant_category_code": "5814",
        "bank_category": None,
        "original_amount": None,
        "original_currency_code": None,
    }
    assert set(extra) == {"transaction_mutability", "balance", "statement_reference", "index", "local_time_zone"}


@pytest.mark.parametrize(
    ("word", "amount", "signed"),
    [
        ("CREDIT", "439.85", "439.85"),
        ("DEBIT", "439.85", "-439.85"),
        ("CREDIT", "2732", "2732"),
        ("DEBIT", "0", "0"),
        ("DEBIT", "0.1", "-0.1"),
        ("DEBIT", "99999999999999.9999", "-99999999999999.9999"),
        ("CREDIT", '"7.30"', "7.3"),
    ],
)
def test_unsigned_amounts_whole_or_not_get_the_sign_of_their_direction(word: str, amount: str, signed: str) -> None:
    body = json.dumps(envelope("transactions", [transaction(credit_debit_indicator=word, amount="here")]))
    body = body.replace('"here"', f'{{"currency":"AED","amount":{amount}}}')
    made = decode(Page("p", body.encode(), {"list": "transactions"}))
    (value,) = made.batches[0].frame["transaction_amount"].to_list()
    assert value == Decimal(signed)
    assert not (value == 0 and value.is_signed())


@settings(max_examples=40)
@given(st.decimals(0, 10**12, places=4), st.booleans())
def test_every_amount_arrives_exactly(amount: Decimal, money_in: bool) -> None:
    row = transaction(credit_debit_indicator="CREDIT" if money_in else "DEBIT")
    row["amount"] = {"currency": "KWD", "amount": amount}
    assert records("transactions", [row])[0]["transaction_amount"] == (amount if money_in else -amount)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"credit_debit_indicator": "UNSUPPORTED"}, "whether it is money in or out"),
        ({"credit_debit_indicator": None}, "neither CREDIT nor DEBIT"),
        ({"amount": None}, "amount is missing"),
        ({"amount": {"currency": "AED", "amount": None}}, "not a number"),
        ({"amount": {"currency": "AED", "amount": -3}}, "minus sign beside its direction"),
        ({"amount": {"currency": "AED", "amount": Decimal("1.00001")}}, "more than four decimals"),
        ({"amount": {"currency": "AED", "amount": Decimal("1e15")}}, "too large"),
        ({"amount": {"currency": "dirham", "amount": 1}}, "three-letter code"),
        ({"status": "REJECTED"}, "neither BOOKED nor PENDING"),
        ({"transaction_id": None}, "it is missing"),
        ({"account_id": "another"}, "not the account that was asked about"),
        ({"booking_date_time": "yesterday"}, "not an instant"),
        ({"booking_date_time": None, "value_date_time": None}, "so is the value date"),
        ({"transaction_information": {"a": 1}}, "not text"),
    ],
)
def test_what_cannot_be_read_is_set_aside_with_its_reason(changes: dict[str, Any], says: str) -> None:
    assert says in reason("transactions", transaction(**changes))


def test_a_row_that_is_no_object_or_no_unicode_is_set_aside() -> None:
    assert "not a JSON object" in reason("transactions", "a text")
    body = json.dumps(envelope("transactions", [transaction(transaction_information="\ud800")])).encode()
    made = decode(Page("p", body, {"list": "transactions"}))
    assert made.rejects["reason"].to_list() == ["the text is not valid Unicode"]


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        ("2026-11-05T00:00:00Z", "UTC+04:00", "2026-11-05"),
        ("2026-11-05T20:30:00Z", "UTC+04:00", "2026-11-06"),
        ("2026-11-05T20:30:00Z", "UTC+03:00", "2026-11-05"),
        ("2026-11-05T21:00:00Z", None, "2026-11-06"),  # the zone of the region
        ("2026-11-05T01:00:00Z", "UTC-05:00", "2026-11-04"),
        ("2026-11-05T00:00:00.000Z", "UTC-05:00", "2026-11-05"),  # a day and no hour
        ("2026-11-05T23:30:00+04:00", "UTC+04:00", "2026-11-05"),
        ("2026-11-05", "UTC+04:00", "2026-11-05"),
        ("2026-11-05T20:30:00.823370822Z", "nonsense", "2026-11-06"),
    ],
)
def test_a_day_is_the_banks_own(instant: str, zone: str | None, day: str) -> None:
    assert one(booking_date_time=instant, local_time_zone=zone)["booked_date"] == dt.date.fromisoformat(day)


def test_a_pending_row_without_a_booking_takes_its_value_date() -> None:
    record = one(status="PENDING", booking_date_time=None)
    assert (record["booking_status"], record["booked_date"]) == ("pending", dt.date(2026, 11, 4))


def test_the_other_side_is_the_merchant_or_who_holds_the_other_account() -> None:
    ends = {"creditor_account": {"name": "Landlord"}, "debtor_account": {"name": "Employer"}}
    assert one(merchant_details=None, **ends)["payee_name"] == "Landlord"
    assert one(merchant_details=None, credit_debit_indicator="CREDIT", **ends)["payee_name"] == "Employer"
    assert one(**ends)["payee_name"] == "Palm Coffee"
    assert one(merchant_details=None, debtor_account={"name": "Myself"})["payee_name"] is None


def test_an_amount_agreed_in_another_currency_stands_beside_with_the_same_sign() -> None:
    exchange = {
        "source_currency": "AED",
        "exchange_rate": 3.6725,
        "instructed_amount": {"currency": "USD", "amount": 4.87},
    }
    record = one(currency_exchange=exchange)
    assert (record["original_amount"], record["original_currency_code"]) == (Decimal("-4.87"), "USD")
    assert json.loads(record["extra"])["currency_exchange"]["exchange_rate"] == 3.6725
    same = one(currency_exchange={**exchange, "instructed_amount": {"currency": "AED", "amount": 4.87}})
    assert (same["original_amount"], same["original_currency_code"]) == (None, None)


def test_merchant_codes_lose_their_prefix_and_odd_ones_stay_in_extra() -> None:
    assert one(merchant_details={"merchant_category_code": "5411"})["merchant_category_code"] == "5411"
    odd = one(merchant_details={"merchant_category_code": "CC12", "merchant_name": "X"})
    assert odd["merchant_category_code"] is None
    assert json.loads(odd["extra"])["merchant_details"]["merchant_category_code"] == "CC12"


def test_unknown_members_stay_and_no_whole_number_does() -> None:
    record = one(
        brand_new={"deep": [1.10, {"iban": "AE070331234567890123456"}]},
        creditor_account={"scheme_name": "IBAN", "identification": "AE070331234567890123456", "name": "Landlord"},
        creditor_agent={"scheme_name": "BICFI", "identification": "EBILAEAD"},
        card_instrument={"identification": "4111111111111234", "name": None},
        insights={"category": "RENT_AND_SERVICES", "category_confidence": 0.9},
    )
    assert "67890123" not in record["extra"]
    assert "41111111" not in record["extra"]
    extra = json.loads(record["extra"])
    assert extra["brand_new"]["deep"][0] == 1.10
    assert '"deep":[1.1,' in record["extra"]  # the digits as they came, never a float's
    assert (extra["creditor_account"]["identification"], extra["creditor_agent"]["identification"]) == (
        "*3456",
        "EBILAEAD",
    )
    assert record["bank_category"] == "RENT_AND_SERVICES"


def test_a_page_tells_the_window_and_the_cursor_its_meta_holds() -> None:
    made = decoded(
        "transactions", [], window=f"bank_transactions 2026-11-01 2026-11-21 {ACCOUNT_ID}", cursor="2026-11-20"
    )
    days = dt.date(2026, 11, 1), dt.date(2026, 11, 21)
    assert made.windows == (Window("bank_transactions", *days, ACCOUNT_ID),)
    assert made.cursor == "2026-11-20"
    with pytest.raises(SourceError, match="lost the days"):
        decoded("transactions", [], window="bank_transactions")


def test_a_promise_holds_no_rows_and_a_list_the_bank_did_not_give_is_told() -> None:
    assert decode(Page("w", b"{}", {"list": "waiting"})).batches == ()
    meta = {"list": "unanswered", "asked": "direct_debits", "kind": "payment_orders", "why": "FAILED"}
    (told,) = decode(Page("u", b"", meta)).rejects.to_dicts()
    assert (told["kind"], told["reason"]) == ("payment_orders", "the bank did not give the direct debits (FAILED)")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"data":null}', b'{"data":{"type":"cars","cars":[]}}', b'{"data":{"type":"accounts"}}'],
)
def test_a_page_that_is_no_list_is_one_clear_line(body: bytes) -> None:
    with pytest.raises(SourceError, match=r"Sync again|Update Hisab"):
        decode(Page("p", body, {"list": "accounts"}))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
LISTS = ["accounts", "balances", "transactions", "identities", "beneficiaries", "standing_orders", "direct_debits"]


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(LISTS), st.data())
def test_whatever_stands_in_a_row_it_is_read_or_set_aside(name: str, data: st.DataObject) -> None:
    whole = {"transactions": transaction(), "balances": balance("CLOSING_BOOKED", 1), "accounts": account()}
    row = dict(whole.get(name, {"party_id": "1", "name": "N", "beneficiary_id": "1", "standing_order_id": "1"}))
    row |= data.draw(st.dictionaries(st.sampled_from(sorted(row)) | st.text(max_size=6), JSON, max_size=4))
    body = json_text(envelope(name, [row])).encode("utf-8", "surrogatepass")
    made = decode(Page("p", body, {"list": name, "account_id": ACCOUNT_ID}))
    assert made.batches[0].frame.height + made.rejects.height == 1
