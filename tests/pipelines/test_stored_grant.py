"""A refresh token is exchanged once, whoever asks, and a crash at any moment leaves a login or one clear line."""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from pipelines.sources.hishebi.pull import HishebiSource
from pipelines.sources.source import LoginNeeded, SourceError
from pipelines.stored_grant import StoredGrant
from warehouse.connections import NEEDS_LOGIN, Connection, Consent, connect, end, state_of
from warehouse.home import Home
from warehouse.keys import Keyring
from warehouse.tokens import Tokens, TokenStore

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
PROCESSES, TASKS = 3, 50

RENEW = """
import datetime as dt, pathlib, sys
from concurrent.futures import ThreadPoolExecutor
from pipelines.sources.hishebi.client import HishebiClient
from pipelines.sources.pacing import Pace, RequestBudget
from pipelines.stored_grant import StoredGrant
from warehouse import connections
from warehouse.home import Home
from warehouse.keys import open_keyring

home = Home(pathlib.Path(sys.argv[1]))
keyring = open_keyring(home)
connection = connections.load(home, keyring, sys.argv[2])
tasks = int(sys.argv[3])
pace = Pace()

def renew(_task):
    grant = StoredGrant(home, keyring, connection, today=dt.date(2026, 11, 20))
    with HishebiClient(connection.base_url, pace, RequestBudget(pace)) as client:
        return grant.renew("stale", client.refresh)

print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(tasks) as pool:
    print(len(set(pool.map(renew, range(tasks)))))
"""


@pytest.fixture
def connection(home: Home, keyring: Keyring) -> Connection:
    """A connection with tokens that never saw a server."""
    consent = Consent(("ledger.read",), "to test", NOW, NOW + dt.timedelta(days=90))
    return connect(
        home,
        keyring,
        party_label="Ayesha",
        source="hishebi",
        user_name="u_1",
        consent=consent,
        base_url="http://127.0.0.1:9",
        tokens=Tokens("a1", "r1", "d", NOW + dt.timedelta(hours=1)),
    )


@pytest.fixture
def grant(home: Home, keyring: Keyring, connection: Connection) -> StoredGrant:
    return StoredGrant(home, keyring, connection, today=NOW.date(), now=lambda: NOW)


def make_stale(home: Home, keyring: Keyring, connection: Connection) -> None:
    store = TokenStore(home, keyring, connection.connection_id)
    tokens = store.load()
    assert tokens is not None
    store.swap(replace(tokens, access="stale"), tokens.version)


def start(home: Home, connection: Connection, tasks: int, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RENEW, str(home.root), connection.connection_id, str(tasks)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment)


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, _ = process.communicate("go\n", timeout=60)
    return process.returncode, out


def test_the_grant_tells_its_place_scopes_and_day(grant: StoredGrant) -> None:
    assert (grant.base_url, grant.scopes, grant.today) == (
        "http://127.0.0.1:9",
        frozenset({"ledger.read"}),
        dt.date(2026, 11, 20),
    )
    assert grant.access_token() == "a1"


def test_the_new_pair_is_stored_before_it_is_used(
    grant: StoredGrant, home: Home, keyring: Keyring, connection: Connection
) -> None:
    asked = []

    def refresh(refresh_token: str, device_id: str) -> tuple[str, str, int]:
        asked.append((refresh_token, device_id))
        return "a2", "r2", 60

    assert grant.renew("a1", refresh) == "a2"
    assert grant.renew("a1", refresh) == "a2"
    assert asked == [("r1", "d")]
    stored = TokenStore(home, keyring, connection.connection_id).load()
    assert stored == Tokens("a2", "r2", "d", NOW + dt.timedelta(seconds=60), needs_login=False, version=2)


def test_a_token_is_reused_until_shortly_before_its_end(home: Home, keyring: Keyring, connection: Connection) -> None:
    asked: list[str] = []

    def refresh(old: str, _: str) -> tuple[str, str, int]:
        asked.append(old)
        return "a2", old, 3600

    def token_at(minutes: int) -> str:
        moment = NOW + dt.timedelta(minutes=minutes)
        grant = StoredGrant(home, keyring, connection, today=NOW.date(), now=lambda: moment)
        return grant.fresh_token(refresh, dt.timedelta(minutes=5))

    assert [token_at(minutes) for minutes in (0, 54, 55, 56)] == ["a1", "a1", "a2", "a2"]
    assert asked == ["r1"]


def test_fifty_threads_renew_once(grant: StoredGrant) -> None:
    count = 0
    together = threading.Barrier(TASKS)

    def refresh(_refresh: str, _device: str) -> tuple[str, str, int]:
        nonlocal count
        count += 1
        return "a2", "r2", 60

    def renew(_task: int) -> str:
        together.wait()
        return grant.renew("a1", refresh)

    with ThreadPoolExecutor(TASKS) as pool:
        assert set(pool.map(renew, range(TASKS))) == {"a2"}
    assert count == 1


def test_fifty_tasks_in_each_of_three_processes_renew_once_and_the_login_lives(
    server: Any, join: Callable[..., Connection], home: Home, keyring: Keyring
) -> None:
    connection = join(server)
    make_stale(home, keyring, connection)
    processes = [start(home, connection, TASKS) for _ in range(PROCESSES)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    with ThreadPoolExecutor(PROCESSES) as pool:
        assert list(pool.map(finish, processes)) == [(0, "1\n")] * PROCESSES
    assert server.requests("refresh") == 1
    assert server.stats()["revoked_logins"] == 0


@pytest.mark.crash
@pytest.mark.parametrize("point", ["connection.before_store", "connection.after_store"])
def test_a_kill_around_the_storing_of_a_pair_loses_no_login(
    server: Any,
    join: Callable[..., Connection],
    grant_of: Callable[..., StoredGrant],
    source: HishebiSource,
    home: Home,
    keyring: Keyring,
    point: str,
) -> None:
    """Killed before: the same exchange is asked again and answered again. Killed after: the pair is there."""
    connection = join(server)
    make_stale(home, keyring, connection)
    killed = start(home, connection, 1, HISAB_FAULT=f"{point}:1")
    assert finish(killed)[0] == -signal.SIGKILL
    assert server.requests("refresh") == 1
    pages = source.pull(grant_of(connection), "2026-11-20", {})
    assert len([page for page in pages if page.key.startswith("ledger/")]) == 1
    assert server.requests("refresh") == (2 if point == "connection.before_store" else 1)
    assert server.stats()["revoked_logins"] == 0


def test_a_refused_refresh_token_is_offered_once_and_then_a_login_is_asked_for(
    grant: StoredGrant, home: Home, keyring: Keyring, connection: Connection
) -> None:
    asked = []

    def refused(refresh_token: str, _device: str) -> tuple[str, str, int]:
        asked.append(refresh_token)
        raise LoginNeeded("revoked")

    for _ in range(3):
        with pytest.raises(LoginNeeded):
            grant.renew("a1", refused)
    assert asked == ["r1"]
    with pytest.raises(LoginNeeded, match="Log in again with `hisab connect hishebi`"):
        grant.access_token()
    tokens = TokenStore(home, keyring, connection.connection_id).load()
    assert state_of(connection, tokens, NOW) == NEEDS_LOGIN


def test_a_failure_in_between_leaves_the_old_pair(grant: StoredGrant) -> None:
    def broken(_refresh: str, _device: str) -> tuple[str, str, int]:
        raise SourceError("no network")

    with pytest.raises(SourceError, match="no network"):
        grant.renew("a1", broken)
    assert grant.renew("a1", lambda refresh, device: (f"{refresh}+{device}", "r2", 60)) == "r1+d"


def test_no_token_is_given_or_renewed_after_the_consent(
    grant: StoredGrant, home: Home, keyring: Keyring, connection: Connection
) -> None:
    late = StoredGrant(home, keyring, connection, today=NOW.date(), now=lambda: NOW + dt.timedelta(days=90))
    for use in (late.access_token, lambda: late.renew("a1", lambda _r, _d: ("a2", "r2", 60))):
        with pytest.raises(SourceError, match=r"expired on 2027-02-18\. Connect again"):
            use()
    end(home, keyring, connection.connection_id, NOW)
    for use in (grant.access_token, lambda: grant.renew("a1", lambda _r, _d: ("a2", "r2", 60))):
        with pytest.raises(SourceError, match=r"ended on 2026-11-20\. Connect again"):
            use()


def test_damaged_tokens_are_told_as_a_trouble_of_this_connection_alone(
    grant: StoredGrant, home: Home, connection: Connection
) -> None:
    path = home.connections / f"{connection.connection_id}.tokens"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SourceError, match="is damaged"):
        grant.access_token()
