"""Data refreshes of entities: asked for, pending for a while, finished."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.sandbox.lean.accounts import Account
from pipelines.sandbox.lean.limits import too_many
from pipelines.sandbox.lean.naming import instant, told_at
from pipelines.sandbox.lean.refusals import refusal

_PER_ACCOUNT = ("balance", "identity", "transactions", "scheduled_payments", "direct_debits", "standing_orders")
_A_DAY_SECONDS = 86_400


@dataclass(slots=True)
class Refresh:
    """One refresh; `ready_at` is on the monotonic clock."""

    refresh_id: str
    entity_id: str
    customer_id: str
    asked_on: dt.date
    is_counted: bool
    created_at: str
    ready_at: float
    finished_at: str

    @property
    def is_pending(self) -> bool:
        """Whether it still runs."""
        return time.monotonic() < self.ready_at

    def wire(self) -> dict[str, object]:
        """The refresh as the list of refreshes shows it."""
        return {
            "refresh_id": self.refresh_id,
            "entity_id": self.entity_id,
            "customer_id": self.customer_id,
            "status": "PENDING" if self.is_pending else "FINISHED",
            "created_at": self.created_at,
            "updated_at": self.created_at if self.is_pending else self.finished_at,
        }

    def wire_whole(self, accounts: Sequence[Account], first: dt.date, last: dt.date) -> dict[str, object]:
        """The refresh as it is shown alone, with what came of each account."""
        return {**self.wire(), "data_status": self.data_status(accounts, first, last, "transactionAvailability")}

    def data_status(
        self, accounts: Sequence[Account], first: dt.date, last: dt.date, availability_name: str
    ) -> dict[str, object]:
        """What came of each account. REST and webhooks spell the availability differently."""
        status = "PENDING" if self.is_pending else "OK"
        window = {"start": first.isoformat(), "end": last.isoformat()}
        return {
            "accounts": status,
            "identity": status,
            "account_data": [
                {
                    "account_id": account.account_id,
                    **dict.fromkeys(_PER_ACCOUNT, status),
                    "beneficiaries": status if account.product == "CURRENT" else "UNSUPPORTED",
                    availability_name: window,
                }
                for account in accounts
            ],
        }


class Refreshes:
    """Every refresh asked for, and how many an entity may have."""

    def __init__(self, seconds: float, most_per_day: int) -> None:
        """Start without any."""
        self._seconds, self._most = seconds, most_per_day
        self._every: list[Refresh] = []

    def ask(self, entity_id: str, customer_id: str, moment: dt.datetime, *, is_counted: bool = True) -> Refresh:
        """Start a refresh; what the service starts by itself is not counted. Raises Refusal."""
        own = self.of(entity_id)
        if is_counted and any(each.is_pending for each in own):
            raise refusal("DUPLICATED_REQUEST")
        if is_counted and sum(each.is_counted and each.asked_on == moment.date() for each in own) >= self._most:
            raise too_many(_A_DAY_SECONDS)
        finished_at = instant(moment + dt.timedelta(seconds=self._seconds))
        refresh = Refresh(
            refresh_id=str(uuid.uuid4()),
            entity_id=entity_id,
            customer_id=customer_id,
            asked_on=moment.date(),
            is_counted=is_counted,
            created_at=instant(moment),
            ready_at=time.monotonic() + self._seconds,
            finished_at=finished_at,
        )
        self._every.append(refresh)
        return refresh

    def of(self, entity_id: str) -> list[Refresh]:
        """The refreshes of an entity, newest first."""
        return [each for each in reversed(self._every) if each.entity_id == entity_id]

    def one(self, refresh_id: str) -> Refresh:
        """The refresh of that id. Raises Refusal."""
        found = next((each for each in self._every if each.refresh_id == refresh_id), None)
        if found is None:
            raise refusal("UNKNOWN_ENTITY")
        return found


def refresh_asked(refresh: Refresh) -> dict[str, object]:
    """The answer to asking for a refresh."""
    return {
        "refresh_id": refresh.refresh_id,
        "status": "OK",
        "message": "Data refresh triggered successfully",
        "timestamp": told_at(),
    }
