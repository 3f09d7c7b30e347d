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
class LinkConfig:
    """What LinkSDK is opened with, but for the token, which is asked for when the person begins.

    Attributes:
        script_url: Where the script comes from.
        app_token: The application's id; no secret.
        customer_id: Lean's id of the customer.
        permissions: What the person is asked to allow.
        is_sandbox: Whether Lean's test banks are meant.
    """

    script_url: str
    app_token: str
    customer_id: str
    permissions: tuple[str, ...]
    is_sandbox: bool


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
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def begin(self) -> dict[str, object]:
        """The arguments of `Lean.connect`, with a fresh token. Raises SourceError when Lean gives none."""
        token = self.token()
        with self._lock:
            if self._stage in {Stage.waiting, Stage.failed}:
                self._stage = Stage.at_bank
        return {
            "app_token": self.config.app_token,
            "customer_id": self.config.customer_id,
            "permissions": list(self.config.permissions),
            "access_token": token,
            "sandbox": self.config.is_sandbox,
        }

    def end(self, status: str) -> None:
        """What LinkSDK said when its form closed; only an entity at Lean counts as a success."""
        with self._lock:
            if self._stage is Stage.at_bank and status != "SUCCESS":
                self._stage = Stage.waiting if status == "CANCELLED" else Stage.failed

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
            return {"stage": self._stage.value, "accounts": accounts}

    @property
    def has_been_told(self) -> bool:
        """Whether an open page has seen that everything is done."""
        with self._lock:
            return self._has_been_told
