"""From a page of YNAB to records: which rows it holds, which it says are gone, and what was read whole.

Put here what a page is. Keep out what a row of it means (`entries`, `planning`, `accounts`), single values (`values`)
and requests (`pull`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from pipelines.sources.exact_json import NotJson, read_json
from pipelines.sources.json_rows import Unreadable, at_fault, reject_of
from pipelines.sources.source import REJECT_SCHEMA, Batch, Decoded, Page, Restated, SourceError, Window
from pipelines.sources.ynab import accounts, entries, planning
from pipelines.sources.ynab.plan_facts import PlanFacts, plan_facts_of
from pipelines.sources.ynab.values import is_deleted, readable_row
from warehouse.fields import EARLIEST, LATEST
from warehouse.record_kinds import KINDS
from warehouse.schema_renderings import polars_schema

_ALWAYS = (dt.date.fromisoformat(EARLIEST), dt.date.fromisoformat(LATEST))

Row = Mapping[str, Any]


@dataclass(slots=True)
class _Found:
    """What a page holds, kind by kind."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    rejects: list[dict[str, Any]] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=dict)
    restated: list[Restated] = field(default_factory=list)

    def add(self, kind: str, sources: Iterable[Any], record: Callable[[Row], dict[str, Any]]) -> None:
        """Make a record of each source row, or set it aside."""
        made = self.rows.setdefault(kind, [])
        for row_no, row in enumerate(sources, start=self.read.get(kind, 0) + 1):
            self.read[kind] = row_no
            try:
                made.append({"row_no": row_no, **record(readable_row(row))})
            except Unreadable as problem:
                self.rejects.append(reject_of(kind, row_no, problem, at_fault(row, problem)))

    def tell_anew(self, kind: str, column: str, values: Iterable[str]) -> None:
        """Note what the page says all of."""
        if found := tuple(values):
            self.restated.append(Restated(kind, column, found))

    def decoded(self, windows: Iterable[Window], cursor: str | None) -> Decoded:
        return Decoded(
            tuple(
                Batch(kind, pl.DataFrame(rows, schema=polars_schema(KINDS[kind]))) for kind, rows in self.rows.items()
            ),
            pl.DataFrame(self.rejects, schema=REJECT_SCHEMA),
            self.read,
            tuple(windows),
            cursor,
            tuple(self.restated),
        )


def decode(page: Page) -> Decoded:
    """Turn one page into records. Raises SourceError."""
    found, windows = _Found(), []
    try:
        data = read_json(page.body)["data"]
        what = page.meta["what"]
        if reader := _READERS.get(what):
            plan = plan_facts_of(page.meta)
            reader(found, data, plan, page.meta)
            if page.meta.get("ends_whole"):
                kind = _WHOLE_KINDS[what]
                windows = [Window(kind, *_ALWAYS, account_id=account) for account in plan.accounts]
    except (NotJson, KeyError, ValueError, TypeError, AttributeError):
        raise SourceError(
            "A landed page of YNAB is damaged, or of another form than its API describes. Sync again."
        ) from None
    return found.decoded(windows, page.meta.get("cursor"))


def _accounts(found: _Found, data: Row, plan: PlanFacts, meta: Mapping[str, str]) -> None:
    rows = data["accounts"]
    if meta.get("is_delta"):
        gone = [row["id"] for row in rows if is_deleted(row)]
        found.tell_anew("accounts", "record_id", gone)
        for kind in ("balances", "ledger_entries", "recurring_entries"):
            found.tell_anew(kind, "account_id", gone)
        return
    live = _live(rows)
    found.add("accounts", live, lambda row: accounts.account(row, plan))
    day = dt.date.fromisoformat(meta["balance_date"])
    found.add("balances", live, lambda row: accounts.balance(row, plan, day))


def _categories(found: _Found, data: Row, plan: PlanFacts, meta: Mapping[str, str]) -> None:
    rows = [category for group in data["category_groups"] for category in group["categories"]]
    if meta.get("is_delta"):
        gone = [row["id"] for row in rows if is_deleted(row)]
        found.tell_anew("savings_goals", "record_id", gone)
        months = plan.months(plan.first_month)
        found.tell_anew("budgets", "record_id", [planning.line_id(plan, m, each) for each in gone for m in months])
        return
    live = _live(rows)
    found.add("savings_goals", [row for row in live if planning.has_goal(row)], lambda row: planning.goal(row, plan))
    found.tell_anew("savings_goals", "record_id", [row["id"] for row in live])


def _months(found: _Found, data: Row, plan: PlanFacts, _meta: Mapping[str, str]) -> None:
    gone = [dt.date.fromisoformat(row["month"]) for row in data["months"] if is_deleted(row)]
    lines = [planning.line_id(plan, month, category) for month in gone for category in plan.categories]
    found.tell_anew("budgets", "record_id", lines)


def _month(found: _Found, data: Row, plan: PlanFacts, _meta: Mapping[str, str]) -> None:
    month = dt.date.fromisoformat(data["month"]["month"])
    lines = [row for row in _live(data["month"]["categories"]) if planning.is_line(row, plan)]
    found.add("budgets", lines, lambda row: planning.line(row, month, plan))


def _transactions(found: _Found, data: Row, plan: PlanFacts, meta: Mapping[str, str]) -> None:
    rows = data["transactions"]
    parts = [part for row in _live(rows) for part in entries.parts(row)]
    found.add("ledger_entries", parts, lambda part: entries.entry(part, plan))
    if meta.get("is_delta"):
        told = [row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]
        for column in ("record_id", "split_group"):
            found.tell_anew("ledger_entries", column, told)


def _scheduled(found: _Found, data: Row, plan: PlanFacts, meta: Mapping[str, str]) -> None:
    rows = data["scheduled_transactions"]
    found.add("recurring_entries", _live(rows), lambda row: entries.template(row, plan))
    if meta.get("is_delta"):
        found.tell_anew("recurring_entries", "record_id", [row["id"] for row in rows if is_deleted(row)])


def _live(rows: list[Any]) -> list[Any]:
    return [row for row in rows if not is_deleted(row)]


_READERS: dict[str, Callable[[_Found, Row, PlanFacts, Mapping[str, str]], None]] = {
    "accounts": _accounts,
    "categories": _categories,
    "months": _months,
    "month": _month,
    "transactions": _transactions,
    "scheduled_transactions": _scheduled,
}
_WHOLE_KINDS = {"transactions": "ledger_entries", "scheduled_transactions": "recurring_entries"}
