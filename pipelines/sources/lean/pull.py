"""One pull of an entity: every list page by page, results that come later, and lists that change while they are read.

Put here the order of requests. Keep out which lists there are (`readings`), which days (`span`), one request
(`client`) and what rows mean (`records`).
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from typing import Any

import httpx

from pipelines.sources.exact_json import NotJson, read_json
from pipelines.sources.grant import Grant
from pipelines.sources.lean import records
from pipelines.sources.lean.answers import Pending, Refused
from pipelines.sources.lean.client import LeanClient
from pipelines.sources.lean.hosts import time_zone_of
from pipelines.sources.lean.readings import ACCOUNTS, Reading, first_readings, readings_of
from pipelines.sources.lean.records import Listed
from pipelines.sources.lean.span import Seen, Span, span_of
from pipelines.sources.pacing import Pace, RequestBudget
from pipelines.sources.source import (
    ConsentRefused,
    Decoded,
    Page,
    ReconnectNeeded,
    SourceError,
    StillPreparing,
    Unsettled,
)
from warehouse.fields import EARLIEST, LATEST

PAGE_SIZE = 100
MOST_PAGES = 10_000
"""More pages than this in one list is a server that turns in circles."""
_TRIES_OF_A_PAGE = 3
MOST_ATTEMPTS = 3
"""How often a list that changes while it is read is begun again."""
WAITS = (1, 2, 4, 8, 15, 30)
"""Seconds between questions after results that come later; then the pull ends and goes on at the next sync."""
REQUESTS_A_MINUTE = 1500
"""What an application asks at most unless the operator says otherwise; Lean publishes no limit."""


class LeanSource:
    """Accounts, balances and transactions of one bank login, as an `ApiSource`."""

    source: str = "lean"
    title: str = "Lean"
    kinds: tuple[str, ...] = (
        *("accounts", "balances", "bank_transactions"),
        *("identities", "beneficiaries", "payment_orders"),
    )
    scopes: tuple[str, ...] = ("accounts",)

    def __init__(self, pace: Pace | None = None, transport: httpx.BaseTransport | None = None) -> None:
        """Share one request budget among all pulls of an application; tests give their own pace and transport."""
        self._pace = pace or Pace()
        self._transport = transport
        self._budgets: dict[tuple[str, int], RequestBudget] = {}
        self._lock = threading.Lock()

    def pull(
        self, grant: Grant, cursor: str | None, landed: Mapping[str, Page], *, full: bool = False
    ) -> Iterator[Page]:
        """Yield every page of one pull; see `ApiSource.pull`.

        Raises SourceError; ReconnectNeeded, ConsentRefused and StillPreparing are states a person can see.
        """
        if not set(self.scopes) <= grant.scopes:
            raise SourceError("The consent does not cover the accounts of this bank. Connect the bank again with them.")
        if not grant.user_name:
            raise SourceError("The connection does not say which bank login it is of. Connect the bank again.")
        span = span_of(None if full else cursor, grant.today)
        with LeanClient(grant.base_url, self._pace, self._budget(grant), self._transport) as client:
            yield from _Walk(client, grant, landed, span, self._pace).everything()

    def decode(self, page: Page) -> Decoded:
        """Turn one page into records; see `records.decode`. Raises SourceError."""
        return records.decode(page)

    def _budget(self, grant: Grant) -> RequestBudget:
        limit = grant.requests_a_minute or REQUESTS_A_MINUTE
        with self._lock:
            return self._budgets.setdefault((grant.login_id, limit), RequestBudget(paced(self._pace, limit)))


SOURCE = LeanSource()


def paced(pace: Pace, requests_a_minute: int) -> Pace:
    """The pace with a limit per minute spread over its seconds, so that a minute's worth never comes at once."""
    a_second = requests_a_minute // 60
    return (
        replace(pace, requests=a_second, span=1.0) if a_second else replace(pace, requests=requests_a_minute, span=60.0)
    )


class _Walk:
    """One pull's way through the lists of an entity."""

    def __init__(self, client: LeanClient, grant: Grant, landed: Mapping[str, Page], span: Span, pace: Pace) -> None:
        self._client, self._grant, self._landed = client, grant, landed
        self._span, self._pace = span, pace
        self._zone = time_zone_of(grant.base_url)
        self._seen = Seen(self._zone)
        self._failed: set[tuple[str, str | None]] = set()

    def everything(self) -> Iterator[Page]:
        """Every list; the page that ends the pull carries the cursor."""
        todo = first_readings(self._grant.scopes)
        while todo:
            reading = todo.pop(0)
            accounts: list[Any] = []
            for page, listed, is_last in self._pages(reading):
                if reading.name == ACCOUNTS and listed is not None:
                    accounts += listed.rows
                if is_last and reading.name == ACCOUNTS:
                    todo += readings_of(accounts, self._grant.scopes, self._span.start_date)
                ends = is_last and not todo and "cursor" not in page.meta
                yield replace(page, meta={**page.meta, "cursor": self._seen.cursor(self._span)}) if ends else page

    def _pages(self, reading: Reading) -> Iterator[tuple[Page, Listed | None, bool]]:
        """Pages of one list, each with what it holds and whether it is the list's last."""
        for attempt in range(1, MOST_ATTEMPTS + 1):
            rows: list[Any] = []
            totals: set[int | None] = set()
            for number in range(MOST_PAGES):
                key = f"{reading.key}/{attempt}/{number}"
                try:
                    page, listed = yield from self._page(reading, key, number)
                except _Unanswered as problem:
                    self._failed.add((reading.kind, reading.account_id))
                    yield self._unanswered(reading, problem.why), None, True
                    return
                rows += listed.rows
                totals.add(listed.total)
                if len(totals) > 1:
                    yield page, listed, False
                    break
                if number + 1 < listed.pages:
                    yield page, listed, False
                    continue
                whole = listed.total in {None, len(rows)}
                if not whole and attempt < MOST_ATTEMPTS:
                    yield page, listed, False
                    break
                if not whole:
                    raise SourceError(f"{self._client.who}: a list keeps changing while it is read. Sync again later.")
                yield self._ended(page, reading, rows), listed, True
                return
        raise SourceError(f"{self._client.who}: a list keeps changing while it is read. Sync again later.")

    def _page(
        self, reading: Reading, key: str, number: int
    ) -> Generator[tuple[Page, None, bool], None, tuple[Page, Listed]]:
        page = self._landed.get(key)
        listed = None if page is None else _listed(page.body)
        for _ in range(_TRIES_OF_A_PAGE):
            if page is not None and listed is not None and _is_wanted(listed, reading, number):
                break
            body = yield from self._fetched(reading, key, number)
            page, listed = Page(key, body, self._meta(reading)), _listed(body)
        if page is None or listed is None or not _is_wanted(listed, reading, number):
            raise SourceError(f"{self._client.who} answers with another page than the one asked for. Sync again later.")
        if reading.name == "transactions" and reading.account_id is not None:
            self._seen.add(reading.account_id, listed.rows)
        return page, listed

    def _fetched(self, reading: Reading, key: str, number: int) -> Generator[tuple[Page, None, bool], None, bytes]:
        """The bytes of one page; a promise of later results is landed first, so that a later sync goes on with it."""
        params = {"entity_id": self._grant.user_name, "page": str(number), "size": str(PAGE_SIZE), **reading.params}
        try:
            awaited = self._awaited(key)
            answer = self._results(awaited) if awaited else None
            if answer is None:
                answer = self._client.data(self._grant, reading.path, params)
            body, said = answer
            if isinstance(said, Pending):
                waiting = f"waiting/{key}/{said.results_id}"
                if waiting not in self._landed:
                    yield Page(waiting, body, {"list": records.WAITING}), None, False
                body = self._when_ready(said.results_id)
        except (ReconnectNeeded, ConsentRefused, StillPreparing):
            raise
        except (Refused, Unsettled) as problem:
            if not reading.may_fail:
                raise
            raise _Unanswered(_why(problem)) from None
        return body

    def _awaited(self, key: str) -> str | None:
        """Id of the results an earlier attempt at this pull was promised for this page."""
        start = f"waiting/{key}/"
        return next((name.removeprefix(start) for name in self._landed if name.startswith(start)), None)

    def _results(self, results_id: str) -> tuple[bytes, dict[str, Any] | Pending] | None:
        """What became of promised results; None when Lean does not know them (yet, or any more)."""
        try:
            return self._client.data(self._grant, f"/data/v2/results/{results_id}", {})
        except Refused as refused:
            if refused.word != "UNKNOWN_RESULTS_ID":
                raise
            return None

    def _when_ready(self, results_id: str) -> bytes:
        for wait in WAITS:
            self._pace.sleep(wait)
            answer = self._results(results_id)
            if answer is not None and not isinstance(answer[1], Pending):
                return answer[0]
        raise StillPreparing(
            f"{self._client.who}: the bank is still preparing the data. It is read when it is ready, "
            "or at the next sync.",
            results_id,
        )

    def _meta(self, reading: Reading) -> dict[str, str]:
        meta = {"list": reading.name, "time_zone": self._zone}
        if reading.account_id is not None:
            meta["account_id"] = reading.account_id
        if reading.name == ACCOUNTS and self._grant.label:
            meta["institution_name"] = self._grant.label
        return meta

    def _ended(self, page: Page, reading: Reading, rows: list[Any]) -> Page:
        """The last page of a whole list, with the window that it proves."""
        if "window" in page.meta or "cursor" in page.meta:  # landed by an earlier attempt
            return page
        window = self._window(reading, rows)
        return replace(page, meta={**page.meta, "window": window}) if window else page

    def _window(self, reading: Reading, rows: list[Any]) -> str | None:
        account_id = reading.account_id
        if account_id is None or (reading.kind, account_id) in self._failed:
            return None
        if reading.name == "transactions":
            days = self._seen.window(account_id, self._span) if _are_all_different(rows) else None
            return records.window_text(reading.kind, *days, account_id) if days else None
        if reading.kind in {"identities", "beneficiaries"} or reading.ends_orders:
            earliest, latest = dt.date.fromisoformat(EARLIEST), dt.date.fromisoformat(LATEST)
            return records.window_text(reading.kind, earliest, latest, account_id)
        return None

    def _unanswered(self, reading: Reading, why: str) -> Page:
        meta = {"list": records.UNANSWERED, "asked": reading.name, "kind": reading.kind, "why": why}
        return Page(f"{reading.key}/unanswered", b"", meta)


def _listed(body: bytes) -> Listed:
    try:
        return records.listed_in(read_json(body))
    except NotJson:
        raise SourceError("A page of Lean is not whole JSON. Sync again.") from None


def _is_wanted(listed: Listed, reading: Reading, number: int) -> bool:
    """Whether an answer is the page that was asked for, and not one that came before."""
    return listed.name == reading.name and listed.number in {None, number} and listed.is_of(reading.account_id)


class _Unanswered(Exception):
    """A list that may fail was not given; `why` is Lean's word for it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def _why(problem: Refused | Unsettled) -> str:
    return (problem.word or f"status {problem.status}") if isinstance(problem, Refused) else "the bank failed"


def _are_all_different(rows: list[Any]) -> bool:
    """Whether no transaction came twice: one that moved to another page may have pushed another one out of sight."""
    ids = [str(row.get("transaction_id")) for row in rows if isinstance(row, Mapping)]
    return len(set(ids)) == len(ids)
