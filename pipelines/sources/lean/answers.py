"""What an answer of Lean means: data, results that are not ready, a state of the connection, or an error.

Lean says more in `status` than in the HTTP code: a bank that wants the person again, or an ended consent, may come with
HTTP 200. Only Lean's own status words and ids are quoted, never its messages.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pipelines.sources.service_answers import (
    AGAIN,
    Answer,
    Passing,
    TokenRefused,
    document_of,
    is_quotable,
    quoted,
    require_clock,
    retry_after,
)
from pipelines.sources.source import ConsentRefused, ReconnectNeeded, SourceError, Unsettled

PENDING_WORDS = frozenset({"PENDING", "PROCESSING_STARTED"})
"""Statuses of results that are still being fetched."""

_BANK_WORDS = {
    "BANK_ISSUE": "the bank has a trouble of its own; it is asked again at the next sync",
    "BANK_MAINTENANCE": "the bank is being maintained; it is asked again at the next sync",
    "EU_ACCOUNT_LOCKED": "the bank has locked the login; unlock it at the bank, then sync again",
    "LOGGED_IN_ELSEWHERE": "somebody is logged in at the bank; log out there, then sync again",
    "ACTIVE_SESSION_EXISTS": "somebody is logged in at the bank; log out there, then sync again",
    "SESSION_EXPIRED_ON_OTP": "the bank's code came too late; connect again and type it sooner",
    "DISABLED_BY_LEAN": "Lean has switched the bank off for now; it is asked again at the next sync",
    "LEAN_ERROR": "Lean has a trouble of its own; it is asked again at the next sync",
    "FAILED": "Lean could not fetch it from the bank; it is asked again at the next sync",
}
"""Documented statuses of a bank that cannot be read now, and what that means for people."""


@dataclass(frozen=True, slots=True)
class Pending:
    """Results that come later, by their id."""

    results_id: str


class Refused(SourceError):
    """Lean refuses this one request.

    Attributes:
        status: HTTP status.
        word: Lean's word for it, or empty.
    """

    def __init__(self, line: str, status: int, word: str) -> None:
        """Keep what was answered."""
        super().__init__(line)
        self.status = status
        self.word = word


def meaning_of(answer: Answer, who: str, now: dt.datetime) -> Any:
    """The JSON document of a good answer (an object or a list).

    Raises Passing for what is worth another try, TokenRefused for 401, ReconnectNeeded or ConsentRefused for states of
    the connection, Unsettled for a bank that cannot be read now, Refused for any other refusal.
    """
    require_clock(answer, who, now)
    if answer.status == HTTPStatus.NO_CONTENT:
        return {}
    document = document_of(answer, who, now)
    said = document if isinstance(document, dict) else {}
    word = _word(said)
    if word == "CONSENT_EXPIRED":
        raise ConsentRefused(f"{who} says that the bank's consent ended. Connect the bank again.")
    if word == "RECONNECT_REQUIRED":
        raise ReconnectNeeded(
            f"{who} says that the bank wants you to prove yourself again. Reconnect the bank.", _id(said, "results_id")
        )
    if answer.status < HTTPStatus.BAD_REQUEST and word not in _BANK_WORDS:
        return document
    raise _error(answer, said, word, who, now)


def data_or_pending(answer: Answer, who: str, now: dt.datetime) -> dict[str, Any] | Pending:
    """The envelope of a data answer, or the id of results that come later; raises what `meaning_of` raises."""
    document = meaning_of(answer, who, now)
    if not isinstance(document, dict):
        raise SourceError(f"{who} answered with JSON of another form. Is the address right?")
    if _word(document) in PENDING_WORDS:
        results_id = _id(document, "results_id")
        if not results_id:
            raise SourceError(f"{who} promises results and does not name them. Sync again later.")
        return Pending(results_id)
    if _word(document) != "OK":
        raise SourceError(f"{who} answered with a status that is not known{_reference(document)}. Update Hisab.")
    return document


def object_of(answer: Answer, who: str, now: dt.datetime) -> dict[str, Any]:
    """The JSON object of a good answer; raises what `meaning_of` raises, SourceError for anything but an object."""
    document = meaning_of(answer, who, now)
    if not isinstance(document, dict):
        raise SourceError(f"{who} answered with JSON of another form. Is the address right?")
    return document


def list_of(answer: Answer, who: str, now: dt.datetime) -> list[dict[str, Any]]:
    """The JSON objects of a bare list; raises what `meaning_of` raises, SourceError for anything else."""
    document = meaning_of(answer, who, now)
    if not isinstance(document, list) or not all(isinstance(each, dict) for each in document):
        raise SourceError(f"{who} answered with JSON of another form. Is the address right?")
    return document


def _error(answer: Answer, said: Mapping[str, Any], word: str, who: str, now: dt.datetime) -> Exception:
    reference = _reference(said)
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return TokenRefused(reference)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS and word != "DUPLICATED_REQUEST":
        line = f"{who} keeps asking to slow down{reference}. Lower lean_requests_a_minute, or sync again later."
        return Passing(line, retry_after(answer.headers, now))
    if word in _BANK_WORDS:
        return Unsettled(f"{who}: {_BANK_WORDS[word]}{reference}.", _id(said, "results_id"))
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        line = f"{who} has a trouble of its own (status {answer.status}){reference}. Sync again later."
        return Passing(line, retry_after(answer.headers, now))
    if answer.status == HTTPStatus.FORBIDDEN:
        line = f"{who} does not allow this to be read{reference}. Connect the bank again with that permission."
        return Refused(line, answer.status, word)
    line = f"{who} refused the request (status {answer.status}){reference}. {AGAIN}"
    return Refused(line, answer.status, word)


def _word(said: Mapping[str, Any]) -> str:
    """Lean's status word; a token refusal has `error` in its place."""
    word = said.get("status", said.get("error", ""))
    return word if isinstance(word, str) else ""


def _id(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) and is_quotable(value) else ""


def _reference(said: Mapping[str, Any]) -> str:
    return quoted({"code": _word(said), "results": _id(said, "results_id")})
