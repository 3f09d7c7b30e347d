"""What the pretend Lean turns down, in the words of the official examples.

Statuses that no official example shows (unknown customers, missing rights, rate limits) are our own guesses.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from pipelines.sandbox.faults_on_demand import Fault
from pipelines.sandbox.lean.naming import told_at


class Refusal(Exception):
    """A request turned down: HTTP status, Lean's status and message, and what else the answer holds."""

    def __init__(
        self, code: int, status: str, message: str, *, with_results_id: bool = False, retry_after: int | None = None
    ) -> None:
        """Keep what the answer will say."""
        super().__init__(message)
        self.code, self.status, self.message = code, status, message
        self.with_results_id = with_results_id
        self.headers = {} if retry_after is None else {"retry-after": str(retry_after)}

    def body(self) -> dict[str, object]:
        """The error envelope."""
        results_id = {"results_id": str(uuid.uuid4())} if self.with_results_id else {}
        return {
            **results_id,
            "timestamp": told_at(),
            "status": self.status,
            "message": self.message,
            "metadata": None,
        }


class TokenRefusal(Exception):
    """A token request turned down, answered in the form of RFC 6749."""

    def __init__(self, code: int, error: str, description: str) -> None:
        """Keep what the answer will say."""
        super().__init__(description)
        self.code, self.error, self.description = code, error, description


@dataclass(frozen=True, slots=True)
class _Words:
    code: int
    message: str
    with_results_id: bool = True


_KNOWN = {
    "UNKNOWN_ENTITY": _Words(404, "The entity_id provided did not match an account in our records."),
    "UNKNOWN_ACCOUNT": _Words(404, "The account_id provided does not match an account with the entity_id provided."),
    "UNKNOWN_RESULTS_ID": _Words(
        404, "The results_id provided has not been recognized by Lean or has not been processed yet"
    ),
    "INTERNAL_SERVER_ERROR": _Words(
        500, "Something has gone wrong. If you continue to see this error, please get in touch with Lean."
    ),
    "CUSTOMER_ALREADY_EXISTS": _Words(
        409, "A customer already exists for the app_user_id you have provided.", with_results_id=False
    ),
    "CONSENT_EXPIRED": _Words(
        403,
        "Consent was suspended, revoked, or expired. New consent is required, please connect the entity once again.",
        with_results_id=False,
    ),
    "DUPLICATED_REQUEST": _Words(429, "Data refresh is already pending.", with_results_id=False),
    "UNKNOWN_CUSTOMER": _Words(
        404, "The customer_id provided did not match a customer in our records.", with_results_id=False
    ),
    "UNKNOWN_BANK": _Words(404, "The bank_identifier provided is not known here.", with_results_id=False),
}


BANK_ERRORS = {
    "BANK_ISSUE": "The bank is experiencing technical problems.",
    "BANK_MAINTENANCE": "The bank is undergoing maintenance.",
    "EU_ACCOUNT_LOCKED": "The end user's online banking is locked.",
    "LOGGED_IN_ELSEWHERE": "The end user is logged in elsewhere.",
    "ACTIVE_SESSION_EXISTS": "The end user has an active session at the bank.",
    "SESSION_EXPIRED_ON_OTP": "The session expired before the one-time password was entered.",
    "DISABLED_BY_LEAN": "The bank is disabled by Lean.",
    "LEAN_ERROR": "Something went wrong at Lean.",
}
"""Statuses the documents name without an example; the words are ours."""


@dataclass(slots=True)
class BankError(Fault):
    """One of `BANK_ERRORS` that is due, with an HTTP status: the documents do not say which."""

    code: int = 502

    def refusal(self) -> Refusal:
        """The refusal to answer with."""
        return Refusal(self.code, self.name, BANK_ERRORS[self.name], with_results_id=True)


def refusal(status: str) -> Refusal:
    """The refusal of that name, as documented."""
    words = _KNOWN[status]
    return Refusal(words.code, status, words.message, with_results_id=words.with_results_id)


def bad_parameter(field_name: str, value: object) -> Refusal:
    """400: a parameter is missing or malformed."""
    return Refusal(
        400,
        "INVALID_PARAMETERS",
        "The request is badly formatted or a parameter of the wrong type has been provided, "
        f"field: {field_name}, value: {value}.",
        with_results_id=True,
    )
