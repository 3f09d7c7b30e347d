"""Every book of Hishebi is read whole or not at all, within the scopes granted; nothing missing looks deleted."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from typing import Any

import pytest
from fake_hishebi import TODAY, FakeGrant, FakeHishebi, error, live, once, response

from pipelines.sources.hishebi.pull import SOURCE, Cursor
from pipelines.sources.source import LoginNeeded, Page, SourceError, Window
from warehouse.record_kinds import KINDS

ONLY_LEDGER = FakeGrant(scopes=frozenset({"ledger.read"}))


def day(back: int) -> str:
    return (TODAY - dt.timedelta(days=back)).isoformat()


def payment(number: int, back: int) -> dict[str, Any]:
    return {"id": f"rp_{number}", "tenant_id": "t_1", "amount": 15000, "date": day(back)}


def due(number: int, back: int) -> dict[str, Any]:
    return {"id": f"du_{number}", "tenant_id": "t_1", "kind": "rent", "amount": 15000, "due_date": day(back)}


def everything() -> dict[str, list[Any]]:
    """A landlord's books, two years of them."""
    return {
        "ledger": [{"id": f"e_{n}", "kind": "income", "amount": n, "date": day(n * 10)} for n in range(1, 60)],
        "debts": [{"id": "d_1", "counterparty": "Rahim", "direction": "lent", "outstanding": 45000}],
        "goals": [{"id": "g_1", "name": "Hajj", "current_balance": 120000}],
        "cash-counts": [
            {
                "id": f"c_{n}",
                "counted_at": f"{day(n * 30)}T18:30:00+06:00",
                "total": 10,
                "denominations": [{"value": 10, "pieces": 1}],
            }
            for n in range(20)
        ],
        "notes": [{"id": f"n_{n}", "text": "ok", "created_at": f"{day(n * 90)}T09:00:00+06:00"} for n in range(8)],
        "properties": [
            {"id": "p_1", "name": "Mirpur house", "units": [{"id": "un_1", "name": "2A"}]},
            {"id": "p_2", "name": "দোকান", "units": []},
        ],
        "properties/p_1/tenants": [{"id": "t_1", "name": "Karim", "unit_id": "un_1", "monthly_rent": 15000}],
        "properties/p_2/tenants": [{"id": "t_2", "name": "أحمد", "monthly_rent": 9000}],
        "properties/p_1/dues": [due(n, n * 30) for n in range(24)],
        "properties/p_2/dues": [],
        "properties/p_1/payments": [payment(n, n * 30) for n in range(24)],
        "properties/p_2/payments": [payment(100 + n, n * 30) for n in range(3)],
    }


def pulled(fake: FakeHishebi, grant: FakeGrant | None = None, cursor: str | None = None, **more: Any) -> list[Page]:
    return list(fake.source().pull(grant or FakeGrant(), cursor, more.pop("landed", {}), **more))


def windows(pages: list[Page]) -> dict[str, list[Window]]:
    found: dict[str, list[Window]] = {}
    for page in pages:
        for window in SOURCE.decode(page).windows:
            found.setdefault(window.kind, []).append(window)
    return found


def cursors(pages: list[Page]) -> list[str]:
    return [cursor for page in pages if (cursor := SOURCE.decode(page).cursor)]


def test_the_source_names_all_kinds_it_may_bring() -> None:
    assert set(SOURCE.kinds) <= set(KINDS)
    assert len(set(SOURCE.kinds)) == len(SOURCE.kinds) == 11


def test_a_first_pull_reads_every_row_of_every_list() -> None:
    fake = FakeHishebi(everything())
    found = live(SOURCE, pulled(fake))
    assert {kind: len(rows) for kind, rows in found.items()} == {
        "accounts": 1,
        "ledger_entries": 59,
        "debts": 1,
        "savings_goals": 1,
        "cash_counts": 40,
        "notes": 8,
        "properties": 2,
        "units": 1,
        "tenancies": 2,
        "rent_charges": 24,
        "rent_payments": 27,
    }
    assert found["rent_payments"]["rp_100"]["property_id"] == "p_2"


@pytest.mark.parametrize("size", [1, 7, 100])
def test_small_pages_and_large_pages_of_every_list_say_the_same(size: int) -> None:
    pages, large = pulled(FakeHishebi(everything(), size=size)), pulled(FakeHishebi(everything()))
    assert live(SOURCE, pages) == live(SOURCE, large)
    assert windows(pages) == windows(large)
    assert cursors(pages) == cursors(large)


def test_lists_without_days_are_whole_and_dated_ones_join_without_a_gap() -> None:
    told = windows(pulled(FakeHishebi(everything())))
    for kind in ("debts", "savings_goals", "properties", "units", "tenancies"):
        (window,) = told[kind]
        assert (window.first_date, window.last_date) == (dt.date(1900, 1, 1), dt.date(2199, 12, 31))
    for kind in ("ledger_entries", "cash_counts", "notes", "rent_charges", "rent_payments"):
        spans = told[kind]
        assert spans[0].last_date == TODAY
        assert all(
            later.first_date - dt.timedelta(days=1) == earlier.last_date for later, earlier in itertools.pairwise(spans)
        )
        assert spans[-1].first_date < TODAY - dt.timedelta(days=700)
        assert {span.account_id for span in spans} == {None}


def test_a_later_pull_asks_each_list_once() -> None:
    fake = FakeHishebi(everything())
    (cursor,) = cursors(pulled(fake))
    fake.asked.clear()
    pages = pulled(fake, cursor=cursor)
    assert Counter(fake.paths()) == Counter(dict.fromkeys(everything(), 1))
    assert fake.paths()[-1] == "ledger"
    assert cursors(pages) == [cursor]
    for kind in ("ledger_entries", "cash_counts", "notes", "rent_charges", "rent_payments"):
        assert windows(pages)[kind] == [Window(kind, TODAY - dt.timedelta(days=14), TODAY)]


def test_a_cursor_of_the_ledger_alone_reads_the_other_lists_from_their_beginning() -> None:
    """As a cursor was written before there were other lists."""
    fake = FakeHishebi(everything())
    found = live(SOURCE, pulled(fake, cursor="2026-11-20"))
    assert (len(found["ledger_entries"]), len(found["notes"]), len(found["rent_payments"])) == (1, 8, 27)
    assert fake.paths().count("ledger") == 1


def test_a_new_property_is_read_from_its_beginning() -> None:
    fake = FakeHishebi(everything())
    (cursor,) = cursors(pulled(fake))
    fake.rows["properties"] = [*fake.rows["properties"], {"id": "p 3/ভ", "name": "New"}]
    new = "properties/p 3/ভ"
    fake.rows |= {f"{new}/tenants": [], f"{new}/dues": [], f"{new}/payments": [payment(900, 500)]}
    pages = pulled(fake, cursor=cursor)
    assert "rp_900" in live(SOURCE, pages)["rent_payments"]
    (after,) = cursors(pages)
    fake.asked.clear()
    assert "rp_900" not in live(SOURCE, pulled(fake, cursor=after))["rent_payments"]
    assert fake.paths().count(f"{new}/payments") == 1


def test_without_its_scope_nothing_of_a_property_is_asked() -> None:
    fake = FakeHishebi(everything())
    pages = pulled(fake, ONLY_LEDGER)
    assert not [path for path in fake.paths() if path.startswith("properties")]
    assert cursors(pages) == ["2026-11-20 cash-counts notes"]


def test_a_full_pull_reads_all_again() -> None:
    fake = FakeHishebi(everything())
    first = pulled(fake)
    again = pulled(fake, cursor=cursors(first)[0], full=True)
    assert [(page.key, page.body, dict(page.meta)) for page in again] == [
        (page.key, page.body, dict(page.meta)) for page in first
    ]


@pytest.mark.parametrize("landed", [1, 5, 9, 14, 20, 30])
def test_a_killed_pull_goes_on_with_the_page_that_was_not_landed(landed: int) -> None:
    fake = FakeHishebi(everything(), size=6)
    del fake.rows["goals"]
    whole = pulled(fake)
    fake.asked.clear()
    again = pulled(fake, landed={page.key: page for page in whole[:landed]})
    assert [(page.key, page.body, dict(page.meta)) for page in again] == [
        (page.key, page.body, dict(page.meta)) for page in whole
    ]
    assert len(fake.asked) == len(whole) - landed


@pytest.mark.parametrize(
    "missing", [name for name in everything() if name != "ledger"], ids=lambda name: name.replace("/", "-")
)
@pytest.mark.parametrize(
    "answer",
    [
        error(404, "NOT_FOUND"),
        error(403, "INSUFFICIENT_SCOPE"),
        error(501, "NOT_IMPLEMENTED"),
        response(b"not found".decode(), 404),
        response({"rows": []}),
        response([]),
        response({"error": {"code": "INSUFFICIENT_SCOPE"}}),
    ],
    ids=["404", "403", "501", "404 text", "another form", "a list", "403 as 200"],
)
def test_a_list_the_service_does_not_give_is_told_and_never_looks_empty(missing: str, answer: Any) -> None:
    fake = FakeHishebi(everything(), answers=[once(f"/{missing}", answer)])
    pages = pulled(fake)
    (unanswered,) = [page for page in pages if page.unanswered]
    assert unanswered.unanswered.startswith("The ")
    assert "\n" not in unanswered.unanswered
    assert "words of somebody" not in unanswered.unanswered
    end = {"properties": ("properties", "units", "tenancies", "rent_charges", "rent_payments")}
    kinds = (
        end.get(missing)
        or {
            "debts": ("debts",),
            "goals": ("savings_goals",),
            "cash-counts": ("cash_counts",),
            "notes": ("notes",),
            "tenants": ("tenancies",),
            "dues": ("rent_charges",),
            "payments": ("rent_payments",),
        }[missing.rpartition("/")[2]]
    )
    assert not set(kinds) & windows(pages).keys()
    assert len(live(SOURCE, pages)["ledger_entries"]) == 59
    assert missing not in cursors(pages)[0]


def test_a_list_that_comes_back_is_read_from_its_beginning() -> None:
    fake = FakeHishebi(everything())
    notes = fake.rows.pop("notes")
    (cursor,) = cursors(pulled(fake))
    fake.rows["notes"] = notes
    assert len(live(SOURCE, pulled(fake, cursor=cursor))["notes"]) == 8


def test_a_part_of_the_properties_says_nothing_of_the_others() -> None:
    fake = FakeHishebi(everything(), size=1)
    fake.answers = [
        lambda request: (
            error(404, "NOT_FOUND") if request.url.path.endswith("/properties") and request.url.params else None
        )
    ]
    pages = pulled(fake)
    assert not {"properties", "units", "tenancies", "rent_charges", "rent_payments"} & windows(pages).keys()


def test_without_any_property_left_no_tenant_is_left() -> None:
    fake = FakeHishebi({**everything(), "properties": []})
    told = windows(pulled(fake))
    assert {"properties", "units", "tenancies"} <= told.keys()
    assert not {"rent_charges", "rent_payments"} & told.keys()


@pytest.mark.parametrize("path", ["debts", "properties/p_1/payments"])
def test_a_passing_trouble_of_any_list_is_waited_out_and_a_lasting_one_ends_the_pull(path: str) -> None:
    fake = FakeHishebi(everything(), answers=[once(path, error(500, "INTERNAL_ERROR")) for _ in range(5)])
    assert len(cursors(pulled(fake))) == 1
    fake.answers = [once(path, error(500, "INTERNAL_ERROR")) for _ in range(6)]
    with pytest.raises(SourceError, match="trouble of its own"):
        pulled(fake)


def test_a_web_page_in_place_of_any_list_ends_the_pull() -> None:
    import httpx

    page = httpx.Response(200, text="<html>sign in</html>")
    fake = FakeHishebi(everything(), answers=[once("/debts", page)])
    with pytest.raises(SourceError, match="a web page instead of data"):
        pulled(fake)


def test_the_ledger_itself_must_be_given() -> None:
    fake = FakeHishebi({name: rows for name, rows in everything().items() if name != "ledger"})
    with pytest.raises(SourceError, match=r"does not know this request \(status 404\) \(code NOT_FOUND"):
        pulled(fake)


def test_a_refused_token_is_renewed_once_for_every_list() -> None:
    tokens = {"access_token": "at_1", "refresh_token": "rt_1", "expires_in": 60, "user_id": "u_1"}
    fake = FakeHishebi(everything(), answers=[once("/debts", error(401, "INVALID_TOKEN"))])
    fake.answers.append(once("/refresh", response(tokens)))
    grant = FakeGrant()
    assert cursors(pulled(fake, grant))
    assert grant.renewed == 1
    fake.answers = [once("/goals", error(401, "INVALID_TOKEN")) for _ in range(2)]
    fake.answers.append(once("/refresh", response(tokens)))
    with pytest.raises(LoginNeeded):
        pulled(fake, grant)


@pytest.mark.parametrize("text", ["", "not ours", "2026-13-01", "2026-11-20x notes", "20-11-2026"])
def test_a_cursor_we_did_not_write_reads_everything(text: str) -> None:
    assert Cursor.read(text).day is None


def test_a_cursor_keeps_its_lists() -> None:
    cursor = Cursor(TODAY, frozenset({"notes", "properties/p%203%2F%E0%A6%AD/dues"}))
    assert Cursor.read(cursor.text) == cursor
    assert Cursor(TODAY).text == "2026-11-20"
