"""The page over HTTP: on this computer's loopback address only, below a path nobody can guess, under a strict policy.

Scripts come from this page and from LinkSDK's own address and nowhere else. The customer token is in no page: it is
handed out when the person presses the button.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

import yaml
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from pipelines.connect_page.login import Login
from pipelines.sources.source import SourceError

_LEAN = "https://*.leantech.me"
_FILES = {"page.js": "text/javascript", "page.css": "text/css"}
_MOST_BYTES = 4096


def secret_path() -> str:
    """A path of 192 random bits."""
    return f"/{secrets.token_urlsafe(24)}"


def make_page(login: Login, address: str, path: str) -> FastAPI:
    """The application of one login; it answers at `address` and below `path` only."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    headers = _headers(login.config.script_url)

    @app.middleware("http")
    async def guarded(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        # another name for this address would be a page elsewhere trying its luck (DNS rebinding)
        known = request.headers.get("host", "") == urlsplit(address).netloc
        answer = await call_next(request) if known else Response(status_code=404)
        answer.headers.update(headers)
        return answer

    @app.get(path)
    async def without_slash() -> Response:
        return RedirectResponse(f"{path}/")

    @app.get(f"{path}/")
    async def page() -> Response:
        return Response(_page(login.config.script_url), media_type="text/html; charset=utf-8")

    for name, media_type in _FILES.items():
        _add_file(app, f"{path}/{name}", name, media_type)

    @app.get(f"{path}/state")
    async def state() -> Response:
        return JSONResponse(login.state())

    @app.post(f"{path}/begin")
    async def begin(request: Request) -> Response:
        entity_id = (await _said(request)).get("entity_id", "")
        try:
            return JSONResponse(await asyncio.to_thread(login.begin, entity_id))
        except SourceError:
            return JSONResponse({"error": "no token"}, 502)

    @app.post(f"{path}/end")
    async def end(request: Request) -> Response:
        said = await _said(request)
        login.end(said.get("status", ""), said.get("entity_id", ""))
        return JSONResponse({})

    return app


def _add_file(app: FastAPI, path: str, name: str, media_type: str) -> None:
    content = _part(name)

    @app.get(path)
    async def file() -> Response:
        return Response(content, media_type=f"{media_type}; charset=utf-8")


def _part(name: str) -> str:
    return resources.files("pipelines.connect_page").joinpath(name).read_text(encoding="utf-8")


def _page(script_url: str) -> str:
    """The page with its words inside; they are data in a script element that is never run."""
    words = json.dumps(yaml.safe_load(_part("words.yaml")), ensure_ascii=False).replace("<", "\\u003c")
    return _part("page.html").replace("{{words}}", words).replace("{{script_url}}", script_url)


def _headers(script_url: str) -> dict[str, str]:
    parts = urlsplit(script_url)
    origin = f"{parts.scheme}://{parts.netloc}"
    is_lean = parts.hostname is not None and parts.hostname.endswith(".leantech.me")
    theirs = _LEAN if is_lean else origin
    # LinkSDK draws its own form: its styles are its business, scripts are not
    styles = f"'self' 'unsafe-inline' {theirs}" if is_lean else f"'self' {theirs}"
    policy = (
        f"default-src 'none'; script-src 'self' {theirs}; style-src {styles}; connect-src 'self' {theirs}; "
        f"frame-src {theirs}; img-src {theirs} data:; font-src {theirs}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }


async def _said(request: Request) -> dict[str, str]:
    """The words the page sent; whatever else the body holds is nobody's business."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BYTES:
            return {}
    try:
        document: Any = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(document, dict):
        return {}
    return {name: value for name, value in document.items() if isinstance(value, str)}
