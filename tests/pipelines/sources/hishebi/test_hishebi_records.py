"""Pages become records exactly, or rejects with a reason; nothing is lost between the two."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.sources.exact_json import json_text, read_json
from pipelines.sources.hishebi.pull import SOURCE
from pipelines.sources.source import ApiSource, Decoded, Page, SourceError, Window
from warehouse.record_kinds import LEDGER_ENTRIES
from warehouse.schema_renderings import polars_schema

META = {"first_date": "2026-04-01", "last_date": "2026-04-30"}

PUBLISHED = """{"currency":"BDT","entries":[
 {"id":"e_1","kind":"income","amount":42000,"category":"salary","date":"2026-04-05","note":""},
 {"id":"e_2","kind":"expense","amount":1850,"category":"groceries","date":"2026-04-06","note":"Agora"},
 {"id":"e_3","kind":"debt_payment","amount":5000,"counterparty":"Rahim","date":"2026-04-12"}],"next_page":null}"""
"""The example of the API's own description."""


def decode(text: str, **meta: str) -> Decoded:
    return SOURCE.decode(Page("k", text.encode("utf-8", "surrogatepass"), {**META, **meta}))


def page_of(*entries: Any, **more: Any) -> str:
    return json.dumps({"currency": "BDT", "entries": entries, "next_page": None, **more})


def one(**fields: Any) -> dict[str, Any]:
    return {"id": "e_1", "kind": "expense", "amount": 10, "date": "2026-04-05", **fields}


def rows(decoded: Decoded) -> list[dict[str, Any]]:
    return decoded.batches[0].frame.to_dicts()


def test_the_source_is_an_api_source() -> None:
    assert isinstance(SOURCE, ApiSource)


def test_the_published_example_becomes_three_signed_entries() -> None:
    decoded = decode(PUBLISHED)
    assert [(r["record_id"], r["entry_kind"], r["entry_amount"], r["entry_date"]) for r in rows(decoded)] == [
        ("e_1", "income", Decimal("42000.0000"), dt.date(2026, 4, 5)),
        ("e_2", "expense", Decimal("-1850.0000"), dt.date(2026, 4, 6)),
        ("e_3", "debt_payment", Decimal("-5000.0000"), dt.date(2026, 4, 12)),
    ]
    assert [(r["category_name"], r["counterparty_name"], r["note"]) for r in rows(decoded)] == [
        ("salary", None, None),
        ("groceries", None, "Agora"),
        (None, "Rahim", None),
    ]
    assert {r["currency_code"] for r in rows(decoded)} == {"BDT"}
    assert decoded.windows == (Window("ledger_entries", dt.date(2026, 4, 1), dt.date(2026, 4, 30)),)
    assert (decoded.cursor, dict(decoded.rows_read), len(decoded.rejects)) == (None, {"ledger_entries": 3}, 0)


def test_the_frame_has_the_columns_of_the_record_kind() -> None:
    assert dict(decode(PUBLISHED).batches[0].frame.schema) == polars_schema(LEDGER_ENTRIES)
    assert dict(decode(page_of()).batches[0].frame.schema) == polars_schema(LEDGER_ENTRIES)


def test_a_page_before_the_last_claims_no_window() -> None:
    assert decode(page_of(one(), next_page="abc")).windows == ()


def test_the_first_page_of_a_pull_brings_the_account_and_the_last_one_the_cursor() -> None:
    decoded = decode(PUBLISHED, opens_pull="true", cursor="2026-04-30")
    (account,) = decoded.batches[1].frame.to_dicts()
    assert (account["record_id"], account["account_kind"], account["currency_code"]) == ("ledger", "ledger", "BDT")
    assert decoded.cursor == "2026-04-30"
    assert rows(decoded)[0]["account_id"] == "ledger"


@pytest.mark.parametrize(
    ("wire", "amount"),
    [
        ("0.1", "-0.1"),
        ("348.50", "-348.50"),
        ('"348.50"', "-348.50"),
        ("99999999999999.9999", "-99999999999999.9999"),
        ("1e3", "-1000"),
        ("0", "0"),
        ("12345678901234.5678", "-12345678901234.5678"),
    ],
)
def test_amounts_keep_every_digit(wire: str, amount: str) -> None:
    text = page_of(one()).replace('"amount": 10', f'"amount": {wire}')
    assert rows(decode(text))[0]["entry_amount"] == Decimal(amount)


@pytest.mark.parametrize(
    ("fields", "column", "reason"),
    [
        ({"amount": None}, "amount", "missing"),
        ({"amount": -5}, "amount", "minus sign"),
        ({"amount": "-5"}, "amount", "minus sign"),
        ({"amount": "1,23,456.78"}, "amount", "plain number"),
        ({"amount": "১২৩.৪৫"}, "amount", "plain number"),
        ({"amount": "(45.00)"}, "amount", "plain number"),
        ({"amount": "1e3"}, "amount", "plain number"),
        ({"amount": "NaN"}, "amount", "plain number"),
        ({"amount": True}, "amount", "plain number"),
        ({"amount": {"value": 3}}, "amount", "plain number"),
        ({"amount": "0.00001"}, "amount", "more than four decimals"),
        ({"amount": "1.000000000000000000000000000000001"}, "amount", "more than four decimals"),
        ({"amount": "100000000000000"}, "amount", "too large"),
        ({"kind": "transfer"}, "kind", "not known"),
        ({"kind": None}, "kind", "missing"),
        ({"kind": ["income"]}, "kind", "not known"),
        ({"date": "2026-02-31"}, "date", "no such day"),
        ({"date": "05/04/2026"}, "date", "not written as"),
        ({"date": "২০২৬-০৪-০৫"}, "date", "not written as"),
        ({"date": 20260405}, "date", "not written as"),
        ({"date": ""}, "date", "missing"),
        ({"id": ""}, "id", "no id"),
        ({"id": None}, "id", "no id"),
        ({"note": ["x"]}, "note", "not text"),
        ({"currency": "taka"}, "currency", "three-letter"),
    ],
)
def test_an_entry_that_cannot_be_read_is_set_aside_with_its_reason(
    fields: dict[str, Any], column: str, reason: str
) -> None:
    decoded = decode(page_of(one(id="good"), one(**fields)))
    assert [r["record_id"] for r in rows(decoded)] == ["good"]
    (reject,) = decoded.rejects.to_dicts()
    assert (reject["kind"], reject["row_no"], reject["column"]) == ("ledger_entries", 2, column)
    assert reason in reject["reason"]
    assert reject["cure"]
    assert decoded.rows_read == {"ledger_entries": 2}


def test_a_page_without_a_currency_sets_its_entries_aside() -> None:
    decoded = decode('{"entries": [' + json.dumps(one()) + '], "next_page": null}')
    assert decoded.rejects["column"].to_list() == ["currency"]


def test_unknown_fields_are_kept_with_their_digits() -> None:
    text = page_of(one(mood="ভালো")).replace('"mood"', '"weight": 1.50, "mood"')
    assert rows(decode(text))[0]["extra"] == '{"weight":1.50,"mood":"ভালো"}'


def test_a_subcategory_stands_below_its_category() -> None:
    entries = [
        {"id": "1", "kind": "expense", "amount": 1, "date": "2026-04-05", "category": "food", "subcategory": "বাজার"},
        {"id": "2", "kind": "expense", "amount": 1, "date": "2026-04-05", "category": "food", "subcategory": ""},
        {"id": "3", "kind": "expense", "amount": 1, "date": "2026-04-05", "subcategory": "x", "currency": "USD"},
    ]
    found = rows(decode(page_of(*entries)))
    assert [(r["category_group"], r["category_name"], r["currency_code"]) for r in found] == [
        ("food", "বাজার", "BDT"),
        (None, "food", "BDT"),
        (None, "x", "USD"),
    ]


def test_where_an_entry_was_written_down_is_kept() -> None:
    entry = {"id": "1", "kind": "expense", "amount": 320, "date": "2026-05-09", "source": "counter"}
    (row,) = rows(decode(page_of(entry)))
    assert row["extra"] == json_text({"source": "counter"})


def test_bangla_and_arabic_survive() -> None:
    decoded = decode(page_of(one(note="বাসা ভাড়া", counterparty="أحمد", category="খাবার")))
    (row,) = rows(decoded)
    assert (row["note"], row["counterparty_name"], row["category_name"]) == ("বাসা ভাড়া", "أحمد", "খাবার")


def test_half_a_character_sets_the_entry_aside() -> None:
    decoded = decode(page_of(one(), one(id="e_2", note="x")).replace('"x"', '"\\ud83d"'))
    assert decoded.rejects["reason"].to_list() == ["the text is not valid Unicode"]
    assert len(rows(decoded)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        "\x00",
        "[" * 100_000,
        '{"entries": 3, "next_page": null}',
        '{"entries": []}',
        '{"entries": [], "next_page": ""}',
        '{"entries": [], "next_page": {}}',
        '{"entries": [NaN], "next_page": null}',
    ],
)
def test_what_is_not_a_page_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(SourceError) as caught:
        decode(text)
    assert "\n" not in str(caught.value)


def test_a_page_without_its_days_is_refused() -> None:
    with pytest.raises(SourceError, match="lost the days"):
        SOURCE.decode(Page("k", PUBLISHED.encode(), {}))


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
_fields = st.fixed_dictionaries(
    {},
    optional={
        "id": _json | st.just("e_1"),
        "kind": _json | st.sampled_from(["income", "expense", "debt_payment"]),
        "amount": _json | st.decimals(0, 10**15).map(str) | st.integers(0, 10**20),
        "date": _json | st.dates().map(str),
        "note": _json | st.text(),
        "category": _json,
        "currency": _json | st.just("USD"),
        "more": _json,
    },
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_fields | _json, max_size=5), _json | st.just("BDT"), st.none() | _json)
@example([one(amount=0.1)], "BDT", None)
def test_whatever_a_page_holds_every_entry_is_a_row_or_a_reject(
    entries: list[Any], currency: Any, next_page: Any
) -> None:
    text = json.dumps({"currency": currency, "entries": entries, "next_page": next_page})
    try:
        decoded = decode(text, opens_pull="true")
    except SourceError:
        return
    assert len(rows(decoded)) + len(decoded.rejects) == len(entries) == decoded.rows_read["ledger_entries"]
    places = decoded.batches[0].frame["row_no"].to_list() + decoded.rejects["row_no"].to_list()
    assert sorted(places) == list(range(1, len(entries) + 1))
    required = [field.name for field in LEDGER_ENTRIES.fields if field.required]
    assert sum(decoded.batches[0].frame.select("record_id", *required).null_count().row(0)) == 0


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | _json.map(lambda value: json.dumps(value).encode()))
def test_arbitrary_bytes_are_decoded_or_refused(body: bytes) -> None:
    with contextlib.suppress(SourceError):
        SOURCE.decode(Page("k", body, META))


@settings(max_examples=200, deadline=None)
@given(st.decimals(min_value=0, max_value=Decimal("99999999999999.9999"), places=4))
def test_every_storable_amount_comes_through_unchanged(amount: Decimal) -> None:
    text = page_of(one()).replace('"amount": 10', f'"amount": {amount}')
    assert rows(decode(text))[0]["entry_amount"] == -amount


def test_json_text_gives_back_what_was_read() -> None:
    text = '{"a":[1.50,-0.0,1e3,true,null,"\\" \\n ভ"],"b":{}}'
    assert json_text(read_json(text.encode())) == '{"a":[1.50,-0.0,1E+3,true,null,"\\" \\n ভ"],"b":{}}'
