"""Making the troubles that are due, for any pretend service: answers of another kind, cut short, late or misdated."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from email.utils import format_datetime

from fastapi import Response

from pipelines.sandbox.faults_on_demand import Fault

JSON = "application/json; charset=utf-8"
_SKEW = dt.timedelta(hours=2)
_WEB_PAGE = "<!doctype html><title>Sign in to the network</title><p>Please accept the terms."


def answer_instead(
    fault: Fault | None, refusals: Mapping[str, Callable[[Fault], Response]], last_body: bytes | None
) -> Response | None:
    """The answer of a trouble that keeps the request from being served; `refusals` are in the service's own words."""
    if fault is None:
        return None
    if fault.name in refusals:
        return refusals[fault.name](fault)
    if fault.name == "html":
        return Response(_WEB_PAGE, media_type="text/html")
    if fault.name == "repeat" and last_body is not None:
        return Response(last_body, media_type=JSON)
    return None


async def troubled(fault: Fault | None, answer: Response) -> Response:
    """The answer after a trouble on its way back, dated."""
    if fault is not None and fault.name == "slow":
        await asyncio.sleep(fault.seconds)
    if fault is not None and fault.name in {"cut", "lost"}:
        body = bytes(answer.body)
        left = body[: len(body) // 2] if fault.name == "cut" else b""
        answer = Response(left, answer.status_code, {**answer.headers, "content-length": str(len(body))})
    skew = _SKEW if fault is not None and fault.name == "skew" else dt.timedelta(0)
    answer.headers["date"] = format_datetime(dt.datetime.now(dt.UTC) + skew, usegmt=True)
    return answer
