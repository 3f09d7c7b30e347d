"""Rows of YNAB's API as tests write them, and what a page of them decodes to."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from pipelines.sources.source import Decoded, Page
from pipelines.sources.ynab.plan_facts import CategoryFacts, PlanFacts
from pipelines.sources.ynab.records import decode

PLAN = PlanFacts(
    "plan-1",
    "Home",
    "AED",
    dt.date(2026, 1, 1),
    dt.date(2026, 4, 1),
    {"cur": ("Current", True), "sav": ("Savings", True), "stk": ("Stocks", False)},
    {
        "rta": CategoryFacts("Inflow", "Ready to Assign", internal=True),
        "unc": CategoryFacts(None, None, internal=True),
        "food": CategoryFacts("Everyday", "Groceries"),
        "card": CategoryFacts("Credit Card Payments", "Visa"),
    },
)


def page(what: str, data: dict[str, Any], **meta: str) -> Decoded:
    body = json.dumps({"data": data}, ensure_ascii=False).encode()
    return decode(Page("key", body, {"what": what, **PLAN.meta(with_names=True), **meta}))


def transaction(**more: Any) -> dict[str, Any]:
    return {
        "id": "t1",
        "date": "2026-03-09",
        "amount": -12_340,
        "amount_formatted": "-AED 12.34",
        "amount_currency": -12.34,
        "memo": "মাছ",
        "cleared": "cleared",
        "approved": True,
        "flag_color": None,
        "account_id": "cur",
        "account_name": "Current",
        "payee_id": "p1",
        "payee_name": "Lulu",
        "category_id": "food",
        "category_name": "Groceries",
        "transfer_account_id": None,
        "transfer_transaction_id": None,
        "deleted": False,
        "subtransactions": [],
        **more,
    }


def chosen(row: dict[str, Any], **expected: Any) -> None:
    assert {name: row[name] for name in expected} == expected
