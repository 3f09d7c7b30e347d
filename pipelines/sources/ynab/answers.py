"""What an answer of YNAB means: data, a passing trouble, a refused token, or an error told in one clear line.

Keep out requests and waiting (`client`) and what holds for every service (`service_answers`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pipelines.sources.service_answers import (
    AGAIN,
    Answer,
    Passing,
    TokenRefused,
    document_of,
    quoted,
    require_clock,
    retry_after,
)
from pipelines.sources.source import SourceError

_LAPSED = {"subscription_lapsed", "trial_expired"}
"""Error names of a person who no longer pays for YNAB."""


def data_of(answer: Answer, who: str, now: dt.datetime) -> dict[str, Any]:
    """The `data` of a good answer from `who` ("YNAB at api.ynab.com").

    Raises Passing for what is worth another try, TokenRefused for 401, SourceError for everything else.
    """
    require_clock(answer, who, now)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise _too_many(answer, who, now)
    document = document_of(answer, who, now)
    error = document.get("error") if isinstance(document, dict) else None
    if answer.status != HTTPStatus.OK or error is not None:
        raise _refusal(answer, error if isinstance(error, dict) else {}, who, now)
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, dict):
        raise SourceError(f"{who} answered with JSON of another form. Is the address right?")
    return data


def _too_many(answer: Answer, who: str, now: dt.datetime) -> Exception:
    """YNAB counts by the hour: trying again at once would only waste what is left."""
    line = f"{who} has answered as often as it does in an hour for one token. Sync again in an hour."
    wait = retry_after(answer.headers, now)
    return SourceError(line) if wait is None else Passing(line, wait)


def _refusal(answer: Answer, error: Mapping[str, Any], who: str, now: dt.datetime) -> Exception:
    name = str(error.get("name", ""))
    reference = quoted({"error": str(error.get("id", "")), "name": name})
    status = answer.status
    if status == HTTPStatus.UNAUTHORIZED:
        return TokenRefused(reference)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        line = f"{who} has a trouble of its own (status {status}){reference}. Sync again later."
        return Passing(line, retry_after(answer.headers, now))
    if name in _LAPSED:
        return SourceError(f"{who} says that the subscription there has ended{reference}. Renew it and sync again.")
    if status == HTTPStatus.FORBIDDEN:
        return SourceError(f"{who} does not allow this to be read{reference}. Connect again with another token.")
    if status == HTTPStatus.NOT_FOUND:
        return SourceError(f"{who} has nothing at the address asked for{reference}. Is ynab_url right?")
    return SourceError(f"{who} refused the request (status {status}){reference}. {AGAIN}")
