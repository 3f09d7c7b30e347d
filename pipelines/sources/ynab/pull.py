"""Which requests a pull of YNAB makes, in which order, and where the next pull starts.

Of each plan: accounts and categories whole (names hang on them), then what changed since the last pull at every
endpoint, then the months from the earliest that a change touches. A plan that was never read, or in which anything is
called otherwise than before, also has all its transactions and months read, the transactions year by year.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pipelines.sources.exact_json import NotJson, read_json
from pipelines.sources.grant import Grant
from pipelines.sources.pacing import Pace, RequestBudget
from pipelines.sources.source import Decoded, Page, SourceError
from pipelines.sources.ynab import records
from pipelines.sources.ynab.client import PACE, YnabClient
from pipelines.sources.ynab.knowledge import Knowledge, cursor_of, knowledge_of, server_knowledge
from pipelines.sources.ynab.plan_facts import PlanFacts, currency_of, plan_of, shown_category
from pipelines.sources.ynab.values import is_deleted

EVER = dt.date(1970, 1, 1)
"""Said as since_date, which YNAB otherwise takes to be a year ago, also when it is asked for changes only."""


class YnabSource:
    """The plans of one YNAB user, as an `ApiSource`."""

    source: str = "ynab"
    title: str = "YNAB"
    kinds: tuple[str, ...] = (
        "accounts",
        "balances",
        "ledger_entries",
        "budgets",
        "savings_goals",
        "recurring_entries",
    )
    scopes: tuple[str, ...] = ("read-only",)

    def __init__(self, pace: Pace = PACE) -> None:
        """Share one request budget among all pulls; tests give their own pace."""
        self._pace = pace
        self._budget = RequestBudget(pace)

    def pull(
        self, grant: Grant, cursor: str | None, landed: Mapping[str, Page], *, full: bool = False
    ) -> Iterator[Page]:
        """Yield every page of one pull; see `ApiSource.pull`. Raises SourceError."""
        if not set(self.scopes) <= grant.scopes:
            raise SourceError("The consent of this YNAB connection does not cover read-only. Connect again with it.")
        with YnabClient(grant.base_url, self._pace, self._budget) as client:
            yield from PlansPull(client, grant, landed, knowledge_of(cursor), full=full).pages()

    def decode(self, page: Page) -> Decoded:
        """Turn one page into records; see `records.decode`. Raises SourceError."""
        return records.decode(page)


SOURCE = YnabSource()


class PlansPull:
    """One pull of everything a token may read."""

    def __init__(
        self,
        client: YnabClient,
        grant: Grant,
        landed: Mapping[str, Page],
        before: Mapping[str, Knowledge],
        *,
        full: bool,
    ) -> None:
        """Pull with `client`, going by what was known `before`; `landed` are pages of an earlier attempt."""
        self.client, self.today = client, grant.today
        self._grant, self._landed = grant, landed
        self._before, self._full = before, full
        self._known: dict[str, Knowledge] = {}

    def pages(self) -> Iterator[Page]:
        """Every page, in order; the last one carries the cursor. Raises SourceError."""
        page, data = self.fetch("plans", f"/{self.client.plans_path}", {}, {"what": "plans"})
        rows = data.get("plans", data.get("budgets"))
        if not isinstance(rows, list):
            raise SourceError("YNAB answered with something that is not a list of plans. Sync again later.")
        plans = [plan for plan in (plan_of(row, self.today) for row in rows) if plan is not None]
        if not plans:
            yield replace(page, meta={**page.meta, "cursor": cursor_of({})})
            return
        yield page
        for number, plan in enumerate(plans, 1):
            reading = _PlanReading(self, plan, self._before.get(plan.plan_id), full=self._full)
            yield from reading.pages()
            last, self._known[plan.plan_id] = reading.closing()
            is_last = number == len(plans)
            yield replace(last, meta={**last.meta, "cursor": cursor_of(self._known)}) if is_last else last

    def fetch(
        self, key: str, path: str, params: Mapping[str, str], meta: Mapping[str, str]
    ) -> tuple[Page, dict[str, Any]]:
        """One page, from an earlier attempt or from the service, with its parsed data."""
        page = self._landed.get(key)
        if page is None:
            body, data = self.client.get(self._grant, path, params)
            return Page(key, body, meta), data
        try:
            return page, read_json(page.body)["data"]
        except (NotJson, KeyError, TypeError):
            raise SourceError("A landed page of YNAB is not whole JSON. Sync again in an hour.") from None


class _PlanReading:
    """One plan's requests; `pages` are all but the last, which `closing` gives with what is known then."""

    def __init__(self, pull: PlansPull, plan: PlanFacts, before: Knowledge | None, *, full: bool) -> None:
        self._pull, self._plan, self._before = pull, plan, before
        self._whole = full or before is None
        self._counts: dict[str, int] = {}
        self._payee_count = 0
        self._touched: list[dt.date] = []

    def pages(self) -> Iterator[Page]:
        if not self._plan.currency:
            yield self._settings()
        yield from self._accounts()
        yield from self._categories()
        self._whole = self._whole or (self._before is not None and self._before.names != self._plan.names_digest())
        yield from self._payees()
        yield from self._transactions()
        yield from self._months()
        if self._whole and self._before is not None:
            # Read whole below; only this tells in words what is gone.
            yield self._changes("scheduled_transactions", self._before.scheduled_transactions, names=True)[0]

    def closing(self) -> tuple[Page, Knowledge]:
        """The scheduled transactions: what changed of them, or all."""
        before = None if self._whole else self._before
        since = before.scheduled_transactions if before is not None else None
        page, data = self._changes("scheduled_transactions", since, names=True, whole=self._whole)
        self._counts["scheduled_transactions"] = server_knowledge(data, "scheduled transactions")
        known = Knowledge(**self._counts, payee_count=self._payee_count, names=self._plan.names_digest())
        return page, known

    def _settings(self) -> Page:
        page, data = self._fetch("settings", {}, "settings")
        settings = data.get("settings")
        if isinstance(settings, dict):
            self._plan = replace(self._plan, currency=currency_of(settings))
        return page

    def _accounts(self) -> Iterator[Page]:
        extra = {"balance_date": self._pull.today.isoformat()}
        page, data = self._changes("accounts", None, extra=extra)
        accounts = _rows(data, "accounts")
        names = {row["id"]: (row.get("name") or "", row.get("on_budget") is True) for row in accounts}
        self._plan = replace(self._plan, accounts=names)
        yield page
        yield from self._told_since("accounts", data)

    def _categories(self) -> Iterator[Page]:
        page, data = self._changes("categories", None)
        found = {}
        for group in _rows(data, "category_groups"):
            for category in _rows(group, "categories"):
                found[category["id"]] = shown_category(group, category)
        self._plan = replace(self._plan, categories=found)
        yield page
        for page, changes in self._changed_since("categories", data):
            yield page
            if any(_rows(group, "categories") for group in _rows(changes, "category_groups")):
                # Amounts here are of the present month; money moved in the month before shows nowhere else.
                self._touched.append(self._pull.today.replace(day=1) - dt.timedelta(days=1))

    def _payees(self) -> Iterator[Page]:
        """Payees have no rows of their own; one that is called otherwise makes old transactions be read again."""
        before = self._before
        changed: list[dict[str, Any]] = []
        if before is not None:
            page, data = self._changes("payees", before.payees)
            yield page
            changed = _rows(data, "payees")
            self._counts["payees"], self._payee_count = server_knowledge(data, "payees"), before.payee_count
        if before is None or changed:
            page, data = self._changes("payees", None)
            yield page
            self._payee_count = sum(not is_deleted(row) for row in _rows(data, "payees"))
            self._counts.setdefault("payees", server_knowledge(data, "payees"))
        if before is not None:
            made = self._payee_count - before.payee_count
            gone = any(is_deleted(row) for row in changed)
            self._whole = self._whole or gone or len(changed) > made

    def _transactions(self) -> Iterator[Page]:
        before = self._before
        if before is not None:
            page, data = self._changes("transactions", before.transactions, names=True, since=EVER)
            yield page
            self._counts["transactions"] = server_knowledge(data, "transactions")
            self._touched += [day for row in _rows(data, "transactions") if (day := _day(row, "date"))]
        if not self._whole:
            return
        years = range(self._plan.first_month.year, self._pull.today.year)
        ends = [dt.date(year, 12, 31) for year in years] if self._plan.first_month > EVER else []
        first, counts = EVER, []
        for end in [*ends, None]:
            page, data = self._changes("transactions", None, names=True, since=first, until=end, whole=end is None)
            yield page
            counts.append(server_knowledge(data, "transactions"))
            first = end + dt.timedelta(days=1) if end else first
        # What changes while the years are read comes again with the next changes.
        self._counts.setdefault("transactions", min(counts))

    def _months(self) -> Iterator[Page]:
        before = None if self._whole else self._before
        page, data = self._changes("months", before.months if before is not None else None, names=True)
        yield page
        self._counts["months"] = server_knowledge(data, "months")
        listed = [month for row in _rows(data, "months") if (month := _day(row, "month")) and not is_deleted(row)]
        touched = [] if self._whole else [*listed, *self._touched]
        # What is left of a month is carried on: every later month changes with it.
        later = self._plan.months(min(touched)) if touched else []
        for month in sorted({*listed, *later}):
            yield self._fetch(f"months/{month}", {}, "month", names=True)[0]

    def _told_since(self, name: str, whole: Mapping[str, Any]) -> Iterator[Page]:
        for page, _ in self._changed_since(name, whole):
            yield page

    def _changed_since(self, name: str, whole: Mapping[str, Any]) -> Iterator[tuple[Page, dict[str, Any]]]:
        """What changed since the last pull, of a list that was also read whole: it tells what is gone."""
        self._counts[name] = server_knowledge(whole, name)
        if self._before is not None:
            page, data = self._changes(name, getattr(self._before, name))
            self._counts[name] = min(self._counts[name], server_knowledge(data, name))
            yield page, data

    def _changes(
        self,
        name: str,
        knowledge: int | None,
        *,
        names: bool = False,
        whole: bool = False,
        since: dt.date | None = None,
        until: dt.date | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> tuple[Page, dict[str, Any]]:
        """One list: what changed since `knowledge`, or all of it (within days)."""
        params = {}
        if since is not None:
            params["since_date"] = since.isoformat()
        if until is not None:
            params["until_date"] = until.isoformat()
        if knowledge is not None:
            params["last_knowledge_of_server"] = str(knowledge)
        meta = dict(extra or {})
        if knowledge is not None:
            meta["is_delta"] = "true"
        if whole:
            meta["ends_whole"] = "true"
        return self._fetch(name, params, name, names=names, extra=meta)

    def _fetch(
        self,
        path: str,
        params: Mapping[str, str],
        what: str,
        *,
        names: bool = False,
        extra: Mapping[str, str] | None = None,
    ) -> tuple[Page, dict[str, Any]]:
        plan_id = self._plan.plan_id
        key = "/".join([plan_id, path, *(f"{name}={value}" for name, value in params.items())])
        meta = {"what": what, **self._plan.meta(with_names=names), **(extra or {})}
        return self._pull.fetch(key, f"/{self._pull.client.plans_path}/{plan_id}/{path}", params, meta)


def _rows(data: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of a list that have an id or a month. Raises SourceError when there is no list."""
    rows = data.get(name)
    if not isinstance(rows, list):
        raise SourceError(f"YNAB answered with something that holds no {name}. Sync again later.")
    return [row for row in rows if isinstance(row, dict) and isinstance(row.get("id", row.get("month")), str)]


def _day(row: Mapping[str, Any], name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(row.get(name)))
    except ValueError:
        return None
