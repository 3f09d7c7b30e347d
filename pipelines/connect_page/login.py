"""One bank login under way: what the page needs to open LinkSDK, and what it shows while the terminal works.

The page runs in the server's thread and the work in the terminal's, so everything here is guarded by one lock. Keep
out HTTP (`app`) and how Lean is asked (`pipelines.lean_connecting`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Stage(StrEnum):
    """How far the login is; the page has words for each."""

    waiting = "waiting"
    at_bank = "at_bank"
    reading = "reading"
    done = "done"
    failed = "failed"


@dataclass(frozen=True, slots=True)
class Reconnect:
    """A connected bank that wants its person to log in again.

    Attributes:
        bank: Its name for people.
        entity_id: The login at Lean.
        reconnect_id: What Lean gave to open LinkSDK with.
    """

    bank: str
    entity_id: str
    reconnect_id: str


@dataclass(frozen=True, slots=True)
class LinkConfig:
    """What LinkSDK is opened with, but for the token, which is asked for when the person begins.

    Attributes:
        script_url: Where the script comes from.
        app_token: The application's id; no secret.
        customer_id: Lean's id of the customer.
        permissions: What the person is asked to allow.
        is_sandbox: Whether Lean's test banks are meant.
        reconnects: Banks that want their person again.
    """

    script_url: str
    app_token: str
    customer_id: str
    permissions: tuple[str, ...]
    is_sandbox: bool
    reconnects: tuple[Reconnect, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownAccount:
    """One account on the page: texts only, the number masked."""

    bank: str
    name: str
    number: str
    balance: str


@dataclass(slots=True)
class Login:
    """The state both sides see. `token` is asked for a fresh customer token when the person begins."""

    config: LinkConfig
    token: Callable[[], str] = field(repr=False)
    _stage: Stage = Stage.waiting
    _accounts: Sequence[ShownAccount] = ()
    _has_been_told: bool = False
    _reconnected: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def begin(self, entity_id: str = "") -> dict[str, object]:
        """The arguments of `Lean.connect`, or of `Lean.reconnect` for a bank that wants its person again.

        Asks for a fresh token. Raises SourceError when Lean gives none.
        """
        token = self.token()
        with self._lock:
            if self._stage in {Stage.waiting, Stage.failed}:
                self._stage = Stage.at_bank
        given = {"app_token": self.config.app_token, "access_token": token, "sandbox": self.config.is_sandbox}
        for bank in self.config.reconnects:
            if bank.entity_id == entity_id:
                return {**given, "reconnect_id": bank.reconnect_id}
        return {**given, "customer_id": self.config.customer_id, "permissions": list(self.config.permissions)}

    def end(self, status: str, entity_id: str = "") -> None:
        """What LinkSDK said when its form closed; only an entity at Lean counts as a new bank."""
        with self._lock:
            if status == "SUCCESS" and any(bank.entity_id == entity_id for bank in self.config.reconnects):
                self._reconnected.add(entity_id)
            elif self._stage is Stage.at_bank and status != "SUCCESS":
                self._stage = Stage.waiting if status == "CANCELLED" else Stage.failed

    @property
    def reconnected(self) -> frozenset[str]:
        """Entity ids of the banks at which the person logged in again."""
        with self._lock:
            return frozenset(self._reconnected)

    def tell(self, stage: Stage, accounts: Sequence[ShownAccount] = ()) -> None:
        """Say on the page how far the terminal is."""
        with self._lock:
            self._stage, self._accounts = stage, tuple(accounts)

    def state(self) -> Mapping[str, object]:
        """What the page shows now."""
        with self._lock:
            self._has_been_told = self._has_been_told or self._stage is Stage.done
            accounts = [
                {"bank": each.bank, "name": each.name, "number": each.number, "balance": each.balance}
                for each in self._accounts
            ]
            again = [{"entity_id": bank.entity_id, "bank": bank.bank} for bank in self.config.reconnects]
            return {"stage": self._stage.value, "accounts": accounts, "reconnects": again}

    @property
    def has_been_told(self) -> bool:
        """Whether an open page has seen that everything is done."""
        with self._lock:
            return self._has_been_told
