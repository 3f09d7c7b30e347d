"""Steering the pretend Hishebi over HTTP: `/sandbox/…`. Nobody needs a token here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from pipelines.sandbox import delivery_steering
from pipelines.sandbox.faults_on_demand import ANY, FAULTS, Fault
from pipelines.sandbox.hishebi.api import OPERATION_NAMES
from pipelines.sandbox.hishebi.refusals import invalid
from pipelines.sandbox.hishebi.service import HishebiService, json_answer
from pipelines.sandbox.hishebi.story import CHANGE, NEXT_DAY

_OBJECT = TypeAdapter(dict[str, object])
_PREFIX = "/sandbox"


class _FaultOrder(BaseModel):
    fault: str = Field(pattern=f"^({'|'.join(FAULTS)})$")
    count: int = Field(default=1, ge=1, le=10_000)
    on: str = Field(default="ledger", pattern=f"^({'|'.join((*OPERATION_NAMES, ANY))})$")
    seconds: float = Field(default=1.0, ge=0, le=60)


class _Sending(BaseModel):
    event: dict[str, object]
    times: int = Field(default=1, ge=1, le=10_000)
    forged: bool = False


Step = Callable[[Request], Awaitable[object]]
Route = Callable[[str, str, Step], None]


def add_steering(app: FastAPI, service: HishebiService) -> None:
    """Put the steering paths into the application."""

    def route(method: str, path: str, step: Step) -> None:
        async def endpoint(request: Request) -> Response:
            try:
                return json_answer(await step(request))
            except ValidationError:
                return service.refusal(invalid())

        app.router.add_route(f"{_PREFIX}{path}", endpoint, methods=[method])

    _add_days(service, route)
    _add_seen(service, route)
    _add_webhooks(service, route)


def _add_days(service: HishebiService, route: Route) -> None:
    def stepping(kind: str) -> Step:
        async def step(_request: Request) -> object:
            service.step(kind)
            return {"today": service.town.today.isoformat()}

        return step

    async def order_fault(request: Request) -> object:
        asked = _FaultOrder.model_validate_json(await request.body())
        service.faults.order(Fault(asked.fault, asked.on, asked.count, asked.seconds))
        return {"ordered": asked.fault}

    async def revoke(_request: Request) -> object:
        revoked = service.town.logins.revoke_all()
        service.town.remember()
        return {"revoked": revoked}

    route("POST", "/next-day", stepping(NEXT_DAY))
    route("POST", "/change", stepping(CHANGE))
    route("POST", "/faults", order_fault)
    route("POST", "/revoke", revoke)


def _add_seen(service: HishebiService, route: Route) -> None:
    async def list_people(_request: Request) -> object:
        return [
            {"email": person.email, "name": person.name, "bangla_name": person.bangla_name, "user_id": person.user_id}
            for person in service.town.people
        ]

    async def stats(_request: Request) -> object:
        return {
            "today": service.town.today.isoformat(),
            "requests": dict(service.requests),
            "statuses": dict(service.statuses),
            "revoked_logins": service.town.logins.revoked,
        }

    route("GET", "/people", list_people)
    route("GET", "/stats", stats)


def _add_webhooks(service: HishebiService, route: Route) -> None:
    deliveries = service.deliveries

    async def asked(request: Request) -> dict[str, object]:
        return _OBJECT.validate_json(await request.body() or b"{}")

    async def register(request: Request) -> object:
        return delivery_steering.register(deliveries, await asked(request))

    async def unregister(_request: Request) -> object:
        return delivery_steering.unregister(deliveries)

    async def listed(_request: Request) -> object:
        return {"url": deliveries.url, "deliveries": delivery_steering.listed(deliveries)}

    async def send(request: Request) -> object:
        sending = _Sending.model_validate_json(await request.body())
        secret = "not the secret" if sending.forged else None
        return {"event_ids": [service.send({"event": "", **sending.event}, secret) for _ in range(sending.times)]}

    async def hold(_request: Request) -> object:
        return delivery_steering.hold(deliveries)

    async def release(request: Request) -> object:
        return delivery_steering.release(deliveries, await asked(request))

    route("POST", "/webhooks", register)
    route("DELETE", "/webhooks", unregister)
    route("GET", "/webhooks", listed)
    route("POST", "/webhooks/send", send)
    route("POST", "/webhooks/hold", hold)
    route("POST", "/webhooks/release", release)
