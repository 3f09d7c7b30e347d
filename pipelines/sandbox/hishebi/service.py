"""What the handlers share: the town, the limit, the troubles due, the counts; and how every request is answered."""

from __future__ import annotations

import itertools
import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import Request, Response

from pipelines.sandbox.deliveries import Deliveries
from pipelines.sandbox.faults_on_demand import Fault, FaultQueue
from pipelines.sandbox.hishebi.events import SIGNING, Events, event_id
from pipelines.sandbox.hishebi.refusals import Refused
from pipelines.sandbox.hishebi.town import SandboxSettings, Town
from pipelines.sandbox.troubled_answers import JSON, answer_instead, troubled
from pipelines.sources.exact_json import json_text


@dataclass(frozen=True, slots=True)
class Asked:
    """A request whose sender is known: `user_id` is empty where no token is needed."""

    request: Request
    user_id: str


Handler = Callable[[Asked], Awaitable[Response]]
"""Answers, or raises Refused."""


class _RateLimit:
    """A bucket per access token, refilled evenly."""

    def __init__(self, per_minute: int) -> None:
        self._most = float(per_minute)
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, token: str) -> None:
        now = time.monotonic()
        left, since = self._left.get(token, (self._most, now))
        left = min(self._most, left + (now - since) * self._most / 60)
        if left < 1:
            raise too_many(math.ceil((1 - left) * 60 / self._most))
        self._left[token] = (left - 1, now)


class HishebiService:
    """One pretend Hishebi. All handlers run on one event loop, so no state needs a lock."""

    def __init__(self, settings: SandboxSettings, on_step: Callable[[str], None]) -> None:
        """Open the service; `on_step` is told when a day passes or things change."""
        self.town = Town(settings)
        self.faults = FaultQueue()
        self.deliveries = Deliveries(SIGNING, settings.retry_minute_seconds)
        self.requests: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self._on_step = on_step
        self._rate = _RateLimit(settings.requests_per_minute)
        self._traces = itertools.count(1)
        self._last_bodies: dict[str, bytes] = {}

    async def serve(self, name: str, scope: str | None, request: Request, handler: Handler) -> Response:
        """Answer a request of this name: with the scope only, where there is one, and with the trouble that is due."""
        fault = self.faults.take(name)
        answer = answer_instead(fault, self._refusals(), self._last_bodies.get(name))
        if answer is None:
            answer = await self._answered(name, scope, request, handler)
        answer = await troubled(fault, answer)
        self.requests[name] += 1
        self.statuses[str(answer.status_code)] += 1
        return answer

    def step(self, kind: str) -> None:
        """Let a day pass or changes happen, and send what there is to tell of it."""
        events = Events(self.town) if self.deliveries.url else None
        self.town.step(kind)
        self._on_step(kind)
        for event in events.since_then(kind) if events else ():
            self.send(event)

    def send(self, event: dict[str, object], secret: str | None = None) -> str:
        """Send an event; with a secret of its own it is a forged one. Gives the id it is listed by."""
        body = json_text(event).encode()
        self.deliveries.send(event_id(body), str(event["event"]), body, secret)
        return event_id(body)

    def refusal(self, refused: Refused) -> Response:
        """The error envelope."""
        error = {"code": refused.code, "message": refused.message, "trace_id": f"t_{next(self._traces):06d}"}
        return json_answer({"error": error}, refused.status, refused.headers)

    async def _answered(self, name: str, scope: str | None, request: Request, handler: Handler) -> Response:
        try:
            user_id = "" if scope is None else self._user_of(request, scope)
            answer = await handler(Asked(request, user_id))
        except Refused as refused:
            return self.refusal(refused)
        if answer.media_type == JSON:
            self._last_bodies[name] = bytes(answer.body)
        return answer

    def _user_of(self, request: Request, scope: str) -> str:
        """Whose token it is, if it covers the scope and is not used too often. Raises Refused."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        user_id = self.town.logins.require(token, scope)
        self._rate.take(token)
        return user_id

    def _refusals(self) -> dict[str, Callable[[Fault], Response]]:
        errors = {
            "500": Refused(500, "INTERNAL_ERROR", "something broke"),
            "error200": Refused(200, "INVALID_REQUEST", "an error in the clothes of a success"),
        }
        return {
            "429": lambda fault: self.refusal(too_many(math.ceil(fault.seconds))),
            **{name: lambda _fault, error=error: self.refusal(error) for name, error in errors.items()},  # type: ignore[misc]
        }


def too_many(wait_seconds: int) -> Refused:
    """More requests than the limit allows."""
    return Refused(429, "RATE_LIMITED", "too many requests", {"retry-after": str(wait_seconds)})


def json_answer(document: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A document as JSON in UTF-8, amounts with their digits."""
    return Response(json_text(document).encode(), status, headers, media_type=JSON)
