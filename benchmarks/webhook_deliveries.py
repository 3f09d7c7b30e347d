"""Webhook deliveries as a busy day brings them, and a sender that is fast enough not to be what is measured.

Seeded: the same count gives the same events, repeats and order. Event ids and instants follow from the number of the
event; types are Lean's and one nobody documents.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hmac
import json
import random
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

SECRET = "the benchmark's secret"  # noqa: S105 - of homes that live for a minute
REPEATED, OUT_OF_ORDER = 0.3, 0.2
_TYPES = ("entity.updated", "entity.data.refresh.updated", "results.ready", "payment.created", "made.up.tomorrow")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request to send: its body and the signature header."""

    body: bytes
    signature: str


def ordered(count: int) -> list[Delivery]:
    """`count` different events of the last hours, in the order they happened."""
    chance = random.Random(count)
    start = dt.datetime.now(dt.UTC).replace(minute=0, second=0, microsecond=0) - dt.timedelta(hours=3)
    return [_delivery(number, chance, start) for number in range(count)]


def shuffled(events: Sequence[Delivery]) -> list[Delivery]:
    """The same events with a fifth of them displaced and three in ten of them sent once more, later."""
    chance = random.Random(len(events))
    places = [(float(number), event) for number, event in enumerate(events)]
    for number in chance.sample(range(len(events)), int(len(events) * OUT_OF_ORDER)):
        places[number] = (chance.uniform(0, len(events)), events[number])
    repeats = chance.sample(places, int(len(events) * REPEATED))
    places += [(chance.uniform(place, len(events)), event) for place, event in repeats]
    return [event for _, event in sorted(places, key=lambda each: each[0])]


def _delivery(number: int, chance: random.Random, start: dt.datetime) -> Delivery:
    document = {
        "type": chance.choice(_TYPES),
        "message": "Something happened.",
        "payload": {"id": str(uuid.UUID(int=chance.getrandbits(128))), "status": "FINISHED"},
        "event_id": str(uuid.UUID(int=chance.getrandbits(128))),
        "timestamp": (start + dt.timedelta(seconds=number)).isoformat(),
    }
    body = json.dumps(document).encode()
    return Delivery(body, "sha512=" + hmac.new(SECRET.encode(), body, "sha512").hexdigest())


def send_all(host: str, port: int, path: str, deliveries: Sequence[Delivery], connections: int) -> float:
    """Send them in this order over so many connections; the seconds it took. Raises RuntimeError for any but 200."""
    requests = [_request(host, path, delivery) for delivery in deliveries]
    waiting = iter(requests)

    async def connection() -> None:
        reader, writer = await asyncio.open_connection(host, port)
        for request in waiting:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"an event was answered with {head.splitlines()[0].decode()}")
            length = next(line for line in head.lower().splitlines() if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.split(b":")[1]))
        writer.close()

    async def every_connection() -> None:
        await asyncio.gather(*(connection() for _ in range(connections)))

    begun = time.perf_counter()
    asyncio.run(every_connection())
    return time.perf_counter() - begun


def _request(host: str, path: str, delivery: Delivery) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n"
        f"lean-signature: {delivery.signature}\r\ncontent-length: {len(delivery.body)}\r\n\r\n"
    )
    return head.encode() + delivery.body
