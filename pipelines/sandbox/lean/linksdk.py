"""The pretend LinkSDK: its script, and what the script calls. Pages of other addresses may use it, as with Lean's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import resources

from fastapi import FastAPI, Request, Response

from pipelines.sandbox.lean.api import json_body
from pipelines.sandbox.lean.banks import bank_list
from pipelines.sandbox.lean.connecting import connect, reconnect
from pipelines.sandbox.lean.refusals import Refusal, bad_parameter
from pipelines.sandbox.lean.regions import PERMISSIONS
from pipelines.sandbox.lean.service import Service, json_answer, refused_answer
from pipelines.sandbox.lean.settings import CLIENT_ID
from pipelines.sandbox.lean.tokens import CUSTOMER, unauthorised

_ANYBODY = {
    "access-control-allow-origin": "*",
    "access-control-allow-headers": "authorization, content-type",
    "access-control-allow-methods": "POST",
}


def add_linksdk(app: FastAPI, service: Service) -> None:
    """Put the script and its paths into a region's application."""

    async def script(_request: Request) -> Response:
        text = resources.files("pipelines.sandbox.lean").joinpath("linksdk.js").read_bytes()
        return Response(text, media_type="text/javascript")

    def route(path: str, step: Callable[[Request], Awaitable[object]]) -> None:
        async def endpoint(request: Request) -> Response:
            if request.method == "OPTIONS":
                return Response(headers=_ANYBODY)
            try:
                answer = json_answer(await step(request))
            except Refusal as refused:
                answer = refused_answer(refused)
            answer.headers.update(_ANYBODY)
            return answer

        app.router.add_route(path, endpoint, methods=["POST", "OPTIONS"])

    async def banks(_request: Request) -> object:
        return [bank for bank in bank_list(service.region, service.town.disabled) if bank["active"]]

    async def connect_bank(request: Request) -> object:
        body = await json_body(request)
        customer_id = str(body.get("customer_id"))
        _check(service, request, body, customer_id)
        permissions = body.get("permissions") or list(PERMISSIONS)
        if not isinstance(permissions, list) or not all(isinstance(each, str) for each in permissions):
            raise bad_parameter("permissions", permissions)
        return connect(service, customer_id, str(body.get("bank_identifier")), permissions)

    async def reconnect_bank(request: Request) -> object:
        body = await json_body(request)
        reconnect_id = str(body.get("reconnect_id"))
        question = service.reader.question_behind(reconnect_id)
        _check(service, request, body, service.town.entity(question.entity_id).customer_id)
        return reconnect(service, reconnect_id)

    app.router.add_route("/linksdk.js", script, methods=["GET"])
    route("/linksdk/banks", banks)
    route("/linksdk/connect", connect_bank)
    route("/linksdk/reconnect", reconnect_bank)


def _check(service: Service, request: Request, body: dict[str, object], customer_id: str) -> None:
    """The page must name the application and hold a token of this very customer. Raises Refusal."""
    if body.get("app_token") != CLIENT_ID:
        raise bad_parameter("app_token", body.get("app_token"))
    claims = service.tokens.claims(request.headers.get("authorization", "").removeprefix("Bearer "))
    if claims.scope != CUSTOMER + customer_id:
        raise unauthorised()
