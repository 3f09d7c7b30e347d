"""The pretend Hishebi keeps its word: published answers, honest limits, the same story every time."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipelines.local_server import ServeProblem
from pipelines.sandbox.hishebi.people import PASSWORD, people
from pipelines.sandbox.hishebi.story import Book
from pipelines.sandbox.hishebi.town import SandboxSettings
from pipelines.sandbox.running import running_sandbox

TODAY = dt.date(2026, 11, 20)
PREFIX = "/api/v1/hishebi"
HASHED = hashlib.sha256(PASSWORD.encode()).hexdigest()
Start = Callable[..., Any]


def log_in(url: str, **more: Any) -> httpx.Response:
    body = {"email": "ayesha@example.com", "password": HASHED, "device_id": "d", "scope": ["ledger.read"], **more}
    return httpx.post(f"{url}{PREFIX}/auth/token", json=body)


def ledger(url: str, token: str, **params: str) -> httpx.Response:
    asked = {"from": "2026-11-01", "to": "2026-11-20", **params}
    return httpx.get(f"{url}{PREFIX}/ledger", params=asked, headers={"authorization": f"Bearer {token}"})


def error(answer: httpx.Response) -> tuple[int, str]:
    document = answer.json()["error"]
    assert set(document) == {"code", "message", "trace_id"}
    return answer.status_code, document["code"]


def test_a_login_and_a_ledger_look_as_published(server: Any) -> None:
    login = log_in(server.url)
    assert set(login.json()) == {"access_token", "refresh_token", "expires_in", "user_id"}
    answer = ledger(server.url, login.json()["access_token"])
    document = answer.json()
    assert set(document) == {"currency", "entries", "next_page"}
    assert document["currency"] == "BDT"
    assert {entry["kind"] for entry in document["entries"]} == {"income", "expense", "debt_payment"}
    debt = next(entry for entry in document["entries"] if entry["kind"] == "debt_payment")
    assert set(debt) == {"id", "kind", "amount", "counterparty", "date"}
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert len(answer.headers.get_list("date")) == 1


def test_the_story_is_two_years_of_a_household_in_two_scripts() -> None:
    someone, other = people(7, 2)
    books = [Book(7, person, TODAY, "") for person in (someone, other)]
    found = [book.between(dt.date(1990, 1, 1), TODAY) for book in books]
    for entries in found:
        assert min(entry.date for entry in entries) < dt.date(2024, 11, 4)
        assert len(entries) == len({entry.entry_id for entry in entries}) > 1200
        assert all(entry.amount > 0 for entry in entries)
        assert any(entry.amount != entry.amount.to_integral_value() for entry in entries)
        assert {"salary", "groceries", "transport", "medicine", "mobile recharge"} <= {e.category for e in entries}
        income = sum(entry.amount for entry in entries if entry.kind == "income")
        spent = sum(entry.amount for entry in entries if entry.kind != "income")
        assert income / 3 < spent < income * 2
    assert "Agora" in {entry.note for entry in found[0]}
    assert "রিকশা" in {entry.note for entry in found[1]}


def test_a_day_later_the_earlier_days_are_told_the_same() -> None:
    (person,) = people(7, 1)
    assert people(7, 5)[0] == person
    early, late = Book(7, person, TODAY, ""), Book(7, person, TODAY + dt.timedelta(days=1), "")
    span = (dt.date(2025, 1, 1), TODAY)
    assert early.between(*span) == late.between(*span)


def test_steps_taken_one_by_one_or_replayed_lead_to_the_same_book() -> None:
    (person,) = people(7, 1)
    replayed, stepped = Book(7, person, TODAY, "dcd"), Book(7, person, TODAY, "")
    for step in "dcd":
        stepped.take(step)
    span = (dt.date(2024, 1, 1), dt.date(2027, 1, 1))
    assert replayed.between(*span) == stepped.between(*span)


@pytest.mark.parametrize(
    ("params", "outcome"),
    [
        ({"from": "2026-02-31"}, (400, "INVALID_REQUEST")),
        ({"to": ""}, (400, "INVALID_REQUEST")),
        ({"from": "2026-11-21"}, (400, "INVALID_RANGE")),
        ({"from": "2020-01-01"}, (400, "INVALID_RANGE")),
        ({"page": "nonsense"}, (400, "INVALID_PAGE")),
        ({"page": "W10="}, (400, "INVALID_PAGE")),
    ],
)
def test_bad_requests_get_the_published_envelope(server: Any, params: dict[str, str], outcome: tuple[int, str]) -> None:
    token = log_in(server.url).json()["access_token"]
    assert error(ledger(server.url, token, **params)) == outcome


def test_a_page_token_is_good_for_its_own_person_and_span_only(start_server: Start) -> None:
    server = start_server(page_size=2)
    mine, other = log_in(server.url).json(), log_in(server.url, email="tanvir@example.com").json()
    page = ledger(server.url, mine["access_token"]).json()["next_page"]
    assert len(ledger(server.url, mine["access_token"], page=page).json()["entries"]) == 2
    assert error(ledger(server.url, other["access_token"], page=page)) == (400, "INVALID_PAGE")
    assert error(ledger(server.url, mine["access_token"], page=page, to="2026-11-19")) == (400, "INVALID_PAGE")


def test_logins_are_refused_as_they_should_be(start_server: Start) -> None:
    server = start_server(token_seconds=0.2)
    assert error(log_in(server.url, password="wrong")) == (401, "INVALID_CREDENTIALS")
    assert error(log_in(server.url, device_id="")) == (400, "INVALID_REQUEST")
    assert error(ledger(server.url, "nothing")) == (401, "INVALID_TOKEN")
    narrow = log_in(server.url, scope=["export.read"]).json()
    assert error(ledger(server.url, narrow["access_token"])) == (403, "INSUFFICIENT_SCOPE")
    time.sleep(0.25)
    assert error(ledger(server.url, narrow["access_token"])) == (401, "INVALID_TOKEN")


def test_a_refresh_token_used_twice_ends_the_whole_login(server: Any) -> None:
    first = log_in(server.url).json()

    def refresh(token: str, device: str = "d") -> httpx.Response:
        body = {"refresh_token": token, "device_id": device}
        return httpx.post(f"{server.url}{PREFIX}/auth/refresh", json=body)

    assert error(refresh(first["refresh_token"], "another")) == (401, "INVALID_TOKEN")
    second = refresh(first["refresh_token"]).json()
    assert error(ledger(server.url, first["access_token"])) == (401, "INVALID_TOKEN")
    assert ledger(server.url, second["access_token"]).status_code == 200
    assert error(refresh(first["refresh_token"])) == (401, "INVALID_TOKEN")
    assert error(ledger(server.url, second["access_token"])) == (401, "INVALID_TOKEN")
    assert error(refresh(second["refresh_token"])) == (401, "INVALID_TOKEN")
    assert server.stats()["revoked_logins"] == 1


def test_the_sixty_first_request_of_a_minute_is_too_much_for_its_token_only(start_server: Start) -> None:
    server = start_server(requests_per_minute=60)
    mine, other = log_in(server.url).json(), log_in(server.url, email="tanvir@example.com").json()
    headers = {"authorization": f"Bearer {mine['access_token']}"}
    with httpx.Client(base_url=server.url, headers=headers) as client:
        params = {"from": "2026-11-20", "to": "2026-11-20"}
        answers = [client.get(f"{PREFIX}/ledger", params=params) for _ in range(60)]
        assert [answer.status_code for answer in answers] == [200] * 60
        # a slow computer gives the bucket time to fill up again
        refused = next(
            answer for _ in range(600) if (answer := client.get(f"{PREFIX}/ledger", params=params)).status_code != 200
        )
    assert error(refused) == (429, "RATE_LIMITED")
    assert refused.headers["retry-after"] == "1"
    assert ledger(server.url, other["access_token"]).status_code == 200


def test_a_second_run_goes_on_where_the_first_stopped(start_server: Start, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    span = {"from": "2026-10-20", "to": "2026-11-22"}
    with running_sandbox(SandboxSettings(today=TODAY, state_file=state)) as url:
        login = log_in(url).json()
        httpx.post(f"{url}/sandbox/change")
        httpx.post(f"{url}/sandbox/next-day")
        before = ledger(url, login["access_token"], **span).content
    assert state.stat().st_mode & 0o777 == 0o600
    with running_sandbox(SandboxSettings(today=TODAY, state_file=state)) as url:
        assert ledger(url, login["access_token"], **span).content == before
        assert httpx.get(f"{url}/sandbox/stats").json()["today"] == "2026-11-21"
    with running_sandbox(SandboxSettings(today=dt.date(2026, 11, 22), state_file=state)) as url:
        assert httpx.get(f"{url}/sandbox/stats").json()["today"] == "2026-11-22"
        assert ledger(url, login["access_token"], **span).content != before
    with running_sandbox(SandboxSettings(today=TODAY, seed=8, state_file=state)) as url:
        assert httpx.get(f"{url}/sandbox/stats").json()["today"] == "2026-11-20"


def test_unknown_faults_are_refused(server: Any) -> None:
    assert httpx.post(f"{server.url}/sandbox/faults", json={"fault": "fire"}).status_code == 400


def test_people_are_listed_in_both_scripts(server: Any) -> None:
    listed = httpx.get(f"{server.url}/sandbox/people").json()
    assert len(listed) == 6
    assert (listed[0]["name"], listed[0]["bangla_name"]) == ("Ayesha Rahman", "আয়েশা রহমান")


def test_a_taken_port_is_told(server: Any) -> None:
    port = int(server.url.rsplit(":", 1)[1])
    with (
        pytest.raises(ServeProblem, match=f"Port {port} .* taken"),
        running_sandbox(SandboxSettings(today=TODAY), port=port),
    ):
        pass


def test_it_listens_on_loopback_only_and_serves_in_the_foreground_until_it_is_interrupted() -> None:
    script = (
        "import datetime as dt\n"
        "from pipelines.sandbox.running import serve\n"
        "from pipelines.sandbox.hishebi.town import SandboxSettings\n"
        "settings = SandboxSettings(today=dt.date(2026, 11, 20))\n"
        "serve(port=0, ready=lambda url: print(url, flush=True), settings=settings)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert url.startswith("http://127.0.0.1:")
    assert len(httpx.get(f"{url}/sandbox/people").json()) == 6
    process.send_signal(2)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")


def test_amounts_on_the_wire_keep_their_poisha(server: Any) -> None:
    token = log_in(server.url).json()["access_token"]
    body = ledger(server.url, token, **{"from": "2026-01-01", "to": "2026-11-20"}).text
    raw = [entry["amount"] for entry in json.loads(body, parse_float=str, parse_int=str)["entries"]]
    assert all(len(amount.split(".")[1]) == 2 for amount in raw if "." in amount)
    assert any("." in amount for amount in raw)
