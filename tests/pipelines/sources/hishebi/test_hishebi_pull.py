"""The real client against the pretend service over HTTP: pulls, changes, resuming, tokens that end, every fault."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx
import pytest

from pipelines.connecting import disconnect
from pipelines.sandbox.hishebi.people import PASSWORD
from pipelines.sources.hishebi.pull import Cursor, HishebiSource
from pipelines.sources.pacing import Pace
from pipelines.sources.source import LoginNeeded, Page, SourceError
from pipelines.stored_grant import StoredGrant
from warehouse.connections import Connection
from warehouse.home import Home
from warehouse.keys import Keyring
from warehouse.tokens import TokenStore

TODAY = dt.date(2026, 11, 20)

Start = Callable[..., Any]
Join = Callable[..., Connection]
GrantOf = Callable[..., StoredGrant]


def entries(source: HishebiSource, pages: list[Page]) -> dict[str, tuple[str, Decimal, dt.date, str | None]]:
    """What the pages say, by id; a later page wins."""
    found = {}
    for page in pages:
        frame = source.decode(page).batches[0].frame
        names = ("record_id", "entry_kind", "entry_amount", "entry_date", "note")
        for record_id, *rest in frame.select(names).iter_rows():
            found[record_id] = tuple(rest)
    return found


def ledger(pages: Iterable[Page]) -> Iterator[Page]:
    """The pages of the ledger alone; `test_hishebi_surfaces` is about the other lists."""
    return (page for page in pages if page.key.startswith("ledger/"))


def cursor_day(source: HishebiSource, page: Page) -> dt.date | None:
    """The day of the cursor a page carries."""
    return Cursor.read(source.decode(page).cursor or "").day


def digest(pages: list[Page]) -> str:
    return hashlib.sha256(b"".join(page.key.encode() + page.body for page in pages)).hexdigest()


def test_a_first_pull_reads_everything_within_the_limits(
    start_server: Start, join: Join, grant_of: GrantOf, naps: Any
) -> None:
    server = start_server()
    source = HishebiSource(Pace(sleep=naps.sleep))
    pages = list(ledger(source.pull(grant_of(join(server)), None, {})))
    found = entries(source, pages)
    assert min(day for _, _, day, _ in found.values()) < dt.date(2024, 11, 8)
    assert max(day for _, _, day, _ in found.values()) <= TODAY
    assert Counter(kind for kind, *_ in found.values()).keys() == {"income", "expense", "debt_payment"}
    assert [cursor_day(source, page) for page in pages if cursor_day(source, page)] == [TODAY]
    assert cursor_day(source, pages[-1]) == TODAY
    assert "429" not in server.stats()["statuses"]
    assert naps.taken == []


def test_the_windows_of_a_first_pull_join_without_a_gap(
    server: Any, join: Join, grant_of: GrantOf, source: HishebiSource
) -> None:
    pages = ledger(source.pull(grant_of(join(server)), None, {}))
    windows = [window for page in pages for window in source.decode(page).windows]
    assert windows[0].last_date == TODAY
    for later, earlier in itertools.pairwise(windows):
        assert earlier.last_date == later.first_date - dt.timedelta(days=1)
    assert windows[-1].first_date < dt.date(2023, 12, 1)


@pytest.mark.parametrize("page_size", [5, 23, 100])
def test_small_pages_and_large_pages_say_the_same(
    start_server: Start, join: Join, grant_of: GrantOf, source: HishebiSource, page_size: int
) -> None:
    small = start_server(page_size=page_size, requests_per_minute=1_000_000)
    grant = grant_of(join(small))
    pages = list(ledger(source.pull(grant, "2026-11-19", {})))
    large = start_server()
    same = list(ledger(source.pull(grant_of(join(large)), "2026-11-19", {})))
    assert entries(source, pages) == entries(source, same)
    assert len(pages) == max(1, -(-len(entries(source, pages)) // page_size))
    assert [len(source.decode(page).windows) for page in pages] == [0] * (len(pages) - 1) + [1]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(
    start_server: Start, join: Join, grant_of: GrantOf, source: HishebiSource
) -> None:
    pulls = []
    for seed in (7, 7, 8):
        connection = join(start_server(seed=seed), party_label=f"Ayesha {len(pulls)}")
        pulls.append(digest(list(ledger(source.pull(grant_of(connection), None, {})))))
    assert pulls[0] == pulls[1] != pulls[2]


def test_a_later_pull_sees_new_edited_and_deleted_entries(
    server: Any, join: Join, grant_of: GrantOf, source: HishebiSource
) -> None:
    connection = join(server)
    before = entries(source, list(ledger(source.pull(grant_of(connection), None, {}))))
    tomorrow = server.step("next-day")
    pages = list(ledger(source.pull(grant_of(connection, tomorrow), "2026-11-20", {})))
    (window,) = source.decode(pages[-1]).windows
    assert (window.first_date, window.last_date) == (dt.date(2026, 11, 6), dt.date(2026, 11, 21))
    after = entries(source, pages)
    known = {name: entry for name, entry in before.items() if entry[2] >= window.first_date}
    assert len(known.keys() - after.keys()) == 1
    assert len([name for name in known.keys() & after.keys() if known[name] != after[name]]) == 1
    assert len(after.keys() - known.keys()) >= 2
    assert cursor_day(source, pages[-1]) == dt.date(2026, 11, 21)


def test_a_change_of_the_same_day_is_seen_too(
    server: Any, join: Join, grant_of: GrantOf, source: HishebiSource
) -> None:
    grant = grant_of(join(server))
    first = entries(source, list(ledger(source.pull(grant, "2026-11-20", {}))))
    assert server.step("change") == TODAY
    second = entries(source, list(ledger(source.pull(grant, "2026-11-20", {}))))
    assert len(first.keys() - second.keys()) == 1
    assert len(second.keys() - first.keys()) == 2


def test_a_long_silence_is_read_in_spans_of_a_month(
    server: Any, join: Join, grant_of: GrantOf, source: HishebiSource
) -> None:
    pages = list(ledger(source.pull(grant_of(join(server)), "2026-08-01", {})))
    windows = [source.decode(page).windows[0] for page in pages]
    assert [(w.first_date.isoformat(), w.last_date.isoformat()) for w in windows] == [
        ("2026-07-18", "2026-08-17"),
        ("2026-08-18", "2026-09-17"),
        ("2026-09-18", "2026-10-18"),
        ("2026-10-19", "2026-11-18"),
        ("2026-11-19", "2026-11-20"),
    ]
    assert [cursor_day(source, page) for page in pages] == [None] * 4 + [TODAY]


@pytest.mark.parametrize(("cursor", "full"), [("not ours", False), ("2026-11-20", True)])
def test_a_strange_cursor_or_a_full_pull_reads_from_the_beginning(
    server: Any, join: Join, grant_of: GrantOf, source: HishebiSource, cursor: str, full: bool
) -> None:
    connection = join(server)
    whole = digest(list(ledger(source.pull(grant_of(connection), None, {}))))
    assert digest(list(ledger(source.pull(grant_of(connection), cursor, {}, full=full)))) == whole


def test_a_clock_behind_the_cursor_reads_today(
    server: Any, join: Join, grant_of: GrantOf, source: HishebiSource
) -> None:
    (page,) = ledger(source.pull(grant_of(join(server)), "2999-12-31", {}))
    assert page.key == "ledger/2026-11-20/2026-11-20/1"


@pytest.mark.parametrize("landed_count", [1, 3, 20, 26])
def test_a_pull_goes_on_where_it_was_killed_without_asking_again(
    server: Any, join: Join, grant_of: GrantOf, source: HishebiSource, landed_count: int
) -> None:
    grant = grant_of(join(server))
    whole = list(ledger(source.pull(grant, None, {})))
    before = server.requests("ledger")
    landed = {page.key: page for page in whole[:landed_count]}
    resumed = list(ledger(source.pull(grant, None, landed)))
    assert [(page.key, page.body, dict(page.meta)) for page in resumed] == [
        (page.key, page.body, dict(page.meta)) for page in whole
    ]
    assert server.requests("ledger") - before == len(whole) - landed_count


def test_a_killed_pull_also_goes_on_in_the_middle_of_a_window(
    start_server: Start, join: Join, grant_of: GrantOf, source: HishebiSource
) -> None:
    server = start_server(page_size=10, requests_per_minute=1_000_000)
    grant = grant_of(join(server))
    whole = list(ledger(source.pull(grant, "2026-11-20", {})))
    assert len(whole) > 2
    before = server.requests("ledger")
    resumed = list(ledger(source.pull(grant, "2026-11-20", {whole[0].key: whole[0]})))
    assert digest(resumed) == digest(whole)
    assert server.requests("ledger") - before == len(whole) - 1


def test_a_token_that_ends_in_mid_pull_is_renewed_each_time_it_ends(
    start_server: Start, join: Join, grant_of: GrantOf, source: HishebiSource, home: Home, keyring: Keyring
) -> None:
    server = start_server(token_seconds=1.0, requests_per_minute=1_000_000)
    connection = join(server)
    pages: list[Page] = []
    for page in ledger(source.pull(grant_of(connection), None, {})):
        pages.append(page)
        if len(pages) == 5:
            time.sleep(1.05)
    assert len(pages) == 27
    assert server.requests("refresh") >= 1
    stored = TokenStore(home, keyring, connection.connection_id).load()
    assert stored is not None
    assert stored.version == 1 + server.requests("refresh")


def test_a_revoked_login_is_told_and_not_tried_again(
    server: Any, join: Join, grant_of: GrantOf, source: HishebiSource, home: Home, keyring: Keyring
) -> None:
    connection = join(server)
    assert httpx.post(f"{server.url}/sandbox/revoke").json() == {"revoked": 1}
    with pytest.raises(LoginNeeded, match=r"revoked the login \(code INVALID_TOKEN, trace t_\d+\)\. Log in again"):
        list(ledger(source.pull(grant_of(connection), None, {})))
    with pytest.raises(LoginNeeded, match="no longer valid"):
        list(ledger(source.pull(grant_of(connection), None, {})))
    assert server.requests("refresh") == 1
    again = join(server)
    assert again.connection_id == connection.connection_id
    assert len(list(ledger(source.pull(grant_of(again), "2026-11-20", {})))) == 1


def test_nothing_is_pulled_once_the_connection_is_ended_even_in_mid_pull(
    server: Any, join: Join, grant_of: GrantOf, source: HishebiSource, home: Home, keyring: Keyring
) -> None:
    connection = join(server)
    pages = ledger(source.pull(grant_of(connection), None, {}))
    next(pages)
    disconnect(home, keyring, connection.connection_id)
    before = server.requests("ledger")
    with pytest.raises(SourceError, match="the consent ended on"):
        next(pages)
    assert server.requests("ledger") == before


def test_nothing_is_pulled_after_the_consent_expired(
    server: Any, join: Join, grant_of: GrantOf, source: HishebiSource
) -> None:
    connection = join(server, days=30)
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=30)
    with pytest.raises(SourceError, match="the consent expired on"):
        list(ledger(source.pull(grant_of(connection, now=lambda: later), None, {})))
    assert server.requests("ledger") == 0


def test_nothing_is_asked_outside_the_scopes_of_the_consent(
    server: Any, join: Join, grant_of: GrantOf, source: HishebiSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = grant_of(join(server))
    monkeypatch.setattr(type(grant), "scopes", frozenset({"export.read"}))
    with pytest.raises(SourceError, match=r"does not cover ledger\.read"):
        list(ledger(source.pull(grant, None, {})))
    assert server.requests("ledger") == 0


@pytest.mark.parametrize("fault", ["429", "500", "cut", "lost"])
def test_a_passing_fault_is_waited_out_and_changes_nothing(
    server: Any, join: Join, grant_of: GrantOf, source: HishebiSource, naps: Any, fault: str
) -> None:
    connection = join(server)
    whole = digest(list(ledger(source.pull(grant_of(connection), "2026-11-20", {}))))
    server.fault(fault, count=5, seconds=2)
    assert digest(list(ledger(source.pull(grant_of(connection), "2026-11-20", {})))) == whole
    assert len(naps.taken) == 5
    if fault == "429":
        assert naps.taken == [2.0] * 5
    else:
        assert all(0 <= nap <= 0.5 * 2**n for n, nap in enumerate(naps.taken))


@pytest.mark.parametrize(
    ("fault", "count", "line"),
    [
        ("429", 6, "keeps asking to slow down"),
        ("500", 6, r"trouble of its own \(status 500\) \(code INTERNAL_ERROR, trace t_\d+\)"),
        ("cut", 6, "cuts its answers short"),
        ("html", 1, "a web page instead of data"),
        ("error200", 1, r"refused the request \(status 200\) \(code INVALID_REQUEST, trace t_\d+\)"),
        ("skew", 1, "The clocks differ by 120 minutes"),
    ],
)
def test_a_lasting_fault_ends_the_pull_with_one_clear_line(
    server: Any, join: Join, grant_of: GrantOf, source: HishebiSource, fault: str, count: int, line: str
) -> None:
    connection = join(server)
    server.fault(fault, count=count)
    with pytest.raises(SourceError, match=line) as caught:
        list(ledger(source.pull(grant_of(connection), "2026-11-20", {})))
    assert "\n" not in str(caught.value)
    assert server.requests("ledger") == count
    assert len(list(ledger(source.pull(grant_of(connection), "2026-11-20", {})))) == 1


def test_a_server_that_asks_to_wait_too_long_is_left_for_the_next_sync(
    server: Any, join: Join, grant_of: GrantOf, naps: Any
) -> None:
    source = HishebiSource(Pace(sleep=naps.sleep, longest_asked=10))
    grant = grant_of(join(server))
    server.fault("429", seconds=11)
    with pytest.raises(SourceError, match="slow down"):
        list(ledger(source.pull(grant, "2026-11-20", {})))
    assert naps.taken == []


@pytest.mark.parametrize("after", [1, 2])
def test_a_repeated_page_is_never_taken_for_the_next_one(
    start_server: Start, join: Join, grant_of: GrantOf, source: HishebiSource, after: int
) -> None:
    server = start_server(page_size=5, requests_per_minute=1_000_000)
    grant = grant_of(join(server))
    pages = ledger(source.pull(grant, "2026-11-20", {}))
    for _ in range(after):
        next(pages)
    server.fault("repeat")
    with pytest.raises(SourceError, match="the same page of the ledger twice"):
        next(pages)


def test_a_slow_server_is_waited_for(server: Any, join: Join, grant_of: GrantOf, source: HishebiSource) -> None:
    grant = grant_of(join(server))
    server.fault("slow", seconds=0.3)
    start = time.monotonic()
    assert len(list(ledger(source.pull(grant, "2026-11-20", {})))) == 1
    assert time.monotonic() - start >= 0.3


def test_a_server_that_is_gone_is_named(join: Join, grant_of: GrantOf, start_server: Start, naps: Any) -> None:
    connection = join(start_server())
    gone = grant_of(connection)
    gone._connection = replace(connection, base_url="http://127.0.0.1:9")
    source = HishebiSource(Pace(sleep=naps.sleep))
    with pytest.raises(SourceError, match=r"127\.0\.0\.1:9 cannot be reached"):
        list(ledger(source.pull(gone, None, {})))
    assert len(naps.taken) == 5


def test_without_its_brake_the_client_meets_the_limit_and_waits_as_it_is_told(
    start_server: Start, join: Join, grant_of: GrantOf, source: HishebiSource, naps: Any
) -> None:
    server = start_server(requests_per_minute=20)
    connection = join(server)
    with pytest.raises(SourceError, match="slow down"):
        list(ledger(source.pull(grant_of(connection), None, {})))
    assert server.stats()["statuses"]["429"] == 6
    assert naps.taken == [3.0] * 5


def test_no_secret_shows_in_any_log_or_error(
    server: Any,
    join: Join,
    grant_of: GrantOf,
    source: HishebiSource,
    home: Home,
    keyring: Keyring,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    connection = join(server)
    store = TokenStore(home, keyring, connection.connection_id)
    tokens = store.load()
    assert tokens is not None
    shown = [repr(connection), repr(tokens), repr(store), repr(grant_of(connection)), repr(keyring)]
    list(ledger(source.pull(grant_of(connection), "2026-11-20", {})))
    for fault in ("html", "error200", "skew"):
        server.fault(fault)
        with pytest.raises(SourceError) as caught:
            list(ledger(source.pull(grant_of(connection), "2026-11-20", {})))
        shown.append("".join(map(str, caught.value.args)) + repr(caught.value.__cause__))
    shown.append(caplog.text)
    hashed = hashlib.sha256(PASSWORD.encode()).hexdigest()
    for secret in (tokens.access, tokens.refresh, tokens.device_id, PASSWORD, hashed):
        assert secret not in "\n".join(shown)
    stored = b"".join(path.read_bytes() for path in home.root.rglob("*") if path.is_file())
    for secret in (tokens.access, tokens.refresh, tokens.device_id, "Ayesha", "ayesha@example.com"):
        assert secret.encode() not in stored
    assert not [path for path in home.root.rglob("*") if "ayesha" in path.name.lower()]
