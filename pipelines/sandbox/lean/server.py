"""The application of one region of the pretend Lean."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response

from pipelines.sandbox.lean.api import add_api
from pipelines.sandbox.lean.linksdk import add_linksdk
from pipelines.sandbox.lean.refusals import Refusal
from pipelines.sandbox.lean.service import Service, refused_answer
from pipelines.sandbox.lean.steering import add_steering


def make_lean_app(service: Service) -> FastAPI:
    """Lean's paths, the connect form and the steering of one region."""
    app = FastAPI(title=f"Lean, {service.region.name} (sandbox)", docs_url=None, redoc_url=None, openapi_url=None)
    add_api(app, service)
    add_linksdk(app, service)
    add_steering(app, service)
    app.add_exception_handler(404, _nowhere)
    return app


async def _nowhere(request: Request, _error: Exception) -> Response:
    return refused_answer(Refusal(404, "NOT_FOUND", f"There is nothing at {request.url.path}."))
