"""Lean's own paths: tokens, banks, customers, entities, data, results, refreshes and the list of events."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request, Response

from pipelines.sandbox.lean.banks import bank_list
from pipelines.sandbox.lean.connections import Entity
from pipelines.sandbox.lean.naming import told_at
from pipelines.sandbox.lean.orders import KINDS
from pipelines.sandbox.lean.pages import page_asked
from pipelines.sandbox.lean.reading import consent_ended, is_id, permission_of, question_of
from pipelines.sandbox.lean.refreshes import refresh_asked
from pipelines.sandbox.lean.refusals import Refusal, bad_parameter, refusal
from pipelines.sandbox.lean.service import Handler, Service


def add_api(app: FastAPI, service: Service) -> None:
    """Put Lean's paths into a region's application."""

    def route(name: str, method: str, path: str, handler: Handler) -> None:
        async def endpoint(request: Request) -> Response:
            return await service.serve(name, request, handler)

        app.router.add_route(path, endpoint, methods=[method])

    async def token(request: Request) -> Response:
        return await service.serve_token(request, partial(_token, service))

    app.router.add_route("/oauth2/token", token, methods=["POST"])
    _add_customers(service, route)
    _add_data(service, route)
    route("banks", "GET", "/banks/v1", partial(_banks, service))
    route("banks", "GET", "/banks/v1/", partial(_banks, service))
    route("events", "GET", "/events/v1", partial(_events, service))


Route = Callable[[str, str, str, Handler], None]


def _add_customers(service: Service, route: Route) -> None:
    for path in ("/customers/v1", "/customers/v1/"):
        route("customers", "POST", path, partial(_create_customer, service))
        route("customers", "GET", path, partial(_list_customers, service))
    route("entities", "GET", "/customers/v1/entities", partial(_list_all_entities, service))
    route("customers", "GET", "/customers/v1/app-user-id/{app_user_id}", partial(_customer_of_app, service))
    route("customers", "GET", "/customers/v1/{customer_id}", partial(_get_customer, service))
    for path in ("/customers/v1/{customer_id}/entities", "/customers/v1/{customer_id}/entities/"):
        route("entities", "GET", path, partial(_list_entities, service))
    one = "/customers/v1/{customer_id}/entities/{entity_id}"
    route("entities", "GET", one, partial(_get_entity, service))
    route("entities", "DELETE", one, partial(_delete_entity, service))


def _add_data(service: Service, route: Route) -> None:
    for name in ("accounts", "identity"):
        route(name, "GET", f"/data/v2/{name}", partial(_read, service, name, name))
    below = "/data/v2/accounts/{account_id}"
    for kind in ("transactions", "balances"):
        route(kind, "GET", f"{below}/{kind}", partial(_read, service, kind, kind))
    route("identity", "GET", f"{below}/identities", partial(_read, service, "identities", "identity"))
    for kind in KINDS:
        route("orders", "GET", f"{below}/{kind}", partial(_read, service, kind, "orders"))
    route("results", "GET", "/data/v2/results/{results_id}", partial(_results, service))
    route("refreshes", "POST", "/data/v2/refreshes", partial(_ask_refresh, service))
    route("refreshes", "GET", "/data/v2/refreshes", partial(_list_refreshes, service))
    route("refreshes", "GET", "/data/v2/refreshes/{refresh_id}", partial(_get_refresh, service))


async def json_body(request: Request) -> dict[str, Any]:
    """The request's JSON object. Raises Refusal."""
    try:
        document = json.loads(await request.body() or b"{}")
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise bad_parameter("body", "")
    return document


async def _token(service: Service, request: Request) -> object:
    form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
    return service.tokens.give(form, service.town.customers.__contains__)


async def _banks(service: Service, _request: Request) -> object:
    return bank_list(service.region, service.town.disabled)


async def _create_customer(service: Service, request: Request) -> object:
    app_user_id = (await json_body(request)).get("app_user_id")
    if not isinstance(app_user_id, str) or not app_user_id.strip():
        raise bad_parameter("app_user_id", app_user_id)
    return service.town.add_customer(app_user_id).wire()


async def _list_customers(service: Service, request: Request) -> object:
    page = page_asked(request.query_params, "page_number", "page_size")
    customers = list(service.town.customers.values())
    return {"data": [customer.wire() for customer in page.of(customers)], "page": page.wire(len(customers))}


async def _get_customer(service: Service, request: Request) -> object:
    return service.town.customer(request.path_params["customer_id"]).wire()


async def _customer_of_app(service: Service, request: Request) -> object:
    customer = service.town.customer_of_app(request.path_params["app_user_id"])
    if customer is None:
        raise refusal("UNKNOWN_CUSTOMER")
    return customer.wire()


async def _list_all_entities(service: Service, request: Request) -> object:
    params, town = request.query_params, service.town
    page = page_asked(params, "page_number", "page_size")
    first, last = params.get("start_date", ""), params.get("end_date", "9")
    entities = [
        entity for entity in town.entities.values() if first <= entity.created_at and entity.created_at[:10] <= last
    ]
    shown = [{**_shown(service, entity), **entity.in_range()} for entity in page.of(entities)]
    return {"data": shown, "page": page.wire(len(entities))}


async def _list_entities(service: Service, request: Request) -> object:
    customer = service.town.customer(request.path_params["customer_id"])
    entities = service.town.entities_of(customer.customer_id)
    return [_shown(service, entity) for entity in entities]


def _shown(service: Service, entity: Entity) -> dict[str, object]:
    """The entity with its consents as they stand now."""
    entity.is_readable(service.town.now())
    return entity.wire(service.town.accounts(entity))


def _entity_in_path(service: Service, request: Request) -> Entity:
    entity = service.town.entity(request.path_params["entity_id"])
    if entity.customer_id != request.path_params["customer_id"]:
        raise refusal("UNKNOWN_ENTITY")
    return entity


async def _get_entity(service: Service, request: Request) -> object:
    return _shown(service, _entity_in_path(service, request))


async def _delete_entity(service: Service, request: Request) -> object:
    """No official example shows the answer: it is a guess in the manner of the other ones."""
    entity = _entity_in_path(service, request)
    reason = (await json_body(request)).get("reason")
    if not isinstance(reason, str) or not reason:
        raise bad_parameter("reason", reason)
    service.town.disconnect(entity)
    return {"status": "OK", "message": "Entity deleted successfully", "timestamp": told_at()}


def _readable(service: Service, entity: Entity) -> dict[str, object] | None:
    """Nothing when the consent stands; else the status that tells. Raises Refusal where it is told as an error."""
    if entity.is_readable(service.town.now()):
        return None
    if entity.told_as == "status":
        return consent_ended()
    raise refusal("CONSENT_EXPIRED")


async def _read(service: Service, kind: str, name: str, request: Request) -> object:
    params = request.query_params
    question = question_of(kind, request.path_params.get("account_id", ""), params, service.town.today)
    entity = service.town.entity(question.entity_id)
    ended = _readable(service, entity)
    if ended is not None:
        return ended
    if permission_of(kind) not in entity.permissions:
        raise Refusal(403, "FORBIDDEN", f"The entity has no permission for {permission_of(kind)}.")
    if entity.needs_reconnect:
        return service.reader.want_reconnect(question)
    if question.account_id:
        service.town.sheet(entity, question.account_id)
    delay = service.delays.take(name)
    if params.get("async") == "true" or delay is not None:
        seconds = service.settings.results_seconds
        envelope = service.reader.promise(question, seconds)
        ready = {"id": envelope["results_id"]}
        service.outbox.deliveries.later(seconds, lambda: service.outbox.make("results.ready", ready))
        return envelope
    return service.reader.answer(question)


async def _results(service: Service, request: Request) -> object:
    return service.reader.results(request.path_params["results_id"])


async def _ask_refresh(service: Service, request: Request) -> object:
    entity_id = (await json_body(request)).get("entity_id")
    if not isinstance(entity_id, str) or not is_id(entity_id):
        raise bad_parameter("entity_id", entity_id)
    entity = service.town.entity(entity_id)
    _readable(service, entity)
    refresh = service.refreshes.ask(entity_id, entity.customer_id, service.town.now())
    service.follow(refresh, entity)
    return refresh_asked(refresh)


async def _list_refreshes(service: Service, request: Request) -> object:
    question = question_of("refreshes", "", request.query_params, service.town.today)
    service.town.entity(question.entity_id)
    refreshes = service.refreshes.of(question.entity_id)
    content = [refresh.wire() for refresh in question.page.of(refreshes)]
    return {"content": content, "page": question.page.wire(len(refreshes))}


async def _get_refresh(service: Service, request: Request) -> object:
    refresh_id = request.path_params["refresh_id"]
    if not is_id(refresh_id):
        raise bad_parameter("refresh_id", refresh_id)
    refresh = service.refreshes.one(refresh_id)
    entity = service.town.entity(refresh.entity_id)
    return refresh.wire_whole(service.town.accounts(entity), service.town.first_day, service.town.today)


async def _events(service: Service, request: Request) -> object:
    """The events made, newest first. No official example shows this list: its envelope is that of the other lists."""
    params = request.query_params
    page = page_asked(params)
    since, until, kind = params.get("from", ""), params.get("to", "9"), params.get("type")
    events = [
        event
        for event in reversed(service.outbox.events)
        if since <= str(event["timestamp"]) and str(event["timestamp"])[: len(until)] <= until
        and kind in {None, event["type"]}
    ]  # fmt: skip
    return {"data": list(page.of(events)), "page": page.wire(len(events))}
