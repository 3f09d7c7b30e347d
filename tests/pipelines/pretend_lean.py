"""A pretend Lean for tests: one region of a running sandbox, asked as a client asks and steered over HTTP."""

from __future__ import annotations

import datetime as dt
import json
import ssl
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from pipelines.sandbox.hishebi.town import SandboxSettings
from pipelines.sandbox.lean.settings import CLIENT_ID, CLIENT_SECRET, LeanTownSettings
from pipelines.sandbox.running import running_sandbox

TODAY = dt.date(2026, 11, 20)
REGIONS = ("uae", "ksa")
_CONTEXT = ssl.create_default_context()  # made once: reading the certificates takes longer than starting a sandbox


class Region:
    """One region: `get`, `post` and `delete` carry a token of the application."""

    def __init__(self, base: str) -> None:
        """Take a first token."""
        self.base = base
        self._client = httpx.Client(base_url=base, timeout=10, verify=_CONTEXT)
        self.renew()

    def renew(self) -> None:
        """Take a new token."""
        self._client.headers["authorization"] = f"Bearer {self.token('api').json()['access_token']}"

    def token(self, scope: str, **form: str) -> httpx.Response:
        asked = {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "grant_type": "client_credentials",
            "scope": scope,
            **form,
        }
        return self._client.post("/oauth2/token", data=asked)

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self._client.get(path, params=params)

    def post(self, path: str, body: Any = None) -> httpx.Response:
        return self._client.post(path, json={} if body is None else body)

    def delete(self, path: str, body: Any) -> httpx.Response:
        return self._client.request("DELETE", path, json=body)

    def steer(self, path: str, **body: Any) -> Any:
        """Ask one of the steering paths, which answers 200."""
        answer = self._client.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def seen(self, path: str) -> Any:
        return self._client.get(path).json()

    def entity(self, customer: int = 0, bank: int = 0) -> str:
        """The id of an entity that is there from the start."""
        return str(self.seen("/pretend/customers")[customer]["entities"][bank]["entity_id"])

    def somebody(self) -> dict[str, Any]:
        """A new customer with one bank, for a test that changes what it reads."""
        bank = self.get("/banks/v1").json()[0]["identifier"]
        customer_id = self.post("/customers/v1", {"app_user_id": f"somebody {uuid.uuid4()}"}).json()["customer_id"]
        return dict(self.steer("/pretend/connect", customer_id=customer_id, bank_identifier=bank))

    def account(self, entity_id: str, kind: str = "CURRENT") -> str:
        accounts = self.get("/data/v2/accounts", entity_id=entity_id).json()["data"]["accounts"]
        return next(str(each["account_id"]) for each in accounts if each["account_sub_type"] == kind)

    def of_account(self, entity_id: str, account_id: str, what: str, **params: Any) -> httpx.Response:
        return self.get(f"/data/v2/accounts/{account_id}/{what}", entity_id=entity_id, **params)

    def transactions(self, entity_id: str, account_id: str, **params: Any) -> list[dict[str, Any]]:
        """Every transaction, page by page."""
        rows: list[dict[str, Any]] = []
        for page in range(1_000):
            data = self.of_account(entity_id, account_id, "transactions", page=page, size=100, **params).json()["data"]
            rows += data["transactions"]
            if page + 1 >= data["page"]["total_pages"]:
                break
        return rows


@contextmanager
def pretend_lean(**settings: Any) -> Iterator[dict[str, Region]]:
    """Both regions of a sandbox with these settings of the town, and without a rate limit unless one is given."""
    town = LeanTownSettings(**{"today": TODAY, "requests_per_second": 10_000.0, **settings})
    with running_sandbox(SandboxSettings(today=town.today), lean=town) as url:
        yield {name: Region(f"{url}/{name}") for name in REGIONS}


class Letterbox:
    """What arrived at an address: bodies and signatures, in order; answers with the statuses given, then 200."""

    def __init__(self) -> None:
        """Start empty."""
        self.url = ""
        self.arrived: list[tuple[bytes, str]] = []
        self.answers: list[int] = []
        self._changed = threading.Condition()

    def take(self, body: bytes, signature: str) -> int:
        with self._changed:
            self.arrived.append((body, signature))
            self._changed.notify_all()
            return self.answers.pop(0) if self.answers else 200

    def events(self, count: int, seconds: float = 10.0) -> list[dict[str, Any]]:
        """The events, once there are as many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.arrived) >= count, seconds), self.arrived
            return [json.loads(body) for body, _ in self.arrived]

    def clear(self) -> None:
        with self._changed:
            self.arrived.clear()


@contextmanager
def letterbox(signature_header: str = "lean-signature") -> Iterator[Letterbox]:
    """An address on this computer that events can be sent to."""
    box = Letterbox()

    class Taker(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(box.take(body, self.headers[signature_header]))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Say nothing on the screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    box.url = f"http://127.0.0.1:{server.server_port}/lean"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
