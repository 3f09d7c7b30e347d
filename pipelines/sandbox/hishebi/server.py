"""The pretend Hishebi Online as an HTTP application: its API, and `/sandbox/…` to steer it.

Everything is kept in `town`; answers are rendered from Decimal, so amounts keep their digits. All handlers run on one
event loop and never wait for a disk or a network, so no state needs a lock.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from pipelines.sandbox.hishebi.api import add_api
from pipelines.sandbox.hishebi.pages import Pages
from pipelines.sandbox.hishebi.refusals import Refused
from pipelines.sandbox.hishebi.service import HishebiService
from pipelines.sandbox.hishebi.steering import add_steering
from pipelines.sandbox.hishebi.town import SandboxSettings


def make_app(settings: SandboxSettings, on_step: Callable[[str], None] | None = None) -> FastAPI:
    """The application of one sandbox; `on_step` is told when a day passes or things change, for services beside it."""
    service = HishebiService(settings, on_step or (lambda _kind: None))
    app = FastAPI(title="Hishebi Online (sandbox)", docs_url=None, redoc_url=None, openapi_url=None)
    add_api(app, service, Pages(settings.seed, settings.page_size))
    add_steering(app, service)

    async def nowhere(_request: Request, _error: Exception) -> Response:
        return service.refusal(Refused(404, "NOT_FOUND", "there is nothing at this path"))

    async def not_so(_request: Request, error: Exception) -> Response:
        allowed = error.headers["Allow"] if isinstance(error, HTTPException) and error.headers else ""
        methods = {"allow": ", ".join(sorted(allowed.split(", ")))}
        return service.refusal(Refused(405, "METHOD_NOT_ALLOWED", "this path has other methods", methods))

    app.add_exception_handler(404, nowhere)
    app.add_exception_handler(405, not_so)
    return app
