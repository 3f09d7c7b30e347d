"""Logging in, pacing and reading of answers, one rule at a time."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from collections.abc import Callable
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sandbox.hishebi.people import PASSWORD
from pipelines.sources.hishebi.answers import data_of
from pipelines.sources.hishebi.client import HishebiClient, log_in
from pipelines.sources.pacing import Pace, RequestBudget
from pipelines.sources.service import checked_address
from pipelines.sources.service_answers import Answer, Passing, TokenRefused, retry_after
from pipelines.sources.source import LoginNeeded, SourceError
from warehouse.connections import Connection

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


class Clock:
    """Time that passes only by sleeping."""

    now = 0.0

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_login_gives_tokens_that_do_not_show(server: Any) -> None:
    login = log_in(server.url, "ayesha@example.com", PASSWORD, "d-1", ("ledger.read",))
    assert login.user_id.startswith("u_")
    assert login.expires_in == 3600
    assert login.access_token not in repr(login)
    assert login.refresh_token not in repr(login)


@pytest.mark.parametrize(
    ("email", "password"), [("ayesha@example.com", "wrong"), ("nobody@example.com", PASSWORD), ("", "")]
)
def test_a_wrong_password_is_told_as_such_and_not_shown(server: Any, email: str, password: str) -> None:
    with pytest.raises(SourceError, match=r"does not know this e-mail address with this password \(code INV") as caught:
        log_in(server.url, email, password, "d-1", ("ledger.read",))
    hashed = hashlib.sha256(password.encode()).hexdigest()
    assert hashed not in str(caught.value)
    assert server.requests("token") == 1


@pytest.mark.parametrize("fault", ["500", "lost", "cut", "429"])
def test_a_login_is_tried_again_after_a_passing_fault(server: Any, naps: Any, fault: str) -> None:
    server.fault(fault, on="token", count=2, seconds=1)
    assert log_in(server.url, "ayesha@example.com", PASSWORD, "d", ("ledger.read",), Pace(sleep=naps.sleep))
    assert server.requests("token") == 3


def test_a_login_at_a_web_page_is_told_as_such(server: Any) -> None:
    server.fault("html", on="token")
    with pytest.raises(SourceError, match="a web page instead of data"):
        log_in(server.url, "ayesha@example.com", PASSWORD, "d", ("ledger.read",))


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hishebi.example",
        "http://hishebi.example",
        "ftp://127.0.0.1",
        "https://user:pass@hishebi.example",
        "https://hishebi.example/?a=1",
        "http://127.0.0.1.example",
        "https://",
        "http://[::1",
        "javascript:alert(1)",
    ],
)
def test_addresses_that_would_show_a_password_on_the_way_are_refused(address: str) -> None:
    with pytest.raises(SourceError, match="https://") as caught:
        checked_address(address)
    assert "pass@" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://hishebi.example/", "https://hishebi.example"),
        (" http://127.0.0.1:8000 ", "http://127.0.0.1:8000"),
        ("http://localhost:1/", "http://localhost:1"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_good_addresses_lose_only_their_slash(given: str, kept: str) -> None:
    assert checked_address(given) == kept


def test_never_more_than_the_limit_in_any_minute() -> None:
    clock = Clock()
    budget = RequestBudget(Pace(clock=clock.read, sleep=clock.sleep))
    made = []
    for number in range(400):
        budget.take("token")
        made.append(clock.now)
        clock.now += 0.05 * (number % 7)
    for start in made:
        assert sum(start <= moment < start + 60 for moment in made) <= 54
    assert made[-1] < 60 * (400 / 54 + 1)


def test_each_token_has_a_bucket_of_its_own_and_old_ones_are_forgotten() -> None:
    clock = Clock()
    budget = RequestBudget(Pace(clock=clock.read, sleep=clock.sleep))
    for number in range(500):
        budget.take(f"token {number}")
    assert clock.now == 0
    clock.now = 61
    budget.take("another")
    assert len(budget._made) == 1


def test_threads_share_a_bucket() -> None:
    clock = Clock()
    budget = RequestBudget(Pace(requests=10, clock=clock.read, sleep=clock.sleep))
    threads = [threading.Thread(target=budget.take, args=("token",)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.now >= 60


def test_waits_are_full_jitter_that_doubles_up_to_the_cap() -> None:
    bounds: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        bounds.append((low, high))
        return high

    pace = Pace(uniform=uniform)
    assert [pace.wait_before_retry(n) for n in range(1, 10)] == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]
    assert {low for low, _ in bounds} == {0.0}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3", 3.0),
        ("0", 0.0),
        ("Fri, 20 Nov 2026 12:00:30 GMT", 30.0),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("৩", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, NOW) == seconds


def answer(body: bytes, status: int = 200, **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): text for name, text in headers.items()}, body)


def outcome(given: Answer) -> Exception | dict[str, Any]:
    try:
        return data_of(given, "Hishebi at hishebi.example", NOW)
    except (SourceError, Passing, TokenRefused) as error:
        return error


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        (
            answer(b'{"error":{"code":"INVALID_TOKEN","trace_id":"t"}}', 401),
            TokenRefused,
            "code INVALID_TOKEN, trace t",
        ),
        (answer(b'{"error":{"code":"INVALID_TOKEN"}}'), TokenRefused, "INVALID_TOKEN"),
        (answer(b'{"error":{"code":"RATE_LIMITED"}}'), Passing, "slow down"),
        (answer(b'{"error":{"code":"INSUFFICIENT_SCOPE"}}', 403), SourceError, "does not allow"),
        (answer(b'{"error":"x"}', 400), SourceError, "status 400"),
        (answer(b'{"error":{}}'), SourceError, "status 200"),
        (answer(b"<html>", 502), Passing, "status 502"),
        (answer(b"<html>", 404), SourceError, "web page"),
        (answer(b"Unauthorized", 401), TokenRefused, ""),
        (answer(b"not found", 404), SourceError, "status 404"),
        (answer(b'{"entries":['), Passing, "cut or damaged"),
        (answer(b""), Passing, "cut or damaged"),
        (answer(b"[]"), SourceError, "another form"),
        (answer(b"{}", 302), SourceError, "status 302"),
        (answer(b"{}", date="Fri, 20 Nov 2026 13:00:00 GMT"), SourceError, "differ by 60 minutes"),
    ],
)
def test_every_answer_has_one_meaning(given: Answer, kind: type[Exception], words: str) -> None:
    found = outcome(given)
    assert isinstance(found, kind)
    assert words in str(found)
    assert "\n" not in str(found)


@pytest.mark.parametrize("minutes", [-10, 0, 10])
def test_clocks_within_ten_minutes_are_taken(minutes: int) -> None:
    date = format_datetime(NOW + dt.timedelta(minutes=minutes), usegmt=True)
    assert outcome(answer(b"{}", date=date)) == {}


@pytest.mark.parametrize("code", ["eyJhbGciOiJIUzI1NiJ9.x.y", "rt_4f3a", "Rahim paid 5000", "x" * 65, "a\nb", "at_123"])
def test_what_could_be_a_secret_or_an_entry_is_never_quoted(code: str) -> None:
    import json

    body = json.dumps({"error": {"code": code, "message": "canary", "trace_id": code}}).encode()
    for status in (200, 400, 401, 403, 429, 500):
        text = str(outcome(answer(body, status)))
        assert code not in text
        assert "canary" not in text


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=80) | st.sampled_from([b'{"error":{"code":[]}}', b'{"error":[]}', b"\xef\xbb\xbf{}"]),
    st.integers(100, 599),
    st.dictionaries(st.sampled_from(["date", "retry-after", "content-type"]), st.text(max_size=30)),
)
def test_no_answer_surprises(body: bytes, status: int, headers: dict[str, str]) -> None:
    found = outcome(Answer(status, headers, body))
    assert "\n" not in str(found) or isinstance(found, dict)


def test_a_wait_is_asked_of_the_clock_that_was_given(start_server: Callable[..., Any]) -> None:
    clock = Clock()
    server = start_server()
    server.fault("429", on="token", seconds=7)
    log_in(server.url, "ayesha@example.com", PASSWORD, "d", ("ledger.read",), Pace(sleep=clock.sleep))
    assert clock.now == 7


def test_a_lost_answer_to_a_refresh_is_asked_for_again_and_the_login_lives(
    server: Any, join: Callable[..., Connection], naps: Any
) -> None:
    """Same exchange, same idempotency key: the pair comes again instead of ending the family."""
    pace = Pace(sleep=naps.sleep)
    connection = join(server)
    with HishebiClient(connection.base_url, pace, RequestBudget(pace)) as client:
        login = client.log_in("ayesha@example.com", PASSWORD, "d-1", ("ledger.read",))
        server.fault("lost", on="refresh", count=2)
        first = client.refresh(login.refresh_token, "d-1")
        assert client.refresh(login.refresh_token, "d-1")[:2] == first[:2]
        assert server.stats()["revoked_logins"] == 0
        client.refresh(first[1], "d-1")
        with pytest.raises(LoginNeeded):
            client.refresh(login.refresh_token, "d-1")
    assert server.stats()["revoked_logins"] == 1
