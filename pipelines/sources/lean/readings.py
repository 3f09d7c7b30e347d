"""What is asked of an entity: which lists, under which permissions, with which parameters.

Only lists that the consent names are asked for. A list that is beside the point of an account (a payee, an order, a
holder) may fail without keeping its balances and transactions back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.sources.lean.values import Unreadable, text_of

ACCOUNTS = "accounts"
_ORDERS = ("standing_orders", "direct_debits", "scheduled_payments")
_PARTS = (
    ("balances", "balance", "balances", False),
    ("transactions", "transactions", "bank_transactions", False),
    ("identities", "identities", "identities", True),
    ("beneficiaries", "beneficiaries", "beneficiaries", True),
    *((name, name, "payment_orders", True) for name in _ORDERS),
)
"""Lists of an account in the order they are asked: name, permission, record kind, whether one may fail alone."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One list to ask for, page by page.

    Attributes:
        name: The list's name, as answers have it.
        path: Where it is asked.
        kind: The record kind its rows become.
        account_id: The account it is of, or None for lists of the entity.
        params: Parameters beside entity, page and size.
        may_fail: Whether the rest is worth reading without it.
        ends_orders: Whether it is the last list of its account's payment orders.
    """

    name: str
    path: str
    kind: str
    account_id: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    may_fail: bool = False
    ends_orders: bool = False

    @property
    def key(self) -> str:
        """Names it within a pull, equal whenever the same is asked."""
        days = "/".join(self.params[name] for name in ("start_date",) if name in self.params)
        return "/".join(part for part in (self.name, self.account_id or "", days) if part)


def first_readings(permissions: frozenset[str]) -> list[Reading]:
    """The lists of the entity itself; the accounts come last, because they say what else to ask for."""
    whole = Reading("identities", "/data/v2/identity", "identities", may_fail=True)
    accounts = Reading(ACCOUNTS, "/data/v2/accounts", "accounts")
    return [*([whole] if "identity" in permissions else []), accounts]


def readings_of(accounts: list[Any], permissions: frozenset[str], start: dt.date) -> Iterator[Reading]:
    """The lists of every account, as far as the permissions go; transactions from `start` on."""
    asked = [part for part in _PARTS if part[1] in permissions]
    last_order = next((name for name, _, _, _ in reversed(asked) if name in _ORDERS), None)
    for account_id, is_open in _ids(accounts):
        for name, _, kind, may_fail in asked:
            params = {"start_date": start.isoformat(), "insights": "true"} if name == "transactions" else {}
            yield Reading(
                name,
                f"/data/v2/accounts/{account_id}/{name.replace('_', '-')}",
                kind,
                account_id,
                params,
                may_fail=may_fail or not is_open,
                ends_orders=name == last_order,
            )


def _ids(accounts: list[Any]) -> Iterator[tuple[str, bool]]:
    """Each account once, and whether it is in use: a bank may refuse to tell of a closed one."""
    seen: set[str] = set()
    for account in accounts:
        try:
            account_id = text_of(account, "account_id") if isinstance(account, Mapping) else None
        except Unreadable:
            account_id = None
        if account_id and account_id not in seen and account_id.replace("-", "").isalnum():
            seen.add(account_id)
            yield account_id, account.get("status") in (None, "ENABLED")
