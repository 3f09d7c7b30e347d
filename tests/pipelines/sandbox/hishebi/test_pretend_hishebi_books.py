"""What the pretend Hishebi holds beside the ledger: sums that agree with each other, the same story every time."""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import fastexcel
import httpx
import pytest
from asking_hishebi import LISTS, SPAN, Person, total
from pretend_hishebi import TODAY, Server

from pipelines.sandbox.hishebi.cash_counts import DENOMINATIONS
from pipelines.sandbox.hishebi.debts import debts_of
from pipelines.sandbox.hishebi.household import Household
from pipelines.sandbox.hishebi.lending import LOAN_RETURNED, MONEY_LENT
from pipelines.sandbox.hishebi.people import people
from pipelines.sandbox.hishebi.rent_book import RentBook
from pipelines.sandbox.hishebi.rent_houses import houses_of, tenancies_of
from pipelines.sandbox.hishebi.town import SandboxSettings
from pipelines.sandbox.running import running_sandbox

EVER = (dt.date(2000, 1, 1), TODAY)
PEOPLE = people(7, 12)
Start = Callable[..., Any]


@pytest.fixture(scope="module")
def shared() -> Iterator[Server]:
    """A sandbox for the tests that change nothing in it."""
    with running_sandbox(SandboxSettings(today=TODAY, requests_per_minute=1_000_000)) as url:
        yield Server(url)


def household(number: int, steps: str = "") -> Household:
    return Household(7, PEOPLE[number], TODAY, steps)


@pytest.mark.parametrize("number", range(12))
@pytest.mark.parametrize("steps", ["", "dcdd"])
def test_a_debt_is_what_the_entries_about_it_say(number: int, steps: str) -> None:
    books = household(number, steps)
    entries = books.entries(dt.date.min, books.today)
    debts = books.debts()
    for debt in debts:
        assert debt["principal"] - debt["paid"] == debt["outstanding"] >= 0  # type: ignore[operator]
        assert debt["status"] == ("settled" if debt["outstanding"] == 0 else "open")
    borrowed = [debt for debt in debts if debt["direction"] == "borrowed"]
    paid = total([entry for entry in entries if entry["kind"] == "debt_payment"])
    assert total(borrowed, "paid") == paid
    lent = [debt for debt in debts if debt["direction"] == "lent"]
    returned = [entry for entry in entries if entry.get("category") == LOAN_RETURNED]
    begun = min((str(debt["start_date"]) for debt in lent), default="9999")
    assert total(lent, "paid") == total([entry for entry in returned if str(entry["date"]) >= begun])
    assert all(entry["kind"] == "income" for entry in returned)


def test_debts_go_both_ways_and_some_are_settled() -> None:
    found = [debt for number in range(12) for debt in household(number).debts()]
    assert {(debt["direction"], debt["status"]) for debt in found} >= {
        ("borrowed", "open"),
        ("lent", "open"),
        ("lent", "settled"),
    }
    lent = [entry for entry in household(0).entries(*EVER) if entry.get("category") == MONEY_LENT]
    assert lent
    assert all(entry["kind"] == "expense" for entry in lent)


def test_a_loan_that_is_paid_off_is_taken_again() -> None:
    person = PEOPLE[0]
    entries = household(0).book.between(*EVER) * 9
    (debt, *_) = debts_of(7, person, entries, TODAY, TODAY)
    assert debt["paid"] > 0  # type: ignore[operator]
    assert 0 <= debt["outstanding"] < debt["principal"]  # type: ignore[operator]


def test_goals_grow_month_by_month_and_never_beyond_their_target() -> None:
    sums = []
    for steps in (0, 40, 400, 1500):
        books = household(1, "d" * steps)
        goals = books.goals()
        assert all(0 <= goal["current_balance"] <= goal["target_amount"] for goal in goals)  # type: ignore[operator]
        sums.append(total(goals, "current_balance"))
    assert sums == sorted(sums)
    assert sums[0] < sums[1] < sums[2]


@pytest.mark.parametrize("number", range(12))
def test_a_count_is_what_its_notes_and_coins_come_to(number: int) -> None:
    counts = household(number).cash_counts(*EVER)
    assert len(counts) in range(104, 110)
    for count in counts:
        pieces = count["denominations"]
        assert isinstance(pieces, list)
        assert sum(each["value"] * each["pieces"] for each in pieces) == count["total"] == count["cash"]
        assert {each["value"] for each in pieces} <= set(DENOMINATIONS)
        assert dt.datetime.fromisoformat(str(count["counted_at"])).utcoffset() == dt.timedelta(hours=6)
    off = [count for count in counts if count["total"] != count["expected_total"]]
    assert 10 < len(off) < 45


@pytest.mark.parametrize("number", [0, 3, 6, 9])
def test_a_tenant_owes_what_was_charged_and_not_paid(number: int) -> None:
    books = household(number)
    houses = books.houses()
    assert len(houses) == PEOPLE[number].houses in {1, 2}
    for house in houses:
        assert 3 <= len(house.units) <= 6
        charged, paid = books.dues(house, *EVER), books.payments(house, *EVER)
        for tenant in books.tenants(house):
            due = total([each for each in charged if each["tenant_id"] == tenant["id"]])
            got = total([each for each in paid if each["tenant_id"] == tenant["id"]])
            assert tenant["dues"] == due - got


def test_no_tenant_pays_before_the_charge_and_some_pay_late_in_parts_or_not_at_all() -> None:
    books = [
        RentBook(tenancy, TODAY)
        for person in PEOPLE
        for house in houses_of(7, person)
        for tenancy in tenancies_of(house, dt.date(2024, 11, 1), TODAY)
    ]
    for book in books:
        for day in sorted({str(row["date"]) for row in book.payments}):
            charged = total([due for due in book.dues if str(due["due_date"]) <= day])
            assert total([row for row in book.payments if str(row["date"]) <= day]) <= charged
    dues = [due for book in books for due in book.dues]
    assert {due["kind"] for due in dues} == {"rent", "late_fee", "utility", "service", "deposit"}
    payments = [payment for book in books for payment in book.payments]
    late = [row for row in payments if not row["note"] and str(row["date"])[8:] > "11"]
    assert 0.08 < len(late) / len(payments) < 0.4
    months = [(row["tenant_id"], row["month"]) for row in payments if not row["note"]]
    assert len(set(months)) < len(months)
    assert any(str(row["date"])[:7] > str(row["month"]) for row in payments)
    assert any(book.owed > 0 for book in books)


def test_units_are_let_to_one_tenant_at_a_time_and_stand_empty_between_two() -> None:
    (house,) = houses_of(7, PEOPLE[0])
    for unit in house.units:
        let = [t for t in tenancies_of(house, dt.date(2020, 1, 1), TODAY) if t.unit_id == unit.unit_id]
        assert len(let) > 2
        for one, other in pairwise(let):
            assert dt.timedelta(days=27) < other.start_date - one.end_date <= dt.timedelta(days=32)
    rents = {t.rent_in(month) for t in tenancies_of(house, *EVER) for month in range(t.first_month, t.last_month)}
    assert len(rents) > len(house.units)


def test_those_without_houses_have_none(shared: Server) -> None:
    assert Person(shared.url, "tanvir@example.com").houses() == []
    mine = Person(shared.url).houses()[0]
    assert Person(shared.url, "rafiqul@example.com").get(f"/properties/{mine}/tenants").status_code == 404


def test_two_sandboxes_tell_the_same_byte_for_byte(start_server: Start) -> None:
    told = []
    for _ in range(2):
        server = start_server(requests_per_minute=10_000)
        server.step("change")
        server.step("next-day")
        somebody = Person(server.url)
        somebody.note("হিসাব মিলেছে")
        houses = somebody.houses()
        told.append([somebody.get(path.format(houses[0]), **SPAN).content for path in LISTS])
        told[-1] += [somebody.get("/export", format=kind, **SPAN).content for kind in ("xlsx", "pdf")]
    assert told[0] == told[1]


def test_another_process_tells_the_same_byte_for_byte() -> None:
    """Sets come in another order in every process; nothing that is told may hang on it."""
    script = (
        "import datetime as dt, hashlib\n"
        "from pipelines.sandbox.hishebi.export import exported\n"
        "from pipelines.sandbox.hishebi.town import SandboxSettings, Town\n"
        "town = Town(SandboxSettings(today=dt.date(2026, 11, 20)))\n"
        "span = (dt.date(2025, 11, 21), dt.date(2026, 11, 20))\n"
        "files = [exported(town, each.user_id, kind, *span)[0] for each in town.people for kind in ('xlsx', 'pdf')]\n"
        "print(hashlib.sha256(b''.join(files)).hexdigest())\n"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1


def test_a_day_later_earlier_days_are_told_the_same(start_server: Start) -> None:
    server = start_server(requests_per_minute=10_000)
    somebody = Person(server.url)
    before = somebody.everything()
    for _ in range(3):
        server.step("next-day")
    after = somebody.everything()
    for path in before:
        if path.endswith(("/payments", "/dues", "/cash-counts", "/notes", "/properties")):
            assert before[path] == after[path]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("scope", ["ledger.read", "property.read", "export.read", "notes.write"])
def test_a_scope_opens_its_own_lists_only(shared: Server, path: str, scope: str) -> None:
    needed = "property.read" if path.startswith("/properties") else "ledger.read"
    somebody = Person(shared.url, scope=[scope])
    answer = somebody.get(path.format("p_nowhere"), **SPAN)
    assert (answer.status_code == 403) == (scope != needed)
    if answer.status_code == 403:
        assert answer.json()["error"]["code"] == "INSUFFICIENT_SCOPE"


def test_writing_and_exporting_need_their_scopes(server: Any) -> None:
    reader = Person(server.url, scope=["ledger.read", "property.read"])
    assert reader.note("a").status_code == 403
    assert reader.get("/export", format="pdf", **SPAN).status_code == 403
    assert Person(server.url, scope=["notes.write"]).note("a").status_code == 201
    assert Person(server.url, scope=["export.read"]).get("/export", format="pdf", **SPAN).status_code == 200


def test_a_note_asked_for_again_is_the_same_note(start_server: Start, tmp_path: Path) -> None:
    settings = SandboxSettings(today=TODAY, state_file=tmp_path / "state.json")
    with running_sandbox(settings) as url:
        somebody = Person(url)
        entry_id = somebody.rows("/ledger", **SPAN)[-1]["id"]
        first = somebody.note("কাউন্টারে ৭০ কম", entry_id, key="one")
        assert (first.status_code, first.json()["entry_id"]) == (201, entry_id)
        assert somebody.note("কাউন্টারে ৭০ কম", entry_id, key="one").content == first.content
        refused = somebody.note("another", entry_id, key="one")
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "IDEMPOTENCY_CONFLICT")
        assert Person(url, "tanvir@example.com").note("mine", key="one").json()["text"] == "mine"
        assert somebody.note("another", key="two").json()["id"] != first.json()["id"]
    with running_sandbox(settings) as url:
        somebody = Person(url)
        assert somebody.note("কাউন্টারে ৭০ কম", entry_id, key="one").content == first.content
        today = {"from": TODAY.isoformat(), "to": TODAY.isoformat()}
        assert [note for note in somebody.rows("/notes", **today) if note["id"] == first.json()["id"]] == [first.json()]


@pytest.mark.parametrize("body", [b"", b"[]", b'{"text":""}', b'{"text":5}', b'{"text":"\\ud800"}', b'{"text":"a"'])
def test_a_note_without_words_is_refused(shared: Server, body: bytes) -> None:
    somebody = Person(shared.url)
    headers = {**somebody.headers, "Idempotency-Key": "k", "content-type": "application/json"}
    answer = httpx.post(f"{shared.url}/api/v1/hishebi/notes", content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize("key", [None, "", "a key", "k" * 256])
def test_a_note_without_a_good_key_is_refused(shared: Server, key: str | None) -> None:
    somebody = Person(shared.url)
    headers = somebody.headers if key is None else {**somebody.headers, "Idempotency-Key": key}
    answer = httpx.post(f"{shared.url}/api/v1/hishebi/notes", json={"text": "a"}, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_REQUEST")


def test_the_workbook_holds_what_the_lists_tell(start_server: Start) -> None:
    somebody = Person(start_server(requests_per_minute=10_000).url)
    book = fastexcel.read_excel(somebody.get("/export", format="xlsx", **SPAN).content)
    assert book.sheet_names == ["Entries", "Debts", "Goals", "Rent payments", "Rent dues", "Cash counts", "Notes"]
    (house,) = somebody.houses()
    for sheet, path, column, field in (
        ("Entries", "/ledger", "Amount", "amount"),
        ("Debts", "/debts", "Outstanding", "outstanding"),
        ("Goals", "/goals", "Current balance", "current_balance"),
        ("Rent payments", f"/properties/{house}/payments", "Amount", "amount"),
        ("Rent dues", f"/properties/{house}/dues", "Amount", "amount"),
        ("Cash counts", "/cash-counts", "Total", "total"),
    ):
        read = book.load_sheet(sheet).to_polars()
        rows = somebody.rows(path, **SPAN)
        assert sum(Decimal(str(value)) for value in read[column]) == total(rows, field)
        assert sorted(read["Id"]) == sorted(row["id"] for row in rows)
    entries = book.load_sheet("Entries").to_polars()
    assert entries.columns[:3] == ["Date", "Kind", "Category"]
    assert set(entries["Currency"]) == {"BDT"}
    assert book.load_sheet("Notes").to_polars()["Text"].to_list() == [
        note["text"] for note in sorted(somebody.rows("/notes", **SPAN), key=lambda note: str(note["created_at"]))
    ]


def test_the_document_is_a_whole_pdf_with_its_objects_where_it_says(shared: Server) -> None:
    body = Person(shared.url).get("/export", format="pdf", **SPAN).content
    assert body.startswith(b"%PDF-1.4\n")
    start = int(re.findall(rb"startxref\n(\d+)\n%%EOF\n$", body)[0])
    assert body[start:].startswith(b"xref\n0 ")
    places = [int(place) for place in re.findall(rb"(\d{10}) 00000 n ", body[start:])]
    for number, place in enumerate(places, 1):
        assert body[place:].startswith(b"%d 0 obj\n" % number)
    for length, stream in re.findall(rb"/Length (\d+) >>\nstream\n(.*?)\nendstream", body, re.DOTALL):
        assert len(stream) == int(length)
    (count,) = re.findall(rb"/Count (\d+)", body)
    assert body.count(b"/Type /Page ") == int(count) > 5
