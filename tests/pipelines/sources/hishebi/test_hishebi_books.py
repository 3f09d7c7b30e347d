"""The lists beside the ledger become records exactly, or rejects with a reason; the specification's examples first."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.sources.hishebi.pull import SOURCE
from pipelines.sources.hishebi.surfaces import SURFACES
from pipelines.sources.source import UNANSWERED, Decoded, Page, SourceError
from warehouse.record_kinds import KINDS
from warehouse.schema_renderings import polars_schema

DAYS = {"first_date": "2026-04-01", "last_date": "2026-04-30"}
PATHS = Path(__file__).resolve().parents[4] / "docs" / "hishebi" / "paths"
EXAMPLES = {
    "debts": ("debts_and_goals", "debts"),
    "goals": ("debts_and_goals", "goals"),
    "cash_counts": ("cash_counts", "cash_counts"),
    "notes": ("notes", "notes"),
    "properties": ("rent_houses", "properties"),
    "tenants": ("rent_houses", "tenants"),
    "dues": ("rent_houses", "dues"),
    "payments": ("rent_houses", "payments"),
}
"""Where the specification gives an example of each list."""


def example_of(surface: str) -> dict[str, Any]:
    """The example answer the specification gives."""
    file, name = EXAMPLES[surface]
    document = yaml.safe_load((PATHS / f"{file}.yaml").read_text(encoding="utf-8"))
    content = document[name]["get"]["responses"]["200"]["content"]["application/json"]
    found = content.get("example") or next(iter(content["examples"].values()))["value"]
    assert isinstance(found, dict)
    return found


def decode(surface: str, text: str, **meta: str) -> Decoded:
    page = Page("k", text.encode("utf-8", "surrogatepass"), {**DAYS, "list": surface, "property_id": "p_1", **meta})
    return SOURCE.decode(page)


def page_of(surface: str, *rows: Any) -> str:
    return json.dumps({"currency": "BDT", SURFACES[surface].list_name: rows, "next_page": None})


def rows(decoded: Decoded, kind: str) -> list[dict[str, Any]]:
    (batch,) = [batch for batch in decoded.batches if batch.kind == kind]
    return batch.frame.to_dicts()


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """The columns that hold something."""
    return {name: value for name, value in row.items() if value is not None and name != "row_no"}


@pytest.mark.parametrize("surface", EXAMPLES)
def test_every_example_of_the_specification_is_read_whole(surface: str) -> None:
    decoded = decode(surface, json.dumps(example_of(surface)))
    assert len(decoded.rejects) == 0
    assert [window.kind for window in decoded.windows] == list(SURFACES[surface].kinds)
    for batch in decoded.batches:
        assert dict(batch.frame.schema) == polars_schema(KINDS[batch.kind])
        required = [field.name for field in KINDS[batch.kind].fields if field.required]
        assert sum(batch.frame.select("record_id", *required).null_count().row(0)) == 0
        assert decoded.rows_read[batch.kind] == batch.frame.height > 0


def test_the_examples_have_no_field_that_ends_in_extra_but_moments_and_cash() -> None:
    left = set()
    for surface in EXAMPLES:
        for batch in decode(surface, json.dumps(example_of(surface))).batches:
            left |= {name for text in batch.frame["extra"].drop_nulls() for name in json.loads(text)}
    assert left <= {"created_at", "counted_at", "cash"}


def test_an_example_debt_says_who_owes_whom() -> None:
    given_row = {
        "id": "d_1",
        "counterparty": "Rahim",
        "direction": "borrowed",
        "principal": 60000,
        "paid": 15000,
        "outstanding": 45000,
        "start_date": "2026-01-10",
        "due_date": None,
        "status": "open",
        "note": "",
    }
    (row,) = rows(decode("debts", page_of("debts", given_row)), "debts")
    assert shown(row) == {
        "record_id": "d_1",
        "counterparty_name": "Rahim",
        "debt_direction": "borrowed",
        "principal_amount": Decimal(60000),
        "paid_amount": Decimal(15000),
        "outstanding_amount": Decimal(45000),
        "currency_code": "BDT",
        "start_date": dt.date(2026, 1, 10),
        "debt_status": "open",
    }


def test_a_goal_keeps_its_target_its_balance_and_its_day() -> None:
    goal = {
        "id": "g_1",
        "name": "হজ্জ",
        "target_amount": 600000,
        "current_balance": "120000.50",
        "note": "ok",
        "target_date": "2028-06-01",
        "start_date": "2025-06-01",
        "icon": "kaaba",
    }
    (row,) = rows(decode("goals", page_of("goals", goal)), "savings_goals")
    assert shown(row) == {
        "record_id": "g_1",
        "goal_name": "হজ্জ",
        "target_amount": Decimal(600000),
        "saved_amount": Decimal("120000.50"),
        "currency_code": "BDT",
        "start_date": dt.date(2025, 6, 1),
        "target_date": dt.date(2028, 6, 1),
        "note": "ok",
        "extra": '{"icon":"kaaba"}',
    }


COUNT: dict[str, Any] = {
    "id": "c_1",
    "counted_at": "2026-05-09T01:30:00+06:00",
    "till": "Shop",
    "expected_total": 12500,
    "total": 12430,
    "cash": 12430,
    "note": "short",
    "denominations": [{"value": 1000, "pieces": 12}, {"value": 10, "pieces": 43}, {"value": "0.50", "pieces": 3}],
}


def test_a_count_is_one_total_and_one_row_for_each_denomination() -> None:
    found = rows(decode("cash_counts", page_of("cash_counts", COUNT)), "cash_counts")
    assert [(r["record_id"], r["line_kind"], r["counted_amount"]) for r in found] == [
        ("c_1", "total", Decimal(12430)),
        ("c_1/1000", "denomination", Decimal(12000)),
        ("c_1/10", "denomination", Decimal(430)),
        ("c_1/0.50", "denomination", Decimal("1.50")),
    ]
    total, thousand = shown(found[0]), shown(found[1])
    shared = {
        "session_id": "c_1",
        "count_date": dt.date(2026, 5, 9),
        "counted_at": dt.datetime(2026, 5, 8, 19, 30, tzinfo=dt.UTC),
        "till_name": "Shop",
        "currency_code": "BDT",
    }
    assert shared.items() <= total.items()
    assert shared.items() <= thousand.items()
    assert (total["expected_amount"], total["note"]) == (Decimal(12500), "short")
    assert json.loads(total["extra"]) == {"counted_at": COUNT["counted_at"], "cash": 12430}
    assert (thousand["denomination_amount"], thousand["pieces_count"]) == (Decimal(1000), 12)
    assert not {"expected_amount", "note", "extra"} & thousand.keys()


def test_a_count_whose_denominations_do_not_come_to_its_total_stays_as_told() -> None:
    found = rows(decode("cash_counts", page_of("cash_counts", {**COUNT, "total": 1})), "cash_counts")
    assert [r["counted_amount"] for r in found] == [Decimal(1), Decimal(12000), Decimal(430), Decimal("1.50")]


def test_a_denomination_that_is_counted_twice_is_two_rows() -> None:
    lines = [{"value": 10, "pieces": 1}, {"value": 10.0, "pieces": 2}, {"value": "10", "pieces": 3}]
    found = rows(decode("cash_counts", page_of("cash_counts", {**COUNT, "denominations": lines})), "cash_counts")
    assert [r["record_id"] for r in found] == ["c_1", "c_1/10", "c_1/10/2", "c_1/10/3"]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ({"value": 10, "pieces": -1}, "pieces"),
        ({"value": 10, "pieces": 1.5}, "pieces"),
        ({"value": 10}, "pieces"),
        ({"pieces": 1}, "value"),
        ({"value": -10, "pieces": 1}, "value"),
        ({"value": "99999999999999", "pieces": 1000}, "pieces"),
        ([10, 1], ""),
    ],
)
def test_a_broken_denomination_is_set_aside_alone(line: Any, column: str) -> None:
    count = {**COUNT, "denominations": [{"value": 5, "pieces": 1}, line]}
    decoded = decode("cash_counts", page_of("cash_counts", count))
    assert [r["record_id"] for r in rows(decoded, "cash_counts")] == ["c_1", "c_1/5"]
    assert decoded.rejects["column"].to_list() == [column]
    assert decoded.rows_read == {"cash_counts": 3}


def test_a_number_of_a_million_digits_is_no_denomination() -> None:
    text = page_of("cash_counts", {**COUNT, "denominations": [{"value": 7, "pieces": 1}]})
    decoded = decode("cash_counts", text.replace('"value": 7', '"value": 1e999999999'))
    assert decoded.rejects["column"].to_list() == ["value"]


def test_a_note_keeps_its_words_its_day_and_its_entry() -> None:
    note = {"id": "n_1", "text": "বাজার\nأحمد", "created_at": "2026-05-09T00:30:00+06:00", "entry_id": "e_88"}
    (row,) = rows(decode("notes", page_of("notes", note)), "notes")
    assert shown(row) == {
        "record_id": "n_1",
        "note_text": "বাজার\nأحمد",
        "noted_at": dt.datetime(2026, 5, 8, 18, 30, tzinfo=dt.UTC),
        "note_date": dt.date(2026, 5, 9),
        "entry_id": "e_88",
        "extra": '{"created_at":"2026-05-09T00:30:00+06:00"}',
    }


@pytest.mark.parametrize(
    ("moment", "day", "instant"),
    [
        ("2026-05-09", dt.date(2026, 5, 9), None),
        ("2026-05-09T18:30:00", dt.date(2026, 5, 9), None),
        ("2026-05-09T18:30:00Z", dt.date(2026, 5, 9), dt.datetime(2026, 5, 9, 18, 30, tzinfo=dt.UTC)),
        (None, None, None),
    ],
)
def test_a_moment_says_as_much_as_it_says(moment: Any, day: dt.date | None, instant: dt.datetime | None) -> None:
    (row,) = rows(decode("notes", page_of("notes", {"id": "n", "text": "x", "created_at": moment})), "notes")
    assert (row["note_date"], row["noted_at"]) == (day, instant)


def test_an_unknown_charge_counts_as_other_and_keeps_its_word() -> None:
    due = {"id": "du_1", "tenant_id": "t_1", "kind": "parking", "amount": -500, "due_date": "2026-05-05"}
    (row,) = rows(decode("dues", page_of("dues", {**due, "month": "2026-05"})), "rent_charges")
    assert shown(row) == {
        "record_id": "du_1",
        "property_id": "p_1",
        "tenancy_id": "t_1",
        "charge_kind": "other",
        "due_date": dt.date(2026, 5, 5),
        "period_date": dt.date(2026, 5, 1),
        "charge_amount": Decimal(-500),
        "currency_code": "BDT",
        "extra": '{"kind":"parking"}',
    }


def test_units_carry_their_property_and_a_property_without_any_is_fine() -> None:
    houses = [
        {"id": "p_1", "name": "A", "currency": "AED", "units": [{"id": "un_1", "name": "2A", "market_rent": 15000}]},
        {"id": "p_2", "name": "B", "units": None},
        {"id": "p_3", "name": "C"},
    ]
    decoded = decode("properties", page_of("properties", *houses))
    assert [shown(row) for row in rows(decoded, "units")] == [
        {
            "record_id": "un_1",
            "property_id": "p_1",
            "unit_name": "2A",
            "market_rent_amount": Decimal(15000),
            "currency_code": "AED",
        }
    ]
    assert [row["currency_code"] for row in rows(decoded, "properties")] == ["AED", "BDT", "BDT"]
    assert decoded.rows_read == {"properties": 3, "units": 1}


GOOD: dict[str, dict[str, Any]] = {
    "debts": {"id": "1", "counterparty": "R", "direction": "lent", "outstanding": 1},
    "goals": {"id": "1", "name": "g", "current_balance": 1},
    "cash_counts": COUNT,
    "notes": {"id": "1", "text": "x"},
    "properties": {"id": "1", "name": "p"},
    "tenants": {"id": "1", "name": "t"},
    "dues": {"id": "1", "tenant_id": "t", "kind": "rent", "amount": 1, "due_date": "2026-05-05"},
    "payments": {"id": "1", "tenant_id": "t", "amount": 1, "date": "2026-05-05"},
}


@pytest.mark.parametrize(
    ("surface", "fields", "column", "reason"),
    [
        ("debts", {"direction": "given"}, "direction", "neither borrowed nor lent"),
        ("debts", {"direction": None}, "direction", "neither"),
        ("debts", {"direction": ["lent"]}, "direction", "neither"),
        ("debts", {"outstanding": None}, "outstanding", "missing"),
        ("debts", {"paid": -1}, "paid", "minus sign"),
        ("debts", {"principal": "1,000"}, "principal", "plain number"),
        ("debts", {"counterparty": ""}, "counterparty", "missing"),
        ("debts", {"due_date": "soon"}, "due_date", "not written as"),
        ("debts", {"currency": "taka"}, "currency", "three-letter"),
        ("goals", {"name": None}, "name", "missing"),
        ("goals", {"current_balance": "0.00001"}, "current_balance", "four decimals"),
        ("goals", {"target_date": "2026-02-30"}, "target_date", "no such day"),
        ("cash_counts", {"counted_at": None, "denominations": []}, "counted_at", "missing"),
        ("cash_counts", {"counted_at": "yesterday", "denominations": None}, "counted_at", "not written as"),
        ("cash_counts", {"total": None, "denominations": []}, "total", "missing"),
        ("cash_counts", {"denominations": {"1000": 12}}, "denominations", "no list"),
        ("notes", {"text": ""}, "text", "missing"),
        ("notes", {"created_at": 5}, "created_at", "not written as"),
        ("notes", {"entry_id": {}}, "entry_id", "not text"),
        ("properties", {"units": {}}, "units", "no list"),
        ("properties", {"id": None}, "id", "no id"),
        ("tenants", {"monthly_rent": True}, "monthly_rent", "plain number"),
        ("tenants", {"end_date": "31/12/2026"}, "end_date", "not written as"),
        ("dues", {"tenant_id": None}, "tenant_id", "missing"),
        ("dues", {"month": "May"}, "month", "not written as"),
        ("dues", {"month": "2026-13"}, "month", "no such day"),
        ("payments", {"month": "2026-05-09"}, "month", "not written as 2026-05"),
        ("payments", {"date": None}, "date", "missing"),
        ("payments", {"amount": None}, "amount", "missing"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_with_its_reason(
    surface: str, fields: dict[str, Any], column: str, reason: str
) -> None:
    kind = SURFACES[surface].kinds[0]
    decoded = decode(surface, page_of(surface, {**GOOD[surface], "id": "fine"}, {**GOOD[surface], **fields}))
    assert "fine" in {row["record_id"] for row in rows(decoded, kind)}
    (reject,) = decoded.rejects.to_dicts()
    assert (reject["kind"], reject["column"]) == (kind, column)
    assert reason in reject["reason"]
    assert reject["cure"]


def test_half_a_character_in_a_count_sets_its_denominations_aside_too() -> None:
    text = page_of("cash_counts", {**COUNT, "till": "x"}).replace('"x"', '"\\ud83d"')
    decoded = decode("cash_counts", text)
    assert decoded.rejects["reason"].to_list() == ["the text is not valid Unicode"] * 4
    assert rows(decoded, "cash_counts") == []


def test_a_list_that_was_not_given_says_nothing() -> None:
    decoded = SOURCE.decode(Page("debts/unanswered", b"", {"list": "debts", UNANSWERED: "The debts are not read."}))
    assert decoded == Decoded(batches=(), rejects=decoded.rejects)
    assert len(decoded.rejects) == 0


def test_a_page_of_a_list_that_is_not_known_is_refused() -> None:
    with pytest.raises(SourceError, match="not known"):
        decode("pets", page_of("debts"))


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


def _row(surface: str) -> st.SearchStrategy[Any]:
    row = {**GOOD[surface], "units": [{"id": "u", "name": "n"}], "month": "2026-05"}
    return st.fixed_dictionaries({}, optional={name: st.just(value) | _json for name, value in row.items()})


@pytest.mark.parametrize("surface", GOOD)
def test_whatever_a_list_holds_every_part_is_a_row_or_a_reject(surface: str) -> None:
    @settings(max_examples=60, deadline=None)
    @given(st.lists(_row(surface) | _json, max_size=4), _json | st.just("BDT"))
    @example([GOOD[surface]], "BDT")
    def holds(given_rows: list[Any], currency: Any) -> None:
        document = {"currency": currency, SURFACES[surface].list_name: given_rows, "next_page": None}
        try:
            decoded = decode(surface, json.dumps(document))
        except SourceError:
            return
        rejected = dict(decoded.rejects.group_by("kind").len().iter_rows())
        for batch in decoded.batches:
            assert batch.frame.height + rejected.get(batch.kind, 0) == decoded.rows_read[batch.kind]
            required = [field.name for field in KINDS[batch.kind].fields if field.required]
            assert sum(batch.frame.select("record_id", *required).null_count().row(0)) == 0
        assert decoded.rows_read[SURFACES[surface].kinds[0]] >= len(given_rows)

    holds()
