"""Lean's own example answers: every row read, every amount exact, every member in a column or in extra."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.sources.exact_json import read_json
from pipelines.sources.lean.answers import Pending, Refused, data_or_pending, meaning_of
from pipelines.sources.lean.customers import permissions_of
from pipelines.sources.lean.records import LISTS, decode
from pipelines.sources.service_answers import Answer, Passing
from pipelines.sources.source import ConsentRefused, Page, SourceError
from warehouse.record_kinds import KINDS

pytestmark = pytest.mark.corpus

IN_COLUMNS = {
    "accounts": {"account_id", "currency", "nickname"},
    "balances": {"account_id", "credit_debit_indicator", "amount"},
    "transactions": {
        *("transaction_id", "account_id", "status", "credit_debit_indicator", "amount"),
        *("transaction_information", "transaction_reference", "transaction_type"),
        *("booking_date_time", "value_date_time", "insights", "merchant_details"),
    },
    "identities": {
        *("full_legal_name", "name", "party_type", "national_id", "birth_date", "gender", "email_address"),
        *("phone", "mobile_number"),
    },
    "beneficiaries": {"account_id", "beneficiary_id", "beneficiary_type", "reference"},
    "standing_orders": {
        *("account_id", "standing_order_id", "standing_order_status_code", "reference", "next_payment_amount"),
        *("frequency", "next_payment_date_time", "final_payment_date_time"),
    },
    "direct_debits": {
        *("account_id", "direct_debit_id", "status_code", "name", "mandate_identification", "frequency"),
    },
    "scheduled_payments": {
        *("account_id", "scheduled_payment_id", "reference", "debtor_reference", "instructed_amount"),
        "scheduled_payment_date_time",
    },
}
"""Members that a column may hold whole; `entity_id` is the connection itself. Every other one must be in extra."""


def answers(corpus: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(corpus.glob("lean/*.json")):
        yield path.name, path.read_bytes()


def lists(corpus: Path) -> Iterator[tuple[str, str, list[dict[str, Any]], bytes]]:
    for name, body in answers(corpus):
        document = read_json(body)
        data = document.get("data") if isinstance(document, dict) else None
        kind = str(data.get("type", "")).replace("-", "_") if isinstance(data, dict) else ""
        if kind in LISTS:
            yield name, kind, data[kind], body


def holds(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(holds(item) for item in value.values())
    if isinstance(value, list):
        return any(holds(item) for item in value)
    return value is not None and value != ""


def without_numbers(value: Any) -> Any:
    """Account numbers blanked on both sides, so that the rest can be compared."""
    if isinstance(value, Mapping):
        is_bank = value.get("scheme_name") == "BICFI"
        return {
            name: "*" if name == "identification" and not is_bank else without_numbers(item)
            for name, item in value.items()
        }
    return [without_numbers(item) for item in value] if isinstance(value, list) else value


def numbers_in(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if value.get("scheme_name") != "BICFI" and isinstance(value.get("identification"), str):
            yield value["identification"]
        for item in value.values():
            yield from numbers_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from numbers_in(item)


def test_every_example_that_holds_a_list_is_read_whole(corpus: Path) -> None:
    found = list(lists(corpus))
    assert len(found) >= 14
    for name, kind, rows, body in found:
        made = decode(Page("p", body, {"list": kind}))
        assert made.rejects.to_dicts() == [], name
        records = made.batches[0].frame.to_dicts()
        assert all(KINDS[made.batches[0].kind].own_names[0] in record for record in records)
        told = [json.loads(record["extra"] or "{}", parse_float=Decimal, parse_int=Decimal) for record in records]
        if kind == "balances":
            assert 0 < len(records) <= 3, name
        else:
            assert [record["row_no"] for record in records] == list(range(1, len(rows) + 1)), name
        for record, extra in zip(records, told, strict=True):
            for member, value in rows[record["row_no"] - 1].items():
                if member == "entity_id" or not holds(value):
                    continue
                if member in extra:
                    assert without_numbers(extra[member]) == without_numbers(value), (name, member)
                else:
                    assert member in IN_COLUMNS[kind], (name, member)
        for number in numbers_in(rows):
            whole = number.lstrip("*")
            assert len(whole) <= 4 or whole not in str(records), name


def test_a_list_of_balances_keeps_every_type(corpus: Path) -> None:
    for name, kind, rows, body in lists(corpus):
        if kind != "balances":
            continue
        records = decode(Page("p", body, {"list": kind})).batches[0].frame.to_dicts()
        extras = [json.loads(record["extra"]) for record in records]
        types = [extra["type"] for extra in extras]
        types += [other["type"] for extra in extras for other in extra.get("other_balances", [])]
        assert sorted(types) == sorted(row["type"] for row in rows), name


def test_signed_sums_equal_the_sums_by_direction(corpus: Path) -> None:
    for _name, kind, rows, body in lists(corpus):
        if kind == "transactions":
            frame = decode(Page("p", body, {"list": kind})).batches[0].frame
            money_in, money_out = (
                sum((row["amount"]["amount"] for row in rows if row["credit_debit_indicator"] == word), Decimal(0))
                for word in ("CREDIT", "DEBIT")
            )
            assert frame["transaction_amount"].sum() == money_in - money_out


def test_every_example_of_a_refusal_is_one_clear_line(corpus: Path) -> None:
    seen = 0
    for name, body in answers(corpus):
        status = int(name.removesuffix(".json").rpartition("_")[2])
        answer = Answer(status, {}, body)
        now = dt.datetime.now(dt.UTC)
        if status < 400:
            assert not isinstance(meaning_of(answer, "Lean", now), Pending)
            continue
        seen += 1
        with pytest.raises((SourceError, Passing)) as caught:
            data_or_pending(answer, "Lean", now)
        said = json.loads(body)
        assert said["message"] not in str(caught.value)
        if said["status"] == "CONSENT_EXPIRED":
            assert isinstance(caught.value, ConsentRefused)
        elif status < 500:
            assert isinstance(caught.value, Refused)
            assert caught.value.word == said["status"]
    assert seen >= 40


def test_permissions_of_rest_and_of_webhooks_are_the_same_thing(corpus: Path) -> None:
    entity = read_json((corpus / "lean/UAE_Get_Entity_by_ID_Get_Entity_by_ID_200.json").read_bytes())
    assert permissions_of(entity["permissions"]) == {"identity", "accounts", "balance", "transactions"}
    event = read_json((corpus / "lean/UAE_Webhooks/entity.created.json").read_bytes())
    assert permissions_of(event["payload"]["permissions"]) == {"identity", "accounts"}
