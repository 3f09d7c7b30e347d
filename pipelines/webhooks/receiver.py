"""The receiver of webhooks as an HTTP application: verify, land, acknowledge, in this order and within milliseconds.

Whatever a body holds, the answer is 200 or a 4xx; only a disk that takes no more gives 503, and then the sender tries
again. What an event sets going happens later and elsewhere (`handling`).
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from pipelines.webhooks.entities import ConnectedEntities
from pipelines.webhooks.events import EventLanding
from pipelines.webhooks.group_commit import GroupCommit
from pipelines.webhooks.senders import SENDERS, Sender
from pipelines.webhooks.verify import Bounds, Refused, read_event, require_signature, require_timely
from warehouse.keys import KeyProblem

DRAINED_BODIES = 16
"""How many times the largest body is read and thrown away before the line is cut, so that a sender hears its 413."""

_RECEIVED = b'{"status":"received"}'


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class _Receiving:
    """What happens to one request of one sender."""

    def __init__(
        self,
        landing: EventLanding,
        entities: ConnectedEntities,
        bounds: Bounds,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._landing = landing
        self._entities = entities
        self._bounds = bounds
        self._now = now
        self._commit = GroupCommit(landing)

    async def answer(self, sender: Sender, secrets: Sequence[str], request: Request) -> Response:
        try:
            body = await self._body(request)
            require_signature(sender, _header_values(request, sender.header), body, secrets)
            await self._take(sender, body)
        except Refused as refused:
            return _refusal(refused)
        except (OSError, KeyProblem):
            return JSONResponse({"error": "the event could not be kept; send it again"}, 503, {"retry-after": "60"})
        return Response(_RECEIVED, media_type="application/json")

    async def _body(self, request: Request) -> bytes:
        try:
            async with asyncio.timeout(self._bounds.seconds):
                return await self._read(request)
        except TimeoutError:
            raise Refused(408, f"the body took longer than {self._bounds.seconds:g} seconds") from None
        except ClientDisconnect:
            raise Refused(400, "the sender hung up") from None

    async def _read(self, request: Request) -> bytes:
        """The body, counted while it comes: a length that a sender states is only a claim."""
        most, size = self._bounds.body_bytes, 0
        pieces = []
        async for piece in request.stream():
            size += len(piece)
            if size <= most:
                pieces.append(piece)
            elif size > most * DRAINED_BODIES:
                break
        if size > most:
            raise Refused(413, f"a body may have {most} bytes")
        return b"".join(pieces)

    async def _take(self, sender: Sender, body: bytes) -> None:
        """Land the event unless it was received before. Raises Refused, OSError or KeyProblem."""
        now = self._now()
        event = read_event(sender, body, now)
        key = self._landing.key_of(sender.name, event.event_id)
        under_way = self._commit.landing_of(key)
        if under_way is not None:
            await asyncio.shield(under_way)
            return
        if self._landing.knows(key):
            return
        require_timely(event, now, self._bounds)
        connection = self._entities.find(sender.name, event.entity_ref)
        party_id = connection.party_id if connection else None
        await self._commit.land(key, self._landing.seal(key, event, body, party_id, now))


def make_receiver(
    landing: EventLanding,
    entities: ConnectedEntities,
    secrets: Mapping[str, Sequence[str]],
    *,
    bounds: Bounds | None = None,
    now: Callable[[], dt.datetime] = _utc_now,
) -> FastAPI:
    """The application: `POST /webhooks/<sender>` for every sender that has a secret, and `GET /health`.

    `secrets` holds, per sender, every secret that is good now: two while one is being replaced.
    """
    landing.open()
    app = FastAPI(title="Hisab webhooks", docs_url=None, redoc_url=None, openapi_url=None)
    receiving = _Receiving(landing, entities, bounds or Bounds(), now)
    for sender in SENDERS.values():
        if secrets.get(sender.name):
            _add_route(app, receiving, sender, tuple(secrets[sender.name]))

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


def _add_route(app: FastAPI, receiving: _Receiving, sender: Sender, secrets: Sequence[str]) -> None:
    @app.post(f"/webhooks/{sender.name}")
    async def receive(request: Request) -> Response:
        return await receiving.answer(sender, secrets, request)


def _header_values(request: Request, name: str) -> list[bytes]:
    wanted = name.encode()
    return [value for key, value in request.headers.raw if key == wanted]


def _refusal(refused: Refused) -> Response:
    # a body that was not read to its end must not be taken for the next request
    headers = {"connection": "close"} if refused.status in {408, 413} else None
    return JSONResponse({"error": str(refused)}, refused.status, headers)
