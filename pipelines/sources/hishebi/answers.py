"""What an answer of Hishebi means: data, a passing trouble, a refused token, or an error told in one clear line.

Only codes and trace ids of the service are quoted, and only when they look like one: a message of its own could
repeat a secret or somebody's entry. Keep requests and waiting out (`client`, `pacing`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from pipelines.sources.hishebi.wire import NotJson, read_json
from pipelines.sources.source import SourceError

MOST_SKEW = dt.timedelta(minutes=10)
"""Clocks further apart than this: consent, business day and cursor would be wrong."""

_QUOTABLE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_SECRET_FORM = re.compile(r"eyJ|^rt_|^at_", re.IGNORECASE)
_OK, _SERVER_ERRORS = HTTPStatus.OK, 500
_STATUS_OF_CODE = {
    "INVALID_TOKEN": HTTPStatus.UNAUTHORIZED,
    "INVALID_CREDENTIALS": HTTPStatus.UNAUTHORIZED,
    "INSUFFICIENT_SCOPE": HTTPStatus.FORBIDDEN,
    "RATE_LIMITED": HTTPStatus.TOO_MANY_REQUESTS,
    "INTERNAL_ERROR": HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""What an error code means when it comes with another status, such as 200."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it came; header names are looked up without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Passing(Exception):
    """A trouble that may be over soon.

    Attributes:
        line: What to tell the person if it does not pass.
        wait_seconds: How long the server asks to wait, or None.
    """

    def __init__(self, line: str, wait_seconds: float | None = None) -> None:
        """Keep the line and the wait."""
        super().__init__(line)
        self.line = line
        self.wait_seconds = wait_seconds


class TokenRefused(Exception):
    """The server does not take what it was shown: an access token, a refresh token or a password."""

    def __init__(self, reference: str) -> None:
        """Keep the server's code and trace id, ready to quote."""
        super().__init__(reference)
        self.reference = reference


def data_of(answer: Answer, place: str, now: dt.datetime) -> dict[str, Any]:
    """The JSON object of a good answer from `place`.

    Raises Passing for what is worth another try, TokenRefused for 401, SourceError for everything else.
    """
    _require_clock(answer, place, now)
    try:
        document = read_json(answer.body)
    except NotJson:
        raise _not_json(answer, place, now) from None
    error = document.get("error") if isinstance(document, dict) else None
    if answer.status == _OK and error is None:
        if not isinstance(document, dict):
            raise SourceError(f"Hishebi at {place} answered with JSON of another form. Is the address right?")
        return document
    _raise_error(answer, error if isinstance(error, dict) else {}, place, now)
    raise AssertionError("unreachable")  # pragma: no cover


def _raise_error(answer: Answer, error: Mapping[str, Any], place: str, now: dt.datetime) -> None:
    code, reference = str(error.get("code", "")), _reference(error)
    status = _STATUS_OF_CODE.get(code, answer.status) if answer.status == _OK else answer.status
    if status == HTTPStatus.UNAUTHORIZED:
        raise TokenRefused(reference)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        line = f"Hishebi at {place} keeps asking to slow down{reference}. Sync again in a few minutes."
        raise Passing(line, retry_after(answer.headers, now))
    if status >= _SERVER_ERRORS:
        line = f"Hishebi at {place} has a trouble of its own (status {status}){reference}. Sync again later."
        raise Passing(line, retry_after(answer.headers, now))
    if status == HTTPStatus.FORBIDDEN:
        raise SourceError(
            f"Hishebi at {place} does not allow this to be read{reference}. Connect again with the scope."
        )
    raise SourceError(f"Hishebi at {place} refused the request (status {status}){reference}.")


def retry_after(headers: Mapping[str, str], now: dt.datetime) -> float | None:
    """Seconds the server asks to wait: a number, or the distance to an HTTP date; None when it says nothing."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(int(text[:9]))
    moment = _http_date(text)
    return max(0.0, (moment - now).total_seconds()) if moment else None


def _not_json(answer: Answer, place: str, now: dt.datetime) -> Exception:
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= _SERVER_ERRORS:
        line = f"Hishebi at {place} has a trouble of its own (status {answer.status}). Sync again later."
        return Passing(line, retry_after(answer.headers, now))
    if answer.body.lstrip()[:1] == b"<" or "html" in answer.headers.get("content-type", ""):
        return SourceError(
            f"Hishebi at {place} answered with a web page instead of data: a proxy, a sign-in page of the network "
            "or a wrong address is in between. Open the address in a browser and try again."
        )
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return TokenRefused("")
    if answer.status != _OK:
        return SourceError(f"Hishebi at {place} refused the request (status {answer.status}). Is the address right?")
    return Passing(f"Hishebi at {place} answered with JSON that is cut or damaged. Sync again later.")


def _reference(error: Mapping[str, Any]) -> str:
    parts = [(name, str(error.get(key, ""))) for name, key in (("code", "code"), ("trace", "trace_id"))]
    shown = [f"{name} {text}" for name, text in parts if _QUOTABLE.fullmatch(text) and not _SECRET_FORM.search(text)]
    return f" ({', '.join(shown)})" if shown else ""


def _require_clock(answer: Answer, place: str, now: dt.datetime) -> None:
    theirs = _http_date(answer.headers.get("date", ""))
    if theirs is None or abs(theirs - now) <= MOST_SKEW:
        return
    minutes = round(abs(theirs - now).total_seconds() / 60)
    raise SourceError(
        f"The clocks differ by {minutes} minutes: this computer says {now:%Y-%m-%d %H:%M} UTC, Hishebi at {place} says "
        f"{theirs:%Y-%m-%d %H:%M} UTC. Set this computer's clock (or wait until theirs is right) and sync again."
    )


def _http_date(text: str) -> dt.datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
