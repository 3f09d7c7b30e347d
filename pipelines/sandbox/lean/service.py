"""One region's service: its state, and how every request is let in, counted, troubled and answered."""

from __future__ import annotations

import asyncio
import json
import math
import uuid
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import replace

from fastapi import Request, Response

from pipelines.sandbox.faults_on_demand import Fault, FaultQueue
from pipelines.sandbox.lean.connections import Entity
from pipelines.sandbox.lean.event_words import entity_payload
from pipelines.sandbox.lean.limits import Limits, too_many
from pipelines.sandbox.lean.outbox import Outbox
from pipelines.sandbox.lean.reading import Reader, without_data
from pipelines.sandbox.lean.refreshes import Refresh, Refreshes
from pipelines.sandbox.lean.refusals import BankError, Refusal, TokenRefusal, refusal
from pipelines.sandbox.lean.regions import Region
from pipelines.sandbox.lean.settings import CLIENT_ID, LeanTownSettings
from pipelines.sandbox.lean.tokens import BACKEND, Tokens, unauthorised
from pipelines.sandbox.lean.town import LeanTown
from pipelines.sandbox.troubled_answers import JSON, answer_instead, troubled

Handler = Callable[[Request], Awaitable[object]]
"""Answers with a document, or raises Refusal or TokenRefusal."""

_REQUESTS_REMEMBERED = 50_000
_DATA = ("accounts", "balances", "transactions", "identity", "orders", "results")


class Service:
    """Everything one region's handlers share. All of them run on one event loop, so no state needs a lock."""

    def __init__(self, settings: LeanTownSettings, region: Region) -> None:
        """Open the region."""
        self.settings, self.region = settings, region
        self.town = LeanTown(settings, region)
        self.tokens = Tokens(f"{settings.seed}/{region.name}", settings.token_seconds)
        self.limits = Limits(settings.requests_per_second, settings.most_in_flight)
        self.faults, self.delays, self.bank_errors = FaultQueue(), FaultQueue(), FaultQueue()
        self.reader = Reader(self.town)
        self.refreshes = Refreshes(settings.refresh_seconds, settings.refreshes_per_day)
        self.outbox = Outbox(region.name, settings.retry_minute_seconds)
        self.requests: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.log: deque[dict[str, object]] = deque(maxlen=_REQUESTS_REMEMBERED)
        self._last_bodies: dict[str, bytes] = {}

    async def serve(self, name: str, request: Request, handler: Handler) -> Response:
        """Answer a backend request: only with a token, only so many at once."""
        fault = self.faults.take(name)
        try:
            with self.limits.request(self._application(request)):
                answer = await self._answered(name, fault, request, handler)
                answer = await troubled(fault, answer)
        except Refusal as refused:
            answer = await troubled(None, refused_answer(refused))
        return self._counted(name, request, answer)

    async def serve_token(self, request: Request, handler: Handler) -> Response:
        """Answer a token request: the one that needs no token."""
        fault = self.faults.take("token")
        answer = await troubled(fault, await self._answered("token", fault, request, handler))
        return self._counted("token", request, answer)

    def tell_of(self, kind: str, entity: Entity) -> None:
        """Send an event about an entity, and fetch its data anew, as the real service does by itself."""
        customer = self.town.customer(entity.customer_id)
        self.outbox.make(kind, entity_payload(entity, customer, self.town.bank_of(entity)))
        moment = self.town.now()
        self.follow(self.refreshes.ask(entity.entity_id, entity.customer_id, moment, is_counted=False), entity)

    def follow(self, refresh: Refresh, entity: Entity) -> None:
        """Send an event when a refresh is finished."""

        def finish() -> None:
            entity.refreshed_at = refresh.finished_at
            done = replace(refresh, ready_at=0.0)  # whatever the clock says: the wait is over
            accounts, first, last = self.town.accounts(entity), self.town.first_day, self.town.today
            status = done.data_status(accounts, first, last, "transaction_availability")
            payload = {**done.wire(), "status": self.region.refresh_word, "data_status": status}
            self.outbox.make("entity.data.refresh.updated", payload)

        self.outbox.deliveries.later(self.settings.refresh_seconds, finish)

    def _application(self, request: Request) -> str:
        """Whose request it is. Raises Refusal."""
        legacy = request.headers.get("lean-app-token")
        authorization = request.headers.get("authorization")
        if legacy is not None and authorization is not None:
            raise Refusal(
                400,
                "INVALID_PARAMETERS",
                "Do not supply a 'lean-app-token' header when providing an 'Authorization' header",
            )
        if legacy is not None:
            if legacy != CLIENT_ID:
                raise unauthorised()
            return legacy
        claims = self.tokens.claims((authorization or "").removeprefix("Bearer "))
        if claims.scope != BACKEND:
            raise Refusal(403, "FORBIDDEN", "The access token has no scope for this request.")
        return claims.client_id

    async def _answered(self, name: str, fault: Fault | None, request: Request, handler: Handler) -> Response:
        answer = answer_instead(fault, _REFUSALS, self._last_bodies.get(name))
        if answer is not None:
            return answer
        if name in _DATA and self.settings.answer_seconds:
            await asyncio.sleep(self.settings.answer_seconds)
        error = self.bank_errors.take(name)
        try:
            if isinstance(error, BankError):
                raise error.refusal()
            document = await handler(request)
        except TokenRefusal as refused:
            return json_answer({"error": refused.error, "error_description": refused.description}, refused.code)
        except Refusal as refused:
            return refused_answer(refused)
        answer = json_answer(document)
        self._last_bodies[name] = bytes(answer.body)
        return answer

    def _counted(self, name: str, request: Request, answer: Response) -> Response:
        self.requests[name] += 1
        self.statuses[str(answer.status_code)] += 1
        path = request.url.path.removeprefix(f"/{self.region.name}")
        query = f"?{request.url.query}" if request.url.query else ""
        self.log.append({"path": f"{request.method} {path}{query}", "status": answer.status_code})
        return answer


def json_answer(document: object, status: int = 200) -> Response:
    """A document as JSON in UTF-8."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, status, media_type=JSON)


def refused_answer(refused: Refusal) -> Response:
    """The error envelope."""
    answer = json_answer(refused.body(), refused.code)
    answer.headers.update(refused.headers)
    return answer


def _failed(_fault: Fault) -> Response:
    """Status 200 with an error inside: this API says more in `status` than in the HTTP code."""
    return json_answer(without_data(str(uuid.uuid4()), "FAILED", refusal("INTERNAL_SERVER_ERROR").message))


_REFUSALS: dict[str, Callable[[Fault], Response]] = {
    "429": lambda fault: refused_answer(too_many(math.ceil(fault.seconds))),
    "500": lambda _fault: refused_answer(refusal("INTERNAL_SERVER_ERROR")),
    "error200": _failed,
}
