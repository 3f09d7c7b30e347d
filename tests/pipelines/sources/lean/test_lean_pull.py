"""One pull of Lean: what is asked, what is gone on with, and which troubles become states a person can see."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import httpx
import pytest
from fake_lean import EVERYTHING, FakeGrant, FakeLean, once, response, said
from lean_rows import ACCOUNT_ID, balance, envelope, transaction

from pipelines.sources.lean.pull import LeanSource, paced
from pipelines.sources.lean.span import Span, span_of
from pipelines.sources.pacing import Pace
from pipelines.sources.source import (
    ConsentRefused,
    LoginNeeded,
    Page,
    ReconnectNeeded,
    SourceError,
    StillPreparing,
    Unsettled,
    Window,
)

TODAY = dt.date(2026, 11, 20)
RESULTS = "00000000-0000-4000-8000-0000000000ff"


@pytest.fixture
def lean() -> FakeLean:
    days = [TODAY - dt.timedelta(days=number) for number in range(250)]
    rows = [transaction(n, booking_date_time=f"{day}T00:00:00Z") for n, day in enumerate(days)]
    return FakeLean({"transactions": rows, "balances": [balance("CLOSING_BOOKED", 5)]})


def pull(lean: FakeLean, grant: FakeGrant | None = None, cursor: str | None = None, **more: Any) -> list[Page]:
    naps: list[float] = []
    source = LeanSource(Pace(sleep=naps.append), lean.transport())
    landed: dict[str, Page] = more.pop("landed", {})
    pages = []
    for page in source.pull(grant or FakeGrant(), cursor, landed, **more):
        pages.append(page)
        landed.setdefault(page.key, page)
    return pages


def windows(pages: list[Page]) -> list[Window]:
    return [window for page in pages for window in LeanSource().decode(page).windows]


def test_a_first_pull_asks_for_everything_the_consent_names_and_ends_with_the_cursor(lean: FakeLean) -> None:
    pages = pull(lean)
    assert lean.asked == {
        "identity": 1,
        "accounts": 1,
        "balances": 1,
        "transactions": 3,
        "identities": 1,
        "beneficiaries": 1,
        "standing-orders": 1,
        "direct-debits": 1,
        "scheduled-payments": 1,
    }
    rows = [LeanSource().decode(page).rows_read for page in pages]
    assert sum(each.get("bank_transactions", 0) for each in rows) == 250
    assert [LeanSource().decode(page).cursor for page in pages] == [None] * (len(pages) - 1) + ["2026-11-20"]
    asked = next(url.params for url in lean.urls if url.path.endswith("/transactions"))
    assert dict(asked) == {
        "entity_id": FakeGrant().user_name,
        "page": "0",
        "size": "100",
        "start_date": "2025-04-30",
        "insights": "true",
    }


@pytest.mark.parametrize(
    ("scopes", "asked"),
    [
        ({"accounts"}, {"accounts"}),
        ({"accounts", "balance"}, {"accounts", "balances"}),
        ({"accounts", "transactions", "identity"}, {"accounts", "transactions", "identity"}),
        ({"accounts", "direct_debits"}, {"accounts", "direct-debits"}),
    ],
)
def test_only_what_was_granted_is_asked_for(lean: FakeLean, scopes: set[str], asked: set[str]) -> None:
    pull(lean, FakeGrant(scopes=frozenset(scopes)))
    assert set(lean.asked) == asked


def test_without_the_accounts_nothing_is_asked(lean: FakeLean) -> None:
    with pytest.raises(SourceError, match="does not cover the accounts"):
        pull(lean, FakeGrant(scopes=frozenset({"transactions"})))
    assert not lean.asked


def test_a_killed_pull_goes_on_without_asking_for_a_page_twice(lean: FakeLean) -> None:
    whole = pull(lean)
    first_asked = lean.asked.total()
    for stop in range(len(whole)):
        lean.asked.clear()
        landed = {page.key: page for page in whole[:stop]}
        again = pull(lean, landed=landed)
        assert [(page.key, page.meta) for page in again] == [(page.key, page.meta) for page in whole]
        assert lean.asked.total() == first_asked - stop


def test_a_later_pull_reads_two_weeks_again_and_what_is_missing_there_is_gone(lean: FakeLean) -> None:
    pages = pull(lean, cursor="2026-11-18")
    asked = next(url.params for url in lean.urls if url.path.endswith("/transactions"))
    assert asked["start_date"] == "2026-11-03"
    told = [each for each in windows(pages) if each.kind == "bank_transactions"]
    assert told == [Window("bank_transactions", dt.date(2026, 11, 4), dt.date(2026, 11, 21), ACCOUNT_ID)]


def test_a_long_span_proves_nothing_before_its_oldest_row(lean: FakeLean) -> None:
    oldest = TODAY - dt.timedelta(days=249)
    for more in ({}, {"cursor": "2026-11-18", "full": True}, {"cursor": "2025-09-01"}, {"cursor": "nonsense"}):
        (told,) = [each for each in windows(pull(lean, **more)) if each.kind == "bank_transactions"]
        assert told.first_date == oldest + dt.timedelta(days=1)
    lean.lists["transactions"] = []
    assert [each.kind for each in windows(pull(lean))] == ["identities", "beneficiaries", "payment_orders"]


def test_a_pending_row_is_followed_until_it_is_gone(lean: FakeLean) -> None:
    lean.lists["transactions"][30]["status"] = "PENDING"
    cursor = LeanSource().decode(pull(lean)[-1]).cursor
    assert cursor == "2026-11-20 2026-10-21"
    assert span_of(cursor, TODAY).first == dt.date(2026, 10, 21)
    assert span_of("2026-11-20 2026-08-01", TODAY).first == dt.date(2026, 11, 6)  # too old to be followed
    assert span_of("2026-11-20", TODAY) == Span(dt.date(2026, 11, 6), TODAY)


def test_a_list_that_changes_while_it_is_read_is_begun_again(lean: FakeLean) -> None:
    rows, pages = lean.lists["transactions"], itertools.count()

    def shrink(request: httpx.Request) -> httpx.Response | None:
        if request.url.path.endswith("/transactions") and next(pages) == 1:
            del rows[0]  # now the hundredth row is on a page that was read
            return response(envelope("transactions", rows[100:200], number=1, total=249))
        return None

    lean.answers.append(shrink)
    made = pull(lean)
    assert lean.asked["transactions"] == 5
    ids = {
        record
        for page in made
        for batch in LeanSource().decode(page).batches
        if batch.kind == "bank_transactions"
        for record in batch.frame["record_id"]
    }
    assert {f"t-{number}" for number in range(1, 250)} <= ids
    assert sum(each.kind == "bank_transactions" for each in windows(made)) == 1


def test_a_list_that_never_stands_still_ends_in_one_line(lean: FakeLean) -> None:
    def grow(request: httpx.Request) -> httpx.Response | None:
        if request.url.path.endswith("/transactions"):
            lean.lists["transactions"].append(transaction(1000 + lean.asked["transactions"]))
        return None

    lean.answers.append(grow)
    with pytest.raises(SourceError, match="keeps changing while it is read"):
        pull(lean)


def test_another_page_than_the_one_asked_for_is_asked_again(lean: FakeLean) -> None:
    stale = response(envelope("transactions", lean.lists["transactions"][:100], total=250))
    lean.answers.append(lambda request: stale if request.url.params.get("page") == "1" else None)
    assert sum(each.kind == "bank_transactions" for each in windows(pull(lean))) == 1
    assert lean.asked["transactions"] == 4
    foreign = [transaction(1, account_id="another")]
    lean.lists["transactions"] = foreign
    with pytest.raises(SourceError, match="another page than the one asked for"):
        pull(lean)


def test_results_that_come_later_are_awaited(lean: FakeLean) -> None:
    pending = {"status": "PENDING", "results_id": RESULTS, "message": "wait", "timestamp": "2026-11-20T12:00:00Z"}
    whole = envelope("balances", lean.lists["balances"])
    lean.answers += [
        once("/balances", response(pending)),
        once(RESULTS, said("UNKNOWN_RESULTS_ID", 404)),
        once(RESULTS, response(pending)),
        once(RESULTS, response(whole)),
    ]
    pages = pull(lean)
    assert lean.asked["balances"] == 1
    assert lean.asked[RESULTS] == 3
    assert sum(LeanSource().decode(page).rows_read.get("balances", 0) for page in pages) == 1


def test_a_bank_that_takes_long_is_a_state_and_the_next_pull_goes_on_with_the_promise(lean: FakeLean) -> None:
    pending = {"status": "PENDING", "results_id": RESULTS}
    lean.answers += [once("/balances", response(pending)), *(once(RESULTS, response(pending)) for _ in range(6))]
    landed: dict[str, Page] = {}
    with pytest.raises(StillPreparing, match="still preparing") as caught:
        pull(lean, landed=landed)
    assert (caught.value.reference, caught.value.state) == (RESULTS, "preparing")
    lean.answers.append(once(RESULTS, response(envelope("balances", lean.lists["balances"]))))
    pages = pull(lean, landed=landed)
    assert lean.asked["balances"] == 1
    assert sum(LeanSource().decode(page).rows_read.get("balances", 0) for page in pages) == 1


def test_a_promise_lean_has_forgotten_is_asked_for_anew(lean: FakeLean) -> None:
    key = f"balances/{ACCOUNT_ID}/1/0"
    landed = {f"waiting/{key}/{RESULTS}": Page(f"waiting/{key}/{RESULTS}", b"{}", {"list": "waiting"})}
    lean.answers.append(once(RESULTS, said("UNKNOWN_RESULTS_ID", 404)))
    assert pull(lean, landed=landed)
    assert (lean.asked[RESULTS], lean.asked["balances"]) == (1, 1)


@pytest.mark.parametrize(
    ("answer", "error", "state", "reference"),
    [
        (said("RECONNECT_REQUIRED", results_id=RESULTS), ReconnectNeeded, "needs reconnect", RESULTS),
        (said("CONSENT_EXPIRED"), ConsentRefused, "consent ended at the source", ""),
        (said("CONSENT_EXPIRED", 403), ConsentRefused, "consent ended at the source", ""),
        (said("FAILED", results_id=RESULTS), Unsettled, "failing at the source", RESULTS),
        (said("BANK_MAINTENANCE", 502), Unsettled, "failing at the source", ""),
    ],
)
def test_states_of_a_connection_come_as_such_whatever_the_http_code(
    lean: FakeLean, answer: httpx.Response, error: type[Unsettled], state: str, reference: str
) -> None:
    lean.answers.append(once("/transactions", answer))
    with pytest.raises(error) as caught:
        pull(lean)
    assert (caught.value.state, caught.value.reference) == (state, reference)
    assert "secret words" not in str(caught.value)


@pytest.mark.parametrize("answer", [said("FAILED"), said("UNKNOWN_ACCOUNT", 404), said("FORBIDDEN", 403)])
def test_a_list_beside_the_point_may_fail_alone(lean: FakeLean, answer: httpx.Response) -> None:
    lean.answers.append(once("/direct-debits", answer))
    pages = pull(lean)
    rejects = [reject for page in pages for reject in LeanSource().decode(page).rejects.to_dicts()]
    assert [(each["kind"], each["value"]) for each in rejects] == [("payment_orders", "")]
    assert "direct debits" in rejects[0]["reason"]
    assert [each.kind for each in windows(pages)] == ["bank_transactions", "identities", "beneficiaries"]
    assert LeanSource().decode(pages[-1]).cursor == "2026-11-20"


def test_a_last_list_that_fails_still_ends_the_pull(lean: FakeLean) -> None:
    lean.answers.append(once("/scheduled-payments", said("FAILED")))
    assert LeanSource().decode(pull(lean)[-1]).cursor == "2026-11-20"


def test_a_refused_token_is_renewed_once(lean: FakeLean) -> None:
    grant = FakeGrant()
    lean.answers.append(once("/accounts", said("UNAUTHORIZED", 401)))
    assert pull(lean, grant)
    assert (grant.renewed, grant.token) == (1, "t1")
    lean.answers += [once("/accounts", said("UNAUTHORIZED", 401)) for _ in range(2)]
    with pytest.raises(LoginNeeded, match="refuses a token it has just given"):
        pull(lean, grant)
    lean.answers += [
        once("/accounts", said("UNAUTHORIZED", 401)),
        once("/token", response({"error": "invalid_client"}, 401)),
    ]
    with pytest.raises(LoginNeeded, match="does not take the application's id and secret") as caught:
        pull(lean, grant)
    assert "the-secret" not in str(caught.value)


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_passing_trouble_is_tried_again(lean: FakeLean, code: int) -> None:
    lean.answers.append(once("/accounts", said("TOO_MANY_REQUESTS" if code == 429 else "INTERNAL_SERVER_ERROR", code)))
    assert pull(lean, FakeGrant(scopes=frozenset({"accounts"})))
    assert lean.asked["accounts"] == 2


def test_a_limit_per_minute_is_spread_over_its_seconds() -> None:
    assert [(pace.requests, pace.span) for pace in (paced(Pace(), 2700), paced(Pace(), 61), paced(Pace(), 30))] == [
        (45, 1.0),
        (1, 1.0),
        (30, 60.0),
    ]


def test_everything_is_a_permission_of_lean() -> None:
    assert set(LeanSource().scopes) <= EVERYTHING
