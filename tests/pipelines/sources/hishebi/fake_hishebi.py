"""A Hishebi of a few lines for tests: lists given by the test, answered through a transport that needs no port."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from pipelines.sources.exact_json import json_text
from pipelines.sources.hishebi.pull import HishebiSource
from pipelines.sources.pacing import Pace
from pipelines.sources.source import Page

TODAY = dt.date(2026, 11, 20)
PREFIX = "/api/v1/hishebi/"
DAYS = {"ledger": "date", "cash-counts": "counted_at", "notes": "created_at", "payments": "date", "dues": "due_date"}
"""By the end of its path, the member that says which day a row of a dated list is of."""
NAMES = {"ledger": "entries", "cash-counts": "cash_counts"}
"""By the end of its path, the member of an answer that holds the rows, where that is another word."""

Answer = Callable[[httpx.Request], httpx.Response | None]


@dataclass
class FakeHishebi:
    """Rows by path; a path without rows is not known. `answers` may answer in their place, first come first served."""

    rows: dict[str, list[Any]]
    answers: list[Answer] = field(default_factory=list)
    asked: list[httpx.Request] = field(default_factory=list)
    size: int = 100

    def source(self) -> HishebiSource:
        """The real source, talking to this one without waiting."""
        pace = Pace(requests=1_000_000, sleep=lambda _seconds: None)
        return HishebiSource(pace, httpx.MockTransport(self._serve))

    def paths(self) -> list[str]:
        """Where was asked, in order."""
        return [each.url.path.removeprefix(PREFIX) for each in self.asked]

    def _serve(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        for number, answer in enumerate(self.answers):
            made = answer(request)
            if made is not None:
                del self.answers[number]
                return made
        path = request.url.path.removeprefix(PREFIX)
        if path not in self.rows:
            return error(404, "NOT_FOUND")
        end = path.rpartition("/")[2]
        rows = self.rows[path]
        if end in DAYS:
            first, last = request.url.params["from"], request.url.params["to"]
            assert dt.date.fromisoformat(last) - dt.date.fromisoformat(first) <= dt.timedelta(days=365)
            rows = [row for row in rows if first <= str(row[DAYS[end]])[:10] <= last]
        start = int(request.url.params.get("page", 0))
        following = str(start + self.size) if len(rows) > start + self.size else None
        page = {"currency": "BDT", NAMES.get(end, end): rows[start : start + self.size], "next_page": following}
        return response(page)


def response(document: Any, status: int = 200) -> httpx.Response:
    return httpx.Response(status, text=json_text(document), headers={"content-type": "application/json"})


def error(status: int, code: str) -> httpx.Response:
    return response({"error": {"code": code, "message": "words of somebody", "trace_id": "t_1"}}, status)


def once(path: str, answer: httpx.Response) -> Answer:
    """Answer the next request whose path ends so."""
    return lambda request: answer if request.url.path.endswith(path) else None


@dataclass
class FakeGrant:
    """A grant that always stands."""

    scopes: frozenset[str] = frozenset({"ledger.read", "property.read"})
    today: dt.date = TODAY
    base_url: str = "http://127.0.0.1:9"
    user_name: str = "u_1"
    label: str = "Hishebi Online"
    login_id: str = "c_1"
    requests_a_minute: int | None = None
    token: str = "at_0"
    renewed: int = 0

    def access_token(self) -> str:
        return self.token

    def fresh_token(self, _refresh: Callable[[str, str], tuple[str, str, int]], _spare: dt.timedelta) -> str:
        return self.token

    def renew(self, _stale: str, refresh: Callable[[str, str], tuple[str, str, int]]) -> str:
        self.token, _, _ = refresh("rt_0", "d_1")
        self.renewed += 1
        return self.token


def live(source: HishebiSource, pages: list[Page]) -> dict[str, dict[str, dict[str, Any]]]:
    """What the pages say: by kind and id, the row without its number."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for page in pages:
        for batch in source.decode(page).batches:
            for row in batch.frame.to_dicts():
                row.pop("row_no")
                found.setdefault(batch.kind, {})[row["record_id"]] = row
    return found
