"""The workbook Hishebi makes gives the records its lists give, as far as it says them."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from fake_hishebi import FakeGrant

from pipelines.sandbox.hishebi.people import PASSWORD
from pipelines.sources.hishebi.client import log_in
from pipelines.sources.hishebi.export import fetch_export
from pipelines.sources.hishebi.export_book import FORMAT
from pipelines.sources.hishebi.pull import HishebiSource
from pipelines.sources.pacing import Pace
from pipelines.sources.recognising import recognised
from pipelines.sources.source import BinaryFormat, Decoded, SourceError
from warehouse.record_kinds import KINDS
from warehouse.schema_renderings import polars_schema

TODAY = dt.date(2026, 11, 20)
ENTRIES = ("Date", "Kind", "Category", "Subcategory", "Counterparty", "Amount", "Currency", "Note", "Id")
GOOD = (dt.date(2026, 5, 9), "expense", "food", None, None, 320, "BDT", None, "e_1")


def book(**sheets: Sequence[Sequence[Any]]) -> io.BytesIO:
    """A workbook of these sheets, their names with blanks for underlines."""
    body = io.BytesIO()
    with xlsxwriter.Workbook(body, {"default_date_format": "yyyy-mm-dd", "remove_timezone": True}) as made:
        for name, rows in sheets.items():
            sheet = made.add_worksheet(name.replace("_", " "))
            for row_no, row in enumerate(rows):
                sheet.write_row(row_no, 0, row)
    body.seek(0)
    return body


def decoded(body: io.BytesIO) -> list[Decoded]:
    """Every stretch of the file, as it is recognised; conservation is proved."""
    file = recognised(body, {})
    assert file.file_format.source == "hishebi_export"
    assert file.questions() == []
    stretches = list(file.file_format.read(file.body, {}))
    for stretch in stretches:
        rejected = dict(stretch.rejects.group_by("kind").len().iter_rows())
        given: dict[str, int] = {}
        for batch in stretch.batches:
            assert dict(batch.frame.schema) == polars_schema(KINDS[batch.kind])
            given[batch.kind] = given.get(batch.kind, 0) + batch.frame.height
        for kind, count in stretch.rows_read.items():
            assert given.get(kind, 0) + rejected.get(kind, 0) == count
    return stretches


def rows(stretches: list[Decoded], kind: str) -> dict[str, dict[str, Any]]:
    frames = [batch.frame for each in stretches for batch in each.batches if batch.kind == kind]
    return {row["record_id"]: row for row in pl.concat(frames).to_dicts()} if frames else {}


def rejects(stretches: list[Decoded]) -> list[tuple[str, int, str, str]]:
    found = [row for each in stretches for row in each.rejects.to_dicts()]
    return [(row["kind"], row["row_no"], row["column"], row["reason"]) for row in found]


def test_the_format_takes_files_that_are_no_text() -> None:
    assert isinstance(FORMAT, BinaryFormat)
    assert set(FORMAT.kinds) <= set(KINDS)


def test_the_sheet_of_entries_becomes_signed_entries() -> None:
    body = book(
        Entries=[
            ENTRIES,
            GOOD,
            (dt.date(2026, 5, 10), "income", "salary", None, None, "42000.50", "BDT", "বেতন", "e_2"),
            (dt.date(2026, 5, 11), "debt_payment", None, None, "أحمد", 5000, "BDT", None, "e_3"),
            (dt.date(2026, 5, 12), "expense", "food", "বাজার", None, 0.1, "BDT", None, "e_4"),
        ]
    )
    found = rows(decoded(body), "ledger_entries")
    assert [(r["entry_date"].day, r["entry_kind"], r["entry_amount"]) for r in found.values()] == [
        (9, "expense", Decimal(-320)),
        (10, "income", Decimal("42000.5")),
        (11, "debt_payment", Decimal(-5000)),
        (12, "expense", Decimal("-0.1")),
    ]
    assert (found["e_4"]["category_group"], found["e_4"]["category_name"]) == ("food", "বাজার")
    assert (found["e_1"]["category_group"], found["e_1"]["category_name"]) == (None, "food")
    assert (found["e_2"]["note"], found["e_3"]["counterparty_name"]) == ("বেতন", "أحمد")
    assert {r["account_id"] for r in found.values()} == {"ledger"}


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        (0, "yesterday", "date"),
        (0, None, "the date is empty"),
        (1, "gift", "the kind is none of"),
        (1, None, "the kind is empty"),
        (5, -320, "the amount has a minus sign"),
        (5, "much", "amount"),
        (5, None, "the amount is empty"),
        (6, "taka", "three-letter"),
        (6, None, "the currency is empty"),
        (8, None, "the id is empty"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_with_its_row(place: int, value: Any, reason: str) -> None:
    bad = [*GOOD[:place], value, *GOOD[place + 1 :]]
    stretches = decoded(book(Entries=[ENTRIES, GOOD, bad]))
    ((kind, row_no, column, why),) = rejects(stretches)
    assert (kind, row_no, column) == ("ledger_entries", 3, ENTRIES[place])
    assert reason in why
    assert list(rows(stretches, "ledger_entries")) == ["e_1"]


def test_a_count_of_the_till_becomes_its_total_and_its_denominations() -> None:
    head = ("Counted at", "Till", "Expected total", "Total", "Cash", "1000", "10", "0.50", "Currency", "Note", "Id")
    counts = [
        ("2026-05-09T01:30:00+06:00", "Shop", 12500, 12430, 12430, 12, 43, None, "BDT", "short", "c_1"),
        ("2026-05-10T18:30:00+06:00", "Shop", None, 5, 5, None, 1.5, 10, "BDT", None, "c_2"),
        ("soon", "Shop", None, 5, 5, 1, 1, 1, "BDT", None, "c_3"),
    ]
    stretches = decoded(book(Entries=[ENTRIES, GOOD], Cash_counts=[head, *counts]))
    found = rows(stretches, "cash_counts")
    assert {name: row["counted_amount"] for name, row in found.items()} == {
        "c_1": Decimal(12430),
        "c_2": Decimal(5),
        "c_1/1000": Decimal(12000),
        "c_1/10": Decimal(430),
        "c_2/0.50": Decimal(5),
    }
    assert found["c_1"]["counted_at"] == dt.datetime(2026, 5, 8, 19, 30, tzinfo=dt.UTC)
    assert {row["count_date"] for row in found.values() if row["session_id"] == "c_1"} == {dt.date(2026, 5, 9)}
    assert '"Cash":"12430"' in found["c_1"]["extra"]
    assert [(kind, row_no, column) for kind, row_no, column, _ in rejects(stretches)] == [
        ("cash_counts", 4, "Counted at"),
        ("cash_counts", 3, "Pieces"),
    ]


def test_a_sheet_or_a_column_that_is_not_known_is_seen() -> None:
    stretches = decoded(book(Entries=[(*ENTRIES, "Mood"), (*GOOD, "ভালো")], Pets=[("Name",), ("Cat",)]))
    assert rows(stretches, "ledger_entries")["e_1"]["extra"] == '{"Mood":"ভালো"}'
    ((_, _, _, reason),) = rejects(stretches)
    assert "not one that is known" in reason


@pytest.mark.parametrize("sheets", [{"Entries": [("Date", "Amount"), (1, 2)]}, {"Other": [ENTRIES, GOOD]}])
def test_another_workbook_is_not_taken(sheets: dict[str, Any]) -> None:
    assert not FORMAT.takes(book(**sheets))


def test_a_workbook_with_two_columns_of_one_name_is_refused() -> None:
    with pytest.raises(SourceError, match="two columns of one name"):
        decoded(book(Entries=[(*ENTRIES, "Note"), (*GOOD, "x")]))


def test_the_export_of_the_pretend_service_says_what_its_lists_say(server: Any) -> None:
    first = TODAY - dt.timedelta(days=300)
    scopes = ("ledger.read", "property.read", "export.read")
    login = log_in(server.url, "ayesha@example.com", PASSWORD, "d", scopes)
    grant = FakeGrant(frozenset(scopes), base_url=server.url, token=login.access_token)
    source = HishebiSource(Pace(requests=1_000_000))
    lists: dict[str, dict[str, dict[str, Any]]] = {}
    for page in source.pull(grant, None, {}):
        for batch in source.decode(page).batches:
            lists.setdefault(batch.kind, {}).update({row["record_id"]: row for row in batch.frame.to_dicts()})
    stretches = decoded(io.BytesIO(fetch_export(grant, "xlsx", first, TODAY, source=source)))
    assert rejects(stretches) == []
    days = {
        "ledger_entries": "entry_date",
        "rent_payments": "payment_date",
        "rent_charges": "due_date",
        "cash_counts": "count_date",
        "notes": "note_date",
        "debts": "",
        "savings_goals": "",
    }
    by_name = {"property_id", "tenancy_id", "row_no", "extra"}
    for kind, day in days.items():
        told = {name: row for name, row in lists[kind].items() if not day or row[day] >= first}
        found = rows(stretches, kind)
        assert found.keys() == told.keys(), kind
        for name, row in found.items():
            wanted = {key: value for key, value in told[name].items() if key not in by_name}
            assert {key: value for key, value in row.items() if key not in by_name} == wanted
    assert {r["tenancy_id"] for r in rows(stretches, "rent_payments").values()} <= rows(stretches, "tenancies").keys()
    assert {r["property_name"] for r in rows(stretches, "properties").values()} <= {
        r["property_name"] for r in lists["properties"].values()
    }
