"""The API its integrators describe, and our reading of the rest: docs/hishebi/openapi.yaml says which is which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fastapi import FastAPI, Request, Response

from pipelines.sandbox.hishebi.export import exported
from pipelines.sandbox.hishebi.pages import Pages, Wire
from pipelines.sandbox.hishebi.refusals import invalid
from pipelines.sandbox.hishebi.requests import LoginRequest, NewNote, RefreshRequest, body_of, key_of, span_of
from pipelines.sandbox.hishebi.service import Asked, Handler, HishebiService, json_answer

PREFIX = "/api/v1/hishebi"


class _Operation(NamedTuple):
    """One request of the API: its name for counts and faults, and the scope it needs, None where it needs no token."""

    name: str
    scope: str | None
    handler: Handler


OPERATION_NAMES = (
    *("token", "refresh", "ledger", "properties", "tenants", "payments", "dues"),
    *("debts", "goals", "cash-counts", "notes", "write-note", "export"),
)
"""What faults can be ordered for, and what requests are counted by."""


def add_api(app: FastAPI, service: HishebiService, pages: Pages) -> None:
    """Put the paths of the API into the application."""
    lists, books = _Lists(service, pages), _Writing(service)
    _route(app, service, "/auth/token", POST=_Operation("token", None, books.log_in))
    _route(app, service, "/auth/refresh", POST=_Operation("refresh", None, books.refresh))
    _route(app, service, "/ledger", GET=_Operation("ledger", "ledger.read", lists.ledger))
    _route(app, service, "/properties", GET=_Operation("properties", "property.read", lists.properties))
    for name, handler in (("tenants", lists.tenants), ("payments", lists.payments), ("dues", lists.dues)):
        _route(app, service, f"/properties/{{property_id}}/{name}", GET=_Operation(name, "property.read", handler))
    _route(app, service, "/debts", GET=_Operation("debts", "ledger.read", lists.debts))
    _route(app, service, "/goals", GET=_Operation("goals", "ledger.read", lists.goals))
    _route(app, service, "/cash-counts", GET=_Operation("cash-counts", "ledger.read", lists.cash_counts))
    notes = _Operation("notes", "ledger.read", lists.notes)
    _route(app, service, "/notes", GET=notes, POST=_Operation("write-note", "notes.write", books.write_note))
    _route(app, service, "/export", GET=_Operation("export", "export.read", books.export))


def _route(app: FastAPI, service: HishebiService, path: str, **operations: _Operation) -> None:
    async def endpoint(request: Request) -> Response:
        operation = operations.get(request.method) or operations["GET"]  # the framework adds HEAD to GET
        return await service.serve(operation.name, operation.scope, request, operation.handler)

    app.router.add_route(f"{PREFIX}{path}", endpoint, methods=list(operations))


class _Lists:
    """What answers with a page."""

    def __init__(self, service: HishebiService, pages: Pages) -> None:
        self._town = service.town
        self._pages = pages

    async def ledger(self, asked: Asked) -> Response:
        span = span_of(asked.request)
        return self._page(asked, "entries", self._town.household(asked.user_id).entries(*span), ("date", "id"))

    async def properties(self, asked: Asked) -> Response:
        houses = [house.wire() for house in self._town.household(asked.user_id).houses()]
        return self._page(asked, "properties", houses)

    async def tenants(self, asked: Asked) -> Response:
        household = self._town.household(asked.user_id)
        house = household.house(asked.request.path_params["property_id"])
        return self._page(asked, "tenants", household.tenants(house), ("start_date", "id"))

    async def payments(self, asked: Asked) -> Response:
        household = self._town.household(asked.user_id)
        span, house = span_of(asked.request), household.house(asked.request.path_params["property_id"])
        return self._page(asked, "payments", household.payments(house, *span), ("date", "id"))

    async def dues(self, asked: Asked) -> Response:
        household = self._town.household(asked.user_id)
        span, house = span_of(asked.request), household.house(asked.request.path_params["property_id"])
        return self._page(asked, "dues", household.dues(house, *span), ("due_date", "id"))

    async def debts(self, asked: Asked) -> Response:
        return self._page(asked, "debts", self._town.household(asked.user_id).debts(), ("start_date", "id"))

    async def goals(self, asked: Asked) -> Response:
        return self._page(asked, "goals", self._town.household(asked.user_id).goals(), ("start_date", "id"))

    async def cash_counts(self, asked: Asked) -> Response:
        counts = self._town.household(asked.user_id).cash_counts(*span_of(asked.request))
        return self._page(asked, "cash_counts", counts, ("counted_at", "id"))

    async def notes(self, asked: Asked) -> Response:
        notes = self._town.notes(asked.user_id, *span_of(asked.request))
        return self._page(asked, "notes", notes, ("created_at", "id"))

    def _page(self, asked: Asked, name: str, rows: Sequence[Wire], order: Sequence[str] = ("id",)) -> Response:
        params = asked.request.query_params
        question = "/".join((asked.user_id, asked.request.url.path, params.get("from", ""), params.get("to", "")))
        return json_answer(self._pages.page(name, rows, order, question, params.get("page") or None))


class _Writing:
    """What changes something or answers with a file."""

    def __init__(self, service: HishebiService) -> None:
        self._town = service.town

    async def log_in(self, asked: Asked) -> Response:
        body = await body_of(asked.request, LoginRequest)
        tokens = self._town.logins.log_in(body.email, body.password, body.device_id, [*body.scope])
        self._town.remember()
        return json_answer(tokens)

    async def refresh(self, asked: Asked) -> Response:
        body, key = await body_of(asked.request, RefreshRequest), key_of(asked.request, is_needed=False)
        try:
            return json_answer(self._town.logins.refresh(body.refresh_token, body.device_id, key))
        finally:
            self._town.remember()

    async def write_note(self, asked: Asked) -> Response:
        key, body = key_of(asked.request, is_needed=True), await body_of(asked.request, NewNote)
        return json_answer(self._town.write_note(asked.user_id, key, body.text, body.entry_id).wire(), 201)

    async def export(self, asked: Asked) -> Response:
        kind = asked.request.query_params.get("format", "")
        if kind not in {"xlsx", "pdf"}:
            raise invalid()
        first, last = span_of(asked.request)
        body, media_type = exported(self._town, asked.user_id, kind, first, last)
        name = f'attachment; filename="hishebi-{first}-{last}.{kind}"'
        return Response(body, headers={"content-disposition": name}, media_type=media_type)
