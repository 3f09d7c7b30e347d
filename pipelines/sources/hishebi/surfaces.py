"""The lists Hishebi is asked for: where each lies, which scope it needs, which record kinds its rows become.

Put here what a list is. Keep out when it is asked (`walk`, `pull`) and what its rows mean (`ledger`, `planning`,
`rent_houses`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

LEDGER_READ, PROPERTY_READ = "ledger.read", "property.read"
NOTES_WRITE, EXPORT_READ = "notes.write", "export.read"
READ_SCOPES = (LEDGER_READ, PROPERTY_READ)
"""What reading all the books takes."""


@dataclass(frozen=True, slots=True)
class Surface:
    """One sort of list.

    Attributes:
        name: Names it in what is landed; never changes.
        title: What people read, after "the".
        list_name: The member of an answer that holds the rows.
        scope: The scope it needs.
        kinds: The record kinds its rows become.
        path: Where it is asked, below the API's own path; with `{property_id}` where it is of one property.
        is_dated: Whether it is asked for by days; else it is read whole.
    """

    name: str
    title: str
    list_name: str
    scope: str
    kinds: tuple[str, ...]
    path: str
    is_dated: bool


LEDGER = Surface("ledger", "ledger", "entries", LEDGER_READ, ("ledger_entries",), "ledger", is_dated=True)
DEBTS = Surface("debts", "debts", "debts", LEDGER_READ, ("debts",), "debts", is_dated=False)
GOALS = Surface("goals", "savings goals", "goals", LEDGER_READ, ("savings_goals",), "goals", is_dated=False)
CASH_COUNTS = Surface(
    "cash_counts", "cash counts", "cash_counts", LEDGER_READ, ("cash_counts",), "cash-counts", is_dated=True
)
NOTES = Surface("notes", "notes", "notes", LEDGER_READ, ("notes",), "notes", is_dated=True)
PROPERTIES = Surface(
    "properties", "properties", "properties", PROPERTY_READ, ("properties", "units"), "properties", is_dated=False
)
TENANTS = Surface(
    "tenants", "tenants", "tenants", PROPERTY_READ, ("tenancies",), "properties/{property_id}/tenants", is_dated=False
)
DUES = Surface(
    "dues", "dues of tenants", "dues", PROPERTY_READ, ("rent_charges",), "properties/{property_id}/dues", is_dated=True
)
PAYMENTS = Surface(
    "payments",
    "payments of tenants",
    "payments",
    PROPERTY_READ,
    ("rent_payments",),
    "properties/{property_id}/payments",
    is_dated=True,
)

SURFACES = {
    surface.name: surface for surface in (LEDGER, DEBTS, GOALS, CASH_COUNTS, NOTES, PROPERTIES, TENANTS, DUES, PAYMENTS)
}
"""Every surface by its name."""
BESIDE_THE_LEDGER = (DEBTS, GOALS, CASH_COUNTS, NOTES)
OF_EACH_PROPERTY = (TENANTS, DUES, PAYMENTS)


@dataclass(frozen=True, slots=True)
class Reading:
    """One list to ask for: a surface, and the property it is of."""

    surface: Surface
    property_id: str | None = None

    @property
    def path(self) -> str:
        """Where it is asked, below the API's own path; also names it in keys and cursors."""
        return self.surface.path.format(property_id=quote(self.property_id or "", safe=""))


def property_ids(rows: Iterable[Any]) -> list[str]:
    """Ids of properties, each once; one that no address can hold is left out."""
    found: dict[str, None] = {}
    for row in rows:
        given = row.get("id") if isinstance(row, Mapping) else None
        text = str(given) if isinstance(given, Decimal) else given
        if isinstance(text, str) and text not in {"", ".", ".."} and _can_be_sent(text):
            found[text] = None
    return list(found)


def _can_be_sent(text: str) -> bool:
    try:
        return bool(text.encode())
    except UnicodeEncodeError:  # half a character
        return False
