"""A Lean of a few lines for tests: lists given by the test, answered through a transport that needs no port."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from lean_rows import ACCOUNT_ID, ENTITY_ID, envelope

from pipelines.sources.exact_json import json_text

BASE = "http://127.0.0.1:9/ksa"
EVERYTHING = frozenset(
    {
        *("identity", "accounts", "balance", "transactions", "identities"),
        *("scheduled_payments", "standing_orders", "direct_debits", "beneficiaries"),
    }
)
ONE_ACCOUNT = [{"account_id": ACCOUNT_ID, "account_sub_type": "CURRENT", "status": "ENABLED"}]
Answer = Callable[[httpx.Request], httpx.Response | None]


@dataclass
class FakeLean:
    """Lists by name; `answers` may answer a request in their place, first come first served."""

    lists: dict[str, list[Any]]
    answers: list[Answer] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    urls: list[httpx.URL] = field(default_factory=list)
    size: int = 100

    _lock: threading.Lock = field(default_factory=threading.Lock)

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._serve)

    def _serve(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            last = request.url.path.rpartition("/")[2]
            self.asked[last] += 1
            self.urls.append(request.url)
            for number, answer in enumerate(self.answers):
                made = answer(request)
                if made is not None:
                    del self.answers[number]
                    return made
        if last == "token":
            return response({"access_token": f"t{self.asked['token']}", "expires_in": 3599})
        name = {"identity": "identities"}.get(last, last.replace("-", "_"))
        rows, number = (
            self.lists.get(name, ONE_ACCOUNT if name == "accounts" else []),
            int(request.url.params.get("page", 0)),
        )
        page = rows[number * self.size : (number + 1) * self.size]
        return response(envelope(name, page, number=number, size=self.size, total=len(rows)))


def response(document: Any, status: int = 200) -> httpx.Response:
    return httpx.Response(status, text=json_text(document), headers={"content-type": "application/json"})


def said(status: str, code: int = 200, **more: Any) -> httpx.Response:
    """An answer that says a status and brings no data."""
    return response({"status": status, "message": "secret words of somebody", "data": None, **more}, code)


def once(path: str, answer: httpx.Response) -> Answer:
    """Answer the next request whose path ends so."""
    return lambda request: answer if request.url.path.endswith(path) else None


@dataclass
class FakeGrant:
    """A grant that always stands."""

    scopes: frozenset[str] = EVERYTHING
    today: dt.date = dt.date(2026, 11, 20)
    base_url: str = BASE
    user_name: str = ENTITY_ID
    label: str = "Palm Pretend Bank"
    login_id: str = "a_1"
    requests_a_minute: int | None = 600_000
    token: str = "t0"
    renewed: int = 0

    def access_token(self) -> str:
        return self.token

    def fresh_token(self, _refresh: Callable[[str, str], tuple[str, str, int]], _spare: dt.timedelta) -> str:
        return self.token

    def renew(self, _stale: str, refresh: Callable[[str, str], tuple[str, str, int]]) -> str:
        self.token, _, _ = refresh("the-secret", "the-client")
        self.renewed += 1
        return self.token
