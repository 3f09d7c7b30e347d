"""What a request asks for: its body, its span of days, its page, its idempotency key."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal, TypeVar

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipelines.sandbox.hishebi.refusals import Refused, invalid

LONGEST_SPAN_DAYS = 366
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_KEY = re.compile(r"[!-~]{1,255}")
Scope = Literal["ledger.read", "property.read", "export.read", "notes.write"]


class _Body(BaseModel):
    model_config = ConfigDict(strict=True)


class LoginRequest(_Body):
    """Body of POST /auth/token."""

    email: str
    password: str
    device_id: Annotated[str, Field(min_length=1)]
    scope: Annotated[list[Scope], Field(min_length=1)]


class RefreshRequest(_Body):
    """Body of POST /auth/refresh."""

    refresh_token: str
    device_id: str


class NewNote(_Body):
    """Body of POST /notes."""

    text: Annotated[str, Field(min_length=1, max_length=4000)]
    entry_id: str | None = None


Body = TypeVar("Body", bound=BaseModel)


async def body_of(request: Request, kind: type[Body]) -> Body:
    """The request's body. Raises Refused."""
    try:
        return kind.model_validate_json(await request.body())
    except ValidationError:
        raise invalid() from None


def span_of(request: Request) -> tuple[dt.date, dt.date]:
    """First and last day asked for. Raises Refused."""
    first, last = (_day(request.query_params.get(name, "")) for name in ("from", "to"))
    if not dt.timedelta(0) <= last - first < dt.timedelta(days=LONGEST_SPAN_DAYS):
        raise Refused(400, "INVALID_RANGE", f"from must not be after to, and at most {LONGEST_SPAN_DAYS} days")
    return first, last


def key_of(request: Request, *, is_needed: bool) -> str:
    """The idempotency key, empty when there is none and none is needed. Raises Refused."""
    key = request.headers.get("idempotency-key")
    if key is None and not is_needed:
        return ""
    if key is None or not _KEY.fullmatch(key):
        raise invalid()
    return key


def _day(text: str) -> dt.date:
    try:
        if _DAY.fullmatch(text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass  # the 31st of February
    raise invalid()
