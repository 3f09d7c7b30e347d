"""What an answer of any service may be: itself, a passing trouble or a refused token; and what may be quoted of it.

Only codes and trace ids of a service are quoted, and only when they look like one: a message of its own could repeat
a secret or somebody's entry. What an answer of one service means is told in its own folder.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from pipelines.sources.exact_json import NotJson, read_json
from pipelines.sources.source import SourceError

MOST_SKEW = dt.timedelta(minutes=10)
"""Clocks further apart than this: consent, business day and cursor would be wrong."""

AGAIN = "Sync again; if it stays so, connect again."
"""The cure of a refusal that says no more than a code."""

_QUOTABLE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_SECRET_FORM = re.compile(r"eyJ|^rt_|^at_", re.IGNORECASE)


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
    """The server does not take what it was shown: an access token, a refresh token, a secret or a password."""

    def __init__(self, reference: str) -> None:
        """Keep the server's code and trace id, ready to quote."""
        super().__init__(reference)
        self.reference = reference


def quoted(parts: Mapping[str, str]) -> str:
    """Named codes of the service in brackets, those that look like one; empty when none does."""
    shown = [f"{name} {text}" for name, text in parts.items() if is_quotable(text)]
    return f" ({', '.join(shown)})" if shown else ""


def is_quotable(text: str) -> bool:
    """Whether a code of the service may stand in a message."""
    return bool(_QUOTABLE.fullmatch(text)) and not _SECRET_FORM.search(text)


def retry_after(headers: Mapping[str, str], now: dt.datetime) -> float | None:
    """Seconds the server asks to wait: a number, or the distance to an HTTP date; None when it says nothing."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(int(text[:9]))
    moment = _http_date(text)
    return max(0.0, (moment - now).total_seconds()) if moment else None


def require_clock(answer: Answer, who: str, now: dt.datetime) -> None:
    """Raise SourceError when the clock of the service (`who` names it for people) and ours are far apart."""
    theirs = _http_date(answer.headers.get("date", ""))
    if theirs is None or abs(theirs - now) <= MOST_SKEW:
        return
    minutes = round(abs(theirs - now).total_seconds() / 60)
    raise SourceError(
        f"The clocks differ by {minutes} minutes: this computer says {now:%Y-%m-%d %H:%M} UTC, {who} says "
        f"{theirs:%Y-%m-%d %H:%M} UTC. Set this computer's clock (or wait until theirs is right) and sync again."
    )


def document_of(answer: Answer, who: str, now: dt.datetime) -> Any:
    """The JSON document an answer holds, whatever its status.

    Raises Passing when it is damaged or the service is in trouble, TokenRefused for a bare 401, SourceError for a web
    page or any other refusal without JSON.
    """
    try:
        return read_json(answer.body)
    except NotJson:
        raise _not_json(answer, who, now) from None


def _not_json(answer: Answer, who: str, now: dt.datetime) -> Exception:
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        line = f"{who} has a trouble of its own (status {answer.status}). Sync again later."
        return Passing(line, retry_after(answer.headers, now))
    if answer.body.lstrip()[:1] == b"<" or "html" in answer.headers.get("content-type", ""):
        return SourceError(
            f"{who} answered with a web page instead of data: a proxy, a sign-in page of the network "
            "or a wrong address is in between. Open the address in a browser and try again."
        )
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return TokenRefused("")
    if answer.status != HTTPStatus.OK:
        return SourceError(f"{who} refused the request (status {answer.status}). Is the address right?")
    return Passing(f"{who} answered with JSON that is cut or damaged. Sync again later.")


def _http_date(text: str) -> dt.datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
