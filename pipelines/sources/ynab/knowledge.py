"""The cursor of a connection: what the last pull knew of each plan, as JSON.

YNAB counts the changes of a plan; with the count of its last answer an endpoint gives only what changed since, and
what is gone. The count is kept per plan and endpoint.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from pipelines.sources.source import SourceError


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a pull knew of one plan.

    Attributes:
        accounts: The count of changes in the answer of that endpoint; the next four likewise.
        categories: See accounts.
        payees: See accounts.
        months: See accounts.
        transactions: See accounts.
        scheduled_transactions: See accounts.
        payee_count: How many payees there were, by which a renamed one is told from a new one.
        names: Digest of everything's names (`PlanFacts.names_digest`).
    """

    accounts: int
    categories: int
    payees: int
    months: int
    transactions: int
    scheduled_transactions: int
    payee_count: int
    names: str


def knowledge_of(cursor: str | None) -> dict[str, Knowledge]:
    """What a cursor says, by plan; plans it says nothing usable of are left out and then read whole."""
    try:
        plans = json.loads(cursor or "{}")
        return {str(plan): Knowledge(**known) for plan, known in plans.items() if _is_whole(known)}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _is_whole(known: Mapping[str, Any]) -> bool:
    counts = [value for name, value in known.items() if name != "names"]
    return isinstance(known["names"], str) and all(type(value) is int and value >= 0 for value in counts)


def cursor_of(plans: Mapping[str, Knowledge]) -> str:
    """The cursor that says this."""
    return json.dumps({plan: asdict(known) for plan, known in plans.items()}, sort_keys=True, separators=(",", ":"))


def server_knowledge(data: Mapping[str, Any], what: str) -> int:
    """The count of changes an answer carries. Raises SourceError when it has none."""
    value = data.get("server_knowledge")
    if not isinstance(value, Decimal) or value != value.to_integral_value() or value < 0:
        raise SourceError(f"YNAB does not say up to which change its {what} are told. Sync again later.")
    return int(value)
