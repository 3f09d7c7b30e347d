"""The pretend YNAB as an HTTP application: `/v1/…` as its specification says, and `/pretend/…` to steer it."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, Field, ValidationError

from pipelines.sandbox.faults_on_demand import FAULTS, Fault, FaultQueue
from pipelines.sandbox.troubled_answers import JSON, answer_instead, troubled
from pipelines.sandbox.ynab.money import Document
from pipelines.sandbox.ynab.settings import TOKEN, YnabSettings
from pipelines.sandbox.ynab.town import CHANGE, NEXT_DAY, YnabTown
from pipelines.sources.exact_json import json_text

_HOUR = 3600.0
_YEAR = dt.timedelta(days=365)


class Refused(Exception):
    """A request the pretend service turns down: HTTP status, and the id, name and detail of the error."""

    def __init__(self, status: int, error_id: str, name: str, detail: str) -> None:
        """Keep what the answer will hold."""
        super().__init__(detail)
        self.status = status
        self.body = {"error": {"id": error_id, "name": name, "detail": detail}}


class _FaultOrder(BaseModel):
    fault: str = Field(pattern=f"^({'|'.join(FAULTS)})$")
    count: int = Field(default=1, ge=1, le=10_000)
    on: str = Field(default="any", pattern="^[a-z_]+$")
    seconds: float = Field(default=1.0, ge=0, le=60)


class _Rename(BaseModel):
    what: str = Field(pattern="^(payee|category|account)$")
    name: str
    to: str = Field(min_length=1)


class YnabService:
    """The plan, who may ask for it, and how often."""

    def __init__(self, settings: YnabSettings) -> None:
        """Open the service."""
        self.town = YnabTown(settings)
        self.faults = FaultQueue()
        self.requests: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.is_revoked = False
        self._most = settings.requests_per_hour
        self._made: deque[float] = deque()

    def let_in(self, request: Request) -> None:
        """Count a request. Raises Refused without the token, and for one too many in an hour."""
        given = request.headers.get("authorization", "")
        if self.is_revoked or given != f"Bearer {TOKEN}":
            raise Refused(401, "401", "unauthorized", "Unauthorized")
        now = time.monotonic()
        while self._made and self._made[0] <= now - _HOUR:
            self._made.popleft()
        if len(self._made) >= self._most:
            raise Refused(429, "429", "too_many_requests", "Too many requests")
        self._made.append(now)

    def require_plan(self, plan_id: str) -> None:
        """Raise Refused for a plan that is not there."""
        if plan_id not in {self.town.book.plan_id, "last-used", "default"}:
            raise _not_found()


def make_ynab_app(service: YnabService) -> FastAPI:
    """The application of one pretend YNAB."""
    app = FastAPI(title="YNAB (sandbox)", docs_url=None, redoc_url=None, openapi_url=None)

    def route(path: str, name: str, answer: Callable[[Request], Document]) -> None:
        async def endpoint(request: Request) -> Response:
            return await _served(service, name, request, answer)

        app.router.add_route(f"/v1{path}", endpoint, methods=["GET"])

    _add_api(service, route)
    _add_steering(app, service)

    async def nowhere(_request: Request, _error: Exception) -> Response:
        refused = Refused(404, "404.1", "not_found", "URI does not exist")
        return _json(refused.body, refused.status)

    app.add_exception_handler(404, nowhere)
    return app


def _add_api(service: YnabService, route: Callable[[str, str, Callable[[Request], Document]], None]) -> None:
    town = service.town
    route("/user", "user", lambda _: {"user": {"id": town.user_id}})
    route("/plans", "plans", lambda _: town.plans())

    def of_plan(path: str, name: str, answer: Callable[[Request], Document]) -> None:
        def checked(request: Request) -> Document:
            service.require_plan(request.path_params["plan"])
            return answer(request)

        route(f"/plans/{{plan}}/{path}", name, checked)

    def month(request: Request) -> Document:
        found = town.month(_day(request.path_params, "month") or dt.date.min)
        if found is None:
            raise _not_found()
        return found

    def transactions(request: Request) -> Document:
        since = _day(request.query_params, "since_date") or town.today - _YEAR
        return town.transactions(_knowledge(request), since, _day(request.query_params, "until_date"))

    of_plan("settings", "settings", lambda _: town.plan_settings())
    of_plan("accounts", "accounts", lambda request: town.accounts(_knowledge(request)))
    of_plan("categories", "categories", lambda request: town.categories(_knowledge(request)))
    of_plan("payees", "payees", lambda request: town.payees(_knowledge(request)))
    of_plan("months", "months", lambda request: town.months(_knowledge(request)))
    of_plan("months/{month}", "month", month)
    of_plan("transactions", "transactions", transactions)
    of_plan("scheduled_transactions", "scheduled_transactions", lambda request: town.scheduled(_knowledge(request)))


def _add_steering(app: FastAPI, service: YnabService) -> None:
    def steer(path: str, step: Callable[[Any], object]) -> None:
        async def endpoint(request: Request) -> Response:
            try:
                return _json(step(await request.json() if await request.body() else {}))
            except (ValidationError, StopIteration):
                return _json(Refused(400, "400", "bad_request", "Malformed order").body, 400)

        app.router.add_route(f"/pretend/{path}", endpoint, methods=["POST"])

    def step(kind: str) -> Document:
        service.town.step(kind)
        return {"today": service.town.today.isoformat()}

    def order_fault(body: Any) -> Document:
        asked = _FaultOrder(**body)
        service.faults.order(Fault(asked.fault, asked.on, asked.count, asked.seconds))
        return {"ordered": asked.fault}

    def rename(body: Any) -> Document:
        asked = _Rename(**body)
        service.town.book.rename(asked.what, asked.name, asked.to)
        return {"renamed": asked.to}

    def revoke(_body: Any) -> Document:
        service.is_revoked = True
        return {"revoked": True}

    steer("next-day", lambda _: step(NEXT_DAY))
    steer("change", lambda _: step(CHANGE))
    steer("faults", order_fault)
    steer("rename", rename)
    steer("revoke", revoke)

    async def stats(_request: Request) -> Response:
        told = {"today": service.town.today.isoformat(), "requests": dict(service.requests)}
        return _json({**told, "statuses": dict(service.statuses)})

    app.router.add_route("/pretend/stats", stats, methods=["GET"])


async def _served(service: YnabService, name: str, request: Request, answer: Callable[[Request], Document]) -> Response:
    """Answer a request, or make the trouble that is due; count it and date the answer."""
    fault = service.faults.take(name)
    made = answer_instead(fault, _REFUSALS, None)
    if made is None:
        try:
            service.let_in(request)
            made = _json({"data": answer(request)})
        except Refused as refused:
            made = _json(refused.body, refused.status)
    made = await troubled(fault, made)
    service.requests[name] += 1
    service.statuses[str(made.status_code)] += 1
    return made


def _json(document: object, status: int = 200) -> Response:
    return Response(json_text(document).encode(), status, media_type=JSON)


def _knowledge(request: Request) -> int | None:
    text = request.query_params.get("last_knowledge_of_server")
    if text is None:
        return None
    if not text.isdecimal():
        raise _bad_request("last_knowledge_of_server")
    return int(text)


def _day(params: Any, name: str) -> dt.date | None:
    text = params.get(name)
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise _bad_request(name) from None


def _bad_request(name: str) -> Refused:
    return Refused(400, "400", "bad_request", f"{name} is invalid")


def _not_found() -> Refused:
    return Refused(404, "404.2", "resource_not_found", "Resource not found")


_REFUSALS: dict[str, Callable[[Fault], Response]] = {
    "429": lambda _fault: _json(Refused(429, "429", "too_many_requests", "Too many requests").body, 429),
    "500": lambda _fault: _json(Refused(500, "500", "internal_server_error", "An internal error occurred").body, 500),
    "error200": lambda _fault: _json(Refused(200, "400", "bad_request", "Malformed").body),
}
