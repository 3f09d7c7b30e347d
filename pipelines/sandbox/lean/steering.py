"""Steering the pretend Lean over HTTP: `/pretend/…` and `/webhooks…`. Nobody needs a token here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, Field, ValidationError

from pipelines.sandbox import delivery_steering
from pipelines.sandbox.faults_on_demand import FAULTS, Fault
from pipelines.sandbox.lean.api import json_body
from pipelines.sandbox.lean.book import CHANGE, NEXT_DAY
from pipelines.sandbox.lean.connecting import connect, reconnect
from pipelines.sandbox.lean.connections import EXPIRED, REVOKED, Customer
from pipelines.sandbox.lean.event_words import availability_payload, entity_payload, payment_payload
from pipelines.sandbox.lean.naming import instant
from pipelines.sandbox.lean.refusals import BANK_ERRORS, BankError, Refusal, bad_parameter
from pipelines.sandbox.lean.regions import PERMISSIONS
from pipelines.sandbox.lean.service import Service, json_answer, refused_answer
from pipelines.sandbox.lean.town import LeanTown

_REQUESTS = "token|customers|entities|accounts|balances|transactions|identity|orders|results|refreshes|events|banks|any"


class _Connect(BaseModel):
    customer_id: str
    bank_identifier: str
    permissions: list[str] = Field(default_factory=lambda: list(PERMISSIONS))


class _Reconnect(BaseModel):
    reconnect_id: str


class _FaultOrder(BaseModel):
    fault: str = Field(pattern=f"^({'|'.join(FAULTS)})$")
    count: int = Field(default=1, ge=1, le=10_000)
    on: str = Field(default="transactions", pattern=f"^({_REQUESTS})$")
    seconds: float = Field(default=1.0, ge=0, le=60)


class _Pending(BaseModel):
    count: int = Field(default=1, ge=1, le=10_000)
    on: str = Field(default="any", pattern=f"^({_REQUESTS})$")


class _BankErrorOrder(BaseModel):
    status: str = Field(pattern=f"^({'|'.join(BANK_ERRORS)})$")
    code: int = Field(default=502, ge=200, le=599)
    count: int = Field(default=1, ge=1, le=10_000)
    on: str = Field(default="transactions", pattern=f"^({_REQUESTS})$")


class _Availability(BaseModel):
    is_active: bool


class _Ending(BaseModel):
    told_as: str = Field(default="error", pattern="^(error|status)$")


class _Sending(BaseModel):
    type: str
    entity_id: str = ""
    payload: dict[str, Any] | None = None
    times: int = Field(default=1, ge=1, le=10_000)
    age_seconds: float = Field(default=0, ge=0)
    forged: bool = False


class _Resending(BaseModel):
    event_ids: list[str] | None = None


Step = Callable[[Request], Awaitable[object]]


def add_steering(app: FastAPI, service: Service) -> None:
    """Put the steering paths into a region's application."""

    def route(method: str, path: str, step: Step) -> None:
        async def endpoint(request: Request) -> Response:
            try:
                return json_answer(await step(request))
            except ValidationError as invalid:
                return refused_answer(bad_parameter(str(invalid.errors()[0]["loc"]), ""))
            except Refusal as refused:
                return refused_answer(refused)

        app.router.add_route(path, endpoint, methods=[method])

    _add_connections(service, route)
    _add_troubles(service, route)
    _add_counts(service, route)
    _add_webhooks(service, route)


Route = Callable[[str, str, Step], None]


def _add_connections(service: Service, route: Route) -> None:
    async def connect_bank(request: Request) -> object:
        asked = _Connect(**await json_body(request))
        return connect(service, asked.customer_id, asked.bank_identifier, asked.permissions)

    async def reconnect_bank(request: Request) -> object:
        return reconnect(service, _Reconnect(**await json_body(request)).reconnect_id)

    async def require_reconnect(request: Request) -> object:
        entity = service.town.entity(request.path_params["entity_id"])
        entity.needs_reconnect = True
        service.town.remember()
        return {"entity_id": entity.entity_id}

    def ending(status: str) -> Step:
        async def end_consent(request: Request) -> object:
            entity = service.town.entity(request.path_params["entity_id"])
            entity.told_as = _Ending(**await json_body(request)).told_as
            entity.end(status, service.town.now())
            service.town.remember()
            customer = service.town.customer(entity.customer_id)
            service.outbox.make("entity.updated", entity_payload(entity, customer, service.town.bank_of(entity)))
            return {"entity_id": entity.entity_id, "consent_status": status}

        return end_consent

    route("POST", "/pretend/connect", connect_bank)
    route("POST", "/pretend/reconnect", reconnect_bank)
    route("POST", "/pretend/entities/{entity_id}/require-reconnect", require_reconnect)
    route("POST", "/pretend/entities/{entity_id}/expire-consent", ending(EXPIRED))
    route("POST", "/pretend/entities/{entity_id}/revoke-consent", ending(REVOKED))


def _add_troubles(service: Service, route: Route) -> None:
    async def order_fault(request: Request) -> object:
        asked = _FaultOrder(**await json_body(request))
        service.faults.order(Fault(asked.fault, asked.on, asked.count, asked.seconds))
        return {"ordered": asked.fault}

    async def order_pending(request: Request) -> object:
        asked = _Pending(**await json_body(request))
        service.delays.order(Fault("pending", asked.on, asked.count, 0.0))
        return {"ordered": "pending"}

    async def order_bank_error(request: Request) -> object:
        asked = _BankErrorOrder(**await json_body(request))
        service.bank_errors.order(BankError(asked.status, asked.on, asked.count, 0.0, asked.code))
        return {"ordered": asked.status}

    async def set_availability(request: Request) -> object:
        bank = service.town.bank_named(request.path_params["identifier"])
        is_active = _Availability(**await json_body(request)).is_active
        (service.town.disabled.discard if is_active else service.town.disabled.add)(bank.identifier)
        service.outbox.make("bank.availability.updated", availability_payload(bank, is_active=is_active))
        return {"identifier": bank.identifier, "is_active": is_active}

    async def expire_tokens(_request: Request) -> object:
        service.tokens.end_all()
        return {"ended": service.tokens.given}

    def step(kind: str) -> Step:
        async def take(_request: Request) -> object:
            service.town.step(kind)
            return {"today": service.town.today.isoformat()}

        return take

    route("POST", "/pretend/faults", order_fault)
    route("POST", "/pretend/pending", order_pending)
    route("POST", "/pretend/bank-errors", order_bank_error)
    route("POST", "/pretend/banks/{identifier}/availability", set_availability)
    route("POST", "/pretend/expire-tokens", expire_tokens)
    route("POST", "/pretend/change", step(CHANGE))
    route("POST", "/pretend/next-day", step(NEXT_DAY))


def _add_counts(service: Service, route: Route) -> None:
    async def stats(_request: Request) -> object:
        return {
            "today": service.town.today.isoformat(),
            "requests": dict(service.requests),
            "statuses": dict(service.statuses),
            "rate_limited": service.limits.refused,
            "most_in_flight": service.limits.most_seen_in_flight,
            "tokens": service.tokens.given,
        }

    async def requests(_request: Request) -> object:
        return list(service.log)

    async def customers(_request: Request) -> object:
        return [_shown(service.town, customer) for customer in service.town.customers.values()]

    route("GET", "/pretend/stats", stats)
    route("GET", "/pretend/requests", requests)
    route("GET", "/pretend/customers", customers)


def _shown(town: LeanTown, customer: Customer) -> dict[str, object]:
    entities = [
        {"entity_id": entity.entity_id, "bank_identifier": entity.bank_identifier, "name": town.person_of(entity).name}
        for entity in town.entities_of(customer.customer_id)
    ]
    return {**customer.wire(), "entities": entities}


def _add_webhooks(service: Service, route: Route) -> None:
    outbox = service.outbox

    async def register(request: Request) -> object:
        return delivery_steering.register(outbox.deliveries, await json_body(request))

    async def unregister(_request: Request) -> object:
        return delivery_steering.unregister(outbox.deliveries)

    async def deliveries(_request: Request) -> object:
        sent = delivery_steering.listed(outbox.deliveries)
        return {"url": outbox.deliveries.url, "events": len(outbox.events), "deliveries": sent}

    async def send(request: Request) -> object:
        asked = _Sending(**await json_body(request))
        payload = _payload(service, asked) if asked.payload is None else asked.payload
        made = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=asked.age_seconds)
        timestamp = instant(made) if asked.age_seconds else ""
        secret = "not the secret" if asked.forged else None
        events = [outbox.make(asked.type, payload, timestamp=timestamp, secret=secret) for _ in range(asked.times)]
        return {"event_ids": [event["event_id"] for event in events]}

    async def resend(request: Request) -> object:
        wanted = _Resending(**await json_body(request)).event_ids
        events = [event for event in outbox.events if wanted is None or event["event_id"] in wanted]
        for event in events:
            outbox.send(event)
        return {"sent": len(events)}

    async def hold(_request: Request) -> object:
        return delivery_steering.hold(outbox.deliveries)

    async def release(request: Request) -> object:
        return delivery_steering.release(outbox.deliveries, await json_body(request))

    route("POST", "/webhooks", register)
    route("DELETE", "/webhooks", unregister)
    route("GET", "/webhooks", deliveries)
    route("POST", "/webhooks/send", send)
    route("POST", "/webhooks/resend", resend)
    route("POST", "/webhooks/hold", hold)
    route("POST", "/webhooks/release", release)


def _payload(service: Service, asked: _Sending) -> dict[str, object]:
    """The documented payload of a type. Raises Refusal."""
    if asked.type == "bank.availability.updated":
        return availability_payload(service.region.banks[0], is_active=False)
    if not asked.entity_id:
        return payment_payload(asked.type, service.region)
    entity = service.town.entity(asked.entity_id)
    customer = service.town.customer(entity.customer_id)
    return entity_payload(entity, customer, service.town.bank_of(entity))
