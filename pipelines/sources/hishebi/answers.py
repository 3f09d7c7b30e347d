"""What an answer of Hishebi means: data, a passing trouble, a refused token, or an error told in one clear line.

Keep out requests and waiting (`client`, `pacing`) and what holds for every service (`service_answers`).
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

_GOOD = frozenset({HTTPStatus.OK, HTTPStatus.CREATED})
_SERVER_ERRORS = 500
_NOT_GIVEN = frozenset(
    {
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.GONE,
        HTTPStatus.NOT_IMPLEMENTED,
    }
)
"""Statuses that say: this is not here, or not for this login; asking again changes nothing."""
_STATUS_OF_CODE = {
    "INVALID_TOKEN": HTTPStatus.UNAUTHORIZED,
    "INVALID_CREDENTIALS": HTTPStatus.UNAUTHORIZED,
    "INSUFFICIENT_SCOPE": HTTPStatus.FORBIDDEN,
    "RATE_LIMITED": HTTPStatus.TOO_MANY_REQUESTS,
    "INTERNAL_ERROR": HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""What an error code means when it comes with another status, such as 200."""


class NotGiven(SourceError):
    """What was asked for is not to be had: unknown to the service, not allowed to the login, or in another form."""


def data_of(answer: Answer, who: str, now: dt.datetime) -> dict[str, Any]:
    """The JSON object of a good answer from `who` ("Hishebi at hishebi.example").

    Raises Passing for what is worth another try, TokenRefused for 401, NotGiven for what is not there, SourceError
    for everything else.
    """
    require_clock(answer, who, now)
    document = _document(answer, who, now)
    error = document.get("error") if isinstance(document, dict) else None
    if answer.status in _GOOD and error is None:
        if not isinstance(document, dict):
            raise NotGiven(f"{who} answered with JSON of another form. Is the address right?")
        return document
    _raise_error(answer, error if isinstance(error, dict) else {}, who, now)
    raise AssertionError("unreachable")  # pragma: no cover


def _document(answer: Answer, who: str, now: dt.datetime) -> Any:
    """What the answer holds; a service may say in any form that something is not there."""
    if answer.status not in _NOT_GIVEN:
        return document_of(answer, who, now)
    try:
        return document_of(answer, who, now)
    except (SourceError, Passing) as problem:
        raise NotGiven(str(problem)) from None


def _raise_error(answer: Answer, error: Mapping[str, Any], who: str, now: dt.datetime) -> None:
    code, reference = str(error.get("code", "")), _reference(error)
    status = _STATUS_OF_CODE.get(code, answer.status) if answer.status in _GOOD else answer.status
    if status == HTTPStatus.UNAUTHORIZED:
        raise TokenRefused(reference)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        line = f"{who} keeps asking to slow down{reference}. Sync again in a few minutes."
        raise Passing(line, retry_after(answer.headers, now))
    if status == HTTPStatus.FORBIDDEN:
        raise NotGiven(f"{who} does not allow this to be read{reference}. Connect again with the scope.")
    if status in _NOT_GIVEN:
        raise NotGiven(f"{who} does not know this request (status {status}){reference}.")
    if status >= _SERVER_ERRORS:
        line = f"{who} has a trouble of its own (status {status}){reference}. Sync again later."
        raise Passing(line, retry_after(answer.headers, now))
    raise SourceError(f"{who} refused the request (status {status}){reference}. {AGAIN}")


def _reference(error: Mapping[str, Any]) -> str:
    return quoted({"code": str(error.get("code", "")), "trace": str(error.get("trace_id", ""))})
