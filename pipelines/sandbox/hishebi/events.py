"""Events of the pretend Hishebi: what there is to tell after a step, in the words of its integrators.

Only `entry.created` is published with its body; the bodies of the others are our reading. A body has no id and no time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from pipelines.sandbox.deliveries import Signing
from pipelines.sandbox.hishebi.household import Household
from pipelines.sandbox.hishebi.story import NEXT_DAY
from pipelines.sandbox.hishebi.town import Town

SIGNING = Signing("x-hishebi-signature", "sha256=", "sha256")
EVENT_TYPES = ("entry.created", "rent.paid", "rent.late_fee_applied", "tenant.changed")
"""The four types, as published."""

Wire = dict[str, object]


class Events:
    """What the people who are logged in held before a step."""

    def __init__(self, town: Town) -> None:
        """Remember it; the step comes next."""
        standing = town.logins.standing()
        households = {
            person.user_id: town.household(person.user_id) for person in town.people if person.user_id in standing
        }
        self._before = {user_id: (household, household.book.entry_ids()) for user_id, household in households.items()}

    def since_then(self, kind: str) -> Iterator[Wire]:
        """What the step made: new entries, and for a day that passed what happened in the rent houses that day."""
        for user_id, (household, known) in self._before.items():
            for entry in household.book.besides(known):
                yield {"event": "entry.created", "user_id": user_id, "entry": entry.wire()}
            if kind == NEXT_DAY:
                yield from _of_houses(user_id, household)


def event_id(body: bytes) -> str:
    """What an event is known by: the SHA-256 of its raw body."""
    return hashlib.sha256(body).hexdigest()


def _of_houses(user_id: str, household: Household) -> Iterator[Wire]:
    today = household.today
    for house in household.houses():
        about = {"user_id": user_id, "property_id": house.property_id}
        for book in household.rent_books(house):
            if book.tenancy.changes_on(today):
                yield {"event": "tenant.changed", **about, "tenant": book.tenant(today)}
            for due in book.dues:
                if due["kind"] == "late_fee" and due["due_date"] == today.isoformat():
                    yield {"event": "rent.late_fee_applied", **about, "due": due}
            for payment in book.payments:
                if payment["date"] == today.isoformat():
                    yield {"event": "rent.paid", **about, "payment": payment}
