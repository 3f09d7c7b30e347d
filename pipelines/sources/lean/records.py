"""From an answer of Lean to records: which list it holds, and which reader reads it.

Put here the outer form of an answer. Keep out what a field means (`transactions`, `accounts`, `people`, `orders`), the
former shape (`legacy`) and requests (`client`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.sources.exact_json import NotJson, read_json
from pipelines.sources.lean.accounts import account, read_balances
from pipelines.sources.lean.legacy import is_legacy, modern
from pipelines.sources.lean.orders import direct_debit, scheduled_payment, standing_order
from pipelines.sources.lean.people import beneficiary, identity
from pipelines.sources.lean.rows import Around, Reader, ReadRows, read_rows, reject
from pipelines.sources.lean.transactions import transaction
from pipelines.sources.lean.values import Unreadable
from pipelines.sources.source import REJECT_SCHEMA, Decoded, Page, SourceError, Window
from warehouse.kinds import RecordKind
from warehouse.record_kinds import (
    ACCOUNTS,
    BALANCES,
    BANK_TRANSACTIONS,
    BENEFICIARIES,
    IDENTITIES,
    KINDS,
    PAYMENT_ORDERS,
)

WAITING = "waiting"
"""The list of a page that only says which results are awaited."""
UNANSWERED = "unanswered"
"""The list of a page that the bank did not give; it says which one was asked for."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The list of an answer and the page it is.

    Attributes:
        name: The list's name, e.g. transactions or standing_orders.
        rows: Its rows as they came.
        total: How many rows the whole list has, or None when it does not say.
        pages: How many pages the whole list has, at least one.
        number: Which of them this is, from 0; None when it does not say.
    """

    name: str
    rows: list[Any]
    total: int | None
    pages: int
    number: int | None = None

    def is_of(self, account_id: str | None) -> bool:
        """Whether no row names another account than the one asked about."""
        if account_id is None:
            return True
        return all(row.get("account_id") in (None, account_id) for row in self.rows if isinstance(row, Mapping))


def _reading(kind: RecordKind, reader: Reader) -> Callable[[list[Any], Around], ReadRows]:
    return lambda rows, around: read_rows(kind, rows, reader, around)


_READERS: Mapping[str, tuple[RecordKind, Callable[[list[Any], Around], ReadRows]]] = {
    "accounts": (ACCOUNTS, _reading(ACCOUNTS, account)),
    "balances": (BALANCES, read_balances),
    "transactions": (BANK_TRANSACTIONS, _reading(BANK_TRANSACTIONS, transaction)),
    "identities": (IDENTITIES, _reading(IDENTITIES, identity)),
    "beneficiaries": (BENEFICIARIES, _reading(BENEFICIARIES, beneficiary)),
    "standing_orders": (PAYMENT_ORDERS, _reading(PAYMENT_ORDERS, standing_order)),
    "direct_debits": (PAYMENT_ORDERS, _reading(PAYMENT_ORDERS, direct_debit)),
    "scheduled_payments": (PAYMENT_ORDERS, _reading(PAYMENT_ORDERS, scheduled_payment)),
}

LISTS = tuple(_READERS)
"""Every list that is understood."""


def decode(page: Page) -> Decoded:
    """Turn one page into records; windows and cursor are told by the page's meta. Raises SourceError."""
    windows, cursor = _windows(page.meta), page.meta.get("cursor")
    wanted = page.meta.get("list", "")
    if wanted == WAITING:
        return Decoded(batches=())
    if wanted == UNANSWERED:
        return Decoded((), _unanswered(page.meta), windows=windows, cursor=cursor)
    around = Around(
        page.meta.get("account_id"), page.meta.get("time_zone", "UTC+00:00"), page.meta.get("institution_name")
    )
    try:
        document = read_json(page.body)
    except NotJson:
        raise SourceError("A landed page of Lean is not whole JSON. Sync again.") from None
    listed = listed_in(document, around)
    kind, reader = _READERS[listed.name]
    read = reader(listed.rows, around)
    return Decoded((read.batch,), read.rejects, {kind.name: read.count}, windows, cursor)


def listed_in(document: Any, around: Around | None = None) -> Listed:
    """The list an answer holds, of the present or the former shape. Raises SourceError when it holds none."""
    if not isinstance(document, Mapping):
        raise SourceError("Lean answered with something that is no list of records. Sync again later.")
    if is_legacy(document):
        document = modern(document, around or Around())
    data = document.get("data")
    if not isinstance(data, Mapping):
        raise SourceError("Lean answered without data. Sync again later.")
    named = str(data.get("type") or document.get("type") or "").replace("-", "_")
    if named not in _READERS or not isinstance(data.get(named), list):
        raise SourceError("Lean answered with a list that is not known. Update Hisab.")
    page = data.get("page")
    page = page if isinstance(page, Mapping) else {}
    pages = max(_whole(page.get("total_pages")) or 1, 1)
    return Listed(named, data[named], _whole(page.get("total_elements")), pages, _whole(page.get("number")))


def _whole(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _windows(meta: Mapping[str, str]) -> tuple[Window, ...]:
    """The span the page ends, as `kind first last account`; the account may be missing."""
    if "window" not in meta:
        return ()
    try:
        kind, first, last, *account_id = meta["window"].split(" ")
        days = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    except ValueError:
        raise SourceError("A landed page of Lean lost the days it was asked for. Sync again.") from None
    return (Window(kind, *days, account_id[0] if account_id else None),)


def window_text(kind: str, first: dt.date, last: dt.date, account_id: str | None) -> str:
    """A window as a page's meta keeps it; `decode` reads it."""
    return " ".join([kind, first.isoformat(), last.isoformat(), *([account_id] if account_id else [])])


def _unanswered(meta: Mapping[str, str]) -> pl.DataFrame:
    """One reject that stands for a list the bank did not give."""
    problem = Unreadable(
        "",
        f"the bank did not give the {meta.get('asked', 'list').replace('_', ' ')} ({meta.get('why', 'no reason')})",
        "nothing else of the account is missing; it is asked again at the next sync",
    )
    kind = meta.get("kind", "")
    return pl.DataFrame([reject(kind, 1, None, problem)] if kind in KINDS else [], schema=REJECT_SCHEMA)
