"""The pretend Hishebi Online as an HTTP application: the API its integrators describe, and `/sandbox/…` to steer it.

Everything is kept in `town`; answers are rendered from Decimal, so amounts keep their digits. All handlers run on one
event loop and never wait for a disk or a network, so no state needs a lock.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field

from pipelines.sandbox.faults_on_demand import FAULTS, Fault, FaultQueue
from pipelines.sandbox.hishebi.logins import Refused
from pipelines.sandbox.hishebi.story import CHANGE, NEXT_DAY
from pipelines.sandbox.hishebi.town import SandboxSettings, Town
from pipelines.sandbox.troubled_answers import JSON, answer_instead, troubled
from pipelines.sources.exact_json import json_text

PREFIX = "/api/v1/hishebi"
_REQUESTS = {f"{PREFIX}/ledger": "ledger", f"{PREFIX}/auth/token": "token", f"{PREFIX}/auth/refresh": "refresh"}


class LoginRequest(BaseModel):
    """Body of POST /auth/token."""

    email: str
    password: str
    device_id: str = Field(min_length=1)
    scope: list[str]


class RefreshRequest(BaseModel):
    """Body of POST /auth/refresh."""

    refresh_token: str
    device_id: str


class FaultRequest(BaseModel):
    """Body of POST /sandbox/faults."""

    fault: str = Field(pattern=f"^({'|'.join(FAULTS)})$")
    count: int = Field(default=1, ge=1, le=10_000)
    on: str = Field(default="ledger", pattern="^(ledger|token|refresh)$")
    seconds: float = Field(default=1.0, ge=0, le=60)


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
            wait = math.ceil((1 - left) * 60 / self._most)
            raise Refused(429, "RATE_LIMITED", "too many requests", {"retry-after": str(wait)})
        self._left[token] = (left - 1, now)


class _Service:
    """What the handlers share."""

    def __init__(self, settings: SandboxSettings, on_step: Callable[[str], None]) -> None:
        self.town = Town(settings)
        self._on_step = on_step
        self.faults = FaultQueue()
        self.rate = _RateLimit(settings.requests_per_minute)
        self.requests: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.traces = itertools.count(1)
        self.last_page: bytes | None = None

    def step(self, kind: str) -> dict[str, str]:
        self.town.step(kind)
        self._on_step(kind)
        return {"today": self.town.today.isoformat()}

    def refusal(self, refused: Refused) -> Response:
        trace = f"t_{next(self.traces):06d}"
        error = {"code": refused.code, "message": refused.message, "trace_id": trace}
        return _json({"error": error}, refused.status, refused.headers)


def _json(document: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(json_text(document).encode(), status, headers, media_type=JSON)


def make_app(settings: SandboxSettings, on_step: Callable[[str], None] | None = None) -> FastAPI:
    """The application of one sandbox; `on_step` is told when a day passes or things change, for services beside it."""
    service = _Service(settings, on_step or (lambda _kind: None))
    app = FastAPI(title="Hishebi Online (sandbox)", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(Refused, lambda _request, error: _refused(service, error))
    app.add_exception_handler(RequestValidationError, lambda _request, _error: _invalid(service))
    app.middleware("http")(lambda request, call_next: _with_faults(service, request, call_next))
    _add_api(app, service)
    _add_steering(app, service)
    return app


def _refused(service: _Service, error: Exception) -> Response:
    if not isinstance(error, Refused):
        raise error
    return service.refusal(error)


def _invalid(service: _Service) -> Response:
    return service.refusal(Refused(400, "INVALID_REQUEST", "a field is missing or malformed"))


def _add_api(app: FastAPI, service: _Service) -> None:
    @app.post(f"{PREFIX}/auth/token")
    async def log_in(body: LoginRequest) -> Response:
        answer = service.town.logins.log_in(body.email, body.password, body.device_id, body.scope)
        service.town.remember()
        return _json(answer)

    @app.post(f"{PREFIX}/auth/refresh")
    async def refresh(body: RefreshRequest, idempotency_key: Annotated[str, Header()] = "") -> Response:
        try:
            return _json(service.town.logins.refresh(body.refresh_token, body.device_id, idempotency_key))
        finally:
            service.town.remember()

    @app.get(f"{PREFIX}/ledger")
    async def ledger(
        first: Annotated[dt.date, Query(alias="from")],
        last: Annotated[dt.date, Query(alias="to")],
        page: str | None = None,
        authorization: Annotated[str, Header()] = "",
    ) -> Response:
        token = authorization.removeprefix("Bearer ")
        user_id = service.town.logins.require(token, "ledger.read")
        service.rate.take(token)
        return _json(service.town.ledger(user_id, first, last, page))


def _add_steering(app: FastAPI, service: _Service) -> None:
    @app.post("/sandbox/next-day")
    async def next_day() -> dict[str, str]:
        return service.step(NEXT_DAY)

    @app.post("/sandbox/change")
    async def change() -> dict[str, str]:
        return service.step(CHANGE)

    @app.post("/sandbox/faults")
    async def order_fault(body: FaultRequest) -> dict[str, str]:
        service.faults.order(Fault(body.fault, body.on, body.count, body.seconds))
        return {"ordered": body.fault}

    @app.post("/sandbox/revoke")
    async def revoke() -> dict[str, int]:
        revoked = service.town.logins.revoke_all()
        service.town.remember()
        return {"revoked": revoked}

    @app.get("/sandbox/people")
    async def list_people() -> list[dict[str, str]]:
        return [
            {"email": person.email, "name": person.name, "bangla_name": person.bangla_name, "user_id": person.user_id}
            for person in service.town.people
        ]

    @app.get("/sandbox/stats")
    async def stats() -> dict[str, object]:
        return {
            "today": service.town.today.isoformat(),
            "requests": dict(service.requests),
            "statuses": dict(service.statuses),
            "revoked_logins": service.town.logins.revoked,
        }


async def _with_faults(
    service: _Service, request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Count the request, make the trouble that is due, and date the answer."""
    name = _REQUESTS.get(request.url.path)
    fault = service.faults.take(name) if name else None
    answer = answer_instead(fault, _refusals(service), service.last_page)
    if answer is None:
        answer = await _whole(await call_next(request))
    answer = await troubled(fault, answer)
    if name:
        service.requests[name] += 1
        service.statuses[str(answer.status_code)] += 1
    if name == "ledger" and answer.status_code == 200:
        service.last_page = bytes(answer.body)
    return answer


def _refusals(service: _Service) -> dict[str, Callable[[Fault], Response]]:
    def too_many(fault: Fault) -> Response:
        wait = {"retry-after": str(math.ceil(fault.seconds))}
        return service.refusal(Refused(429, "RATE_LIMITED", "too many requests", wait))

    return {
        "429": too_many,
        "500": lambda _fault: service.refusal(Refused(500, "INTERNAL_ERROR", "something broke")),
        "error200": lambda _fault: service.refusal(
            Refused(200, "INVALID_REQUEST", "an error in the clothes of a success")
        ),
    }


async def _whole(answer: Response) -> Response:
    """The answer with its body at hand; the framework hands out a stream."""
    body = b"".join([bytes(piece) async for piece in answer.body_iterator])  # type: ignore[attr-defined]
    return Response(body, answer.status_code, dict(answer.headers))
