"""A pretend Hishebi, a connection to it and a quick source: fixtures for the tests that talk over HTTP.

`conftest.py` beside this module offers them to every test of the pipelines.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from pipelines.connecting import connect_hishebi
from pipelines.sandbox.hishebi.people import PASSWORD
from pipelines.sandbox.hishebi.town import SandboxSettings
from pipelines.sandbox.running import running_sandbox
from pipelines.sources.hishebi.pull import HishebiSource
from pipelines.sources.pacing import Pace
from pipelines.stored_grant import StoredGrant
from warehouse.connections import Connection
from warehouse.home import Home
from warehouse.keys import Keyring

TODAY = dt.date(2026, 11, 20)


@dataclass
class Server:
    """A running sandbox, steered over HTTP like any client would."""

    url: str

    def fault(self, name: str, **more: Any) -> None:
        answer = httpx.post(f"{self.url}/sandbox/faults", json={"fault": name, **more})
        assert answer.status_code == 200, answer.text

    def step(self, name: str) -> dt.date:
        return dt.date.fromisoformat(httpx.post(f"{self.url}/sandbox/{name}").json()["today"])

    def stats(self) -> dict[str, Any]:
        stats: dict[str, Any] = httpx.get(f"{self.url}/sandbox/stats").json()
        return stats

    def requests(self, name: str) -> int:
        return int(self.stats()["requests"].get(name, 0))


@dataclass
class Naps:
    """Sleeps that take no time and are counted."""

    taken: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.taken.append(seconds)


@pytest.fixture
def start_server() -> Iterator[Callable[..., Server]]:
    """Start sandboxes with settings of their own; they end with the test."""
    with ExitStack() as stack:

        def start(**settings: Any) -> Server:
            made = SandboxSettings(**{"today": TODAY, **settings})
            return Server(stack.enter_context(running_sandbox(made)))

        yield start


@pytest.fixture
def server(start_server: Callable[..., Server]) -> Server:
    """A sandbox as it comes, that lets a test ask as often as it likes."""
    return start_server(requests_per_minute=1_000_000)


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def source(naps: Naps) -> HishebiSource:
    """The source without its brake, and with waits that take no time."""
    return HishebiSource(Pace(requests=10_000, sleep=naps.sleep))


@pytest.fixture
def join(home: Home, keyring: Keyring) -> Callable[..., Connection]:
    """Connect a party to a server."""

    def connect(server: Server, **more: Any) -> Connection:
        words = {
            "party_label": "Ayesha",
            "email": "ayesha@example.com",
            "password": PASSWORD,
            "base_url": server.url,
            **more,
        }
        return connect_hishebi(home, keyring, **words)

    return connect


@pytest.fixture
def grant_of(home: Home, keyring: Keyring) -> Callable[..., StoredGrant]:
    """The grant of a connection on a day."""

    def grant(connection: Connection, today: dt.date = TODAY, **more: Any) -> StoredGrant:
        return StoredGrant(home, keyring, connection, today=today, **more)

    return grant
