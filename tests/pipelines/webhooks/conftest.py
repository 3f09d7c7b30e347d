"""A receiver of its own home that tests send to without a socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI
from sent_events import NOW, SECRET, WIRES, Wire, run_apart

from pipelines.webhooks.entities import ConnectedEntities
from pipelines.webhooks.events import EventLanding
from pipelines.webhooks.receiver import make_receiver
from warehouse.home import Home
from warehouse.keys import Keyring


@dataclass(frozen=True)
class Receiver:
    """One receiver and the landing behind it."""

    app: FastAPI
    landing: EventLanding
    wire: Wire

    def request(self, method: str, path: str, **options: object) -> httpx.Response:
        """One request; an exception of the application is raised here, not hidden in a 500."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://receiver") as client:
                return await client.request(method, path, **options)  # type: ignore[arg-type]

        return run_apart(send())

    def send(self, body: bytes, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """One event, signed unless other headers are given."""
        given = self.wire.headers(body) if headers is None else headers
        return self.request("POST", self.wire.path, content=body, headers=given)


@pytest.fixture(params=WIRES, ids=lambda wire: wire.sender.name)
def wire(request: pytest.FixtureRequest) -> Wire:
    """Each sender in turn; a module about one of them says so with a fixture of its own."""
    found: Wire = request.param
    return found


@pytest.fixture
def make(home: Home, keyring: Keyring, wire: Wire) -> Callable[..., Receiver]:
    """Make a receiver in the test's home, as a restart would."""

    def made(**options: object) -> Receiver:
        landing = EventLanding(home, keyring)
        secrets = options.pop("secrets", (SECRET,))
        app = make_receiver(
            landing,
            ConnectedEntities(home, keyring),
            {wire.sender.name: secrets},  # type: ignore[dict-item]
            **{"now": lambda: NOW, **options},  # type: ignore[arg-type]
        )
        return Receiver(app, landing, wire)

    return made


@pytest.fixture
def receiver(make: Callable[..., Receiver]) -> Receiver:
    """A receiver with one secret, whose clock stands still."""
    return make()
