"""Events on their way out: signed, posted to the registered address, tried again when it does not answer 200.

One event goes out after the other, as they were made; what is tried again comes when its turn does. Deliveries can be
held and let go in another order and with repeats, which real ones may do at any time.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from pipelines.sandbox.lean.event_words import message_of
from pipelines.sandbox.lean.naming import told_at

RETRY_MINUTES = (1, 2, 5, 10, 60, 180)
"""When an event is tried again, counted from its first try, as documented."""
SIGNATURE_HEADER = "lean-signature"
ANSWER_SECONDS = 10.0
_KEY_ORDERS = {
    "uae": ("type", "message", "payload", "event_id", "timestamp"),
    "ksa": ("type", "payload", "message", "timestamp", "event_id"),
}


def signature(body: bytes, secret: str) -> str:
    """The signature of a raw body as the header carries it. That it is in hex is our reading of the documents."""
    return "sha512=" + hmac.new(secret.encode(), body, hashlib.sha512).hexdigest()


@dataclass(slots=True)
class Delivery:
    """One event on its way: its body, and the status of every answer so far (0 for none)."""

    event_id: str
    kind: str
    body: bytes
    secret: str | None = None
    statuses: list[int] = field(default_factory=list)
    first_tried: float = 0.0


class Outbox:
    """Events made in one region and where they go."""

    def __init__(self, region_name: str, retry_minute_seconds: float) -> None:
        """Start without an address: events are kept for the list of events only."""
        self._order = _KEY_ORDERS[region_name]
        self._minute = retry_minute_seconds
        self.url, self._secret = "", ""
        self.events: list[dict[str, object]] = []
        self.deliveries: list[Delivery] = []
        self._held: list[Delivery] | None = None
        self._due: asyncio.Queue[Delivery] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def register(self, url: str, secret: str) -> None:
        """Send events there from now on; an empty address ends it."""
        self.url, self._secret = url, secret

    def make(
        self, kind: str, payload: dict[str, object], *, timestamp: str = "", secret: str | None = None
    ) -> dict[str, object]:
        """Make an event and send it; with a secret of its own it is a forged one, which no list of events knows."""
        parts: dict[str, object] = {
            "type": kind,
            "message": message_of(kind),
            "payload": payload,
            "event_id": str(uuid.uuid4()),
            "timestamp": timestamp or told_at(),
        }
        event = {name: parts[name] for name in self._order}
        if secret is None:
            self.events.append(event)
        self.send(event, secret)
        return event

    def send(self, event: dict[str, object], secret: str | None = None) -> None:
        """Send an event, once more if it was sent before, signed with the registered secret unless one is given."""
        if self.url:
            body = json.dumps(event, ensure_ascii=False).encode()
            delivery = Delivery(str(event["event_id"]), str(event["type"]), body, secret)
            self.deliveries.append(delivery)
            if self._held is None:
                self._put(delivery)
            else:
                self._held.append(delivery)

    def hold(self) -> None:
        """Keep deliveries back from now on."""
        self._held = self._held or []

    def release(self, order: str, seed: int, repeats: float, moved: float) -> int:
        """Let go what was held, how many deliveries that were.

        A share `repeats` of the events comes twice; of a shuffled order only a share `moved` changes places.
        """
        held, self._held = self._held or [], None
        chance = Random(seed)
        again = [Delivery(each.event_id, each.kind, each.body) for each in held if chance.random() < repeats]
        self.deliveries += again
        held += again
        if order == "reversed":
            held.reverse()
        elif order == "shuffled":
            _shuffle(held, chance, moved)
        for delivery in held:
            self._put(delivery)
        return len(held)

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """Do something after a while, such as making an event."""

        async def wait_and_act() -> None:
            await asyncio.sleep(seconds)
            act()

        self._start(wait_and_act())

    def _put(self, delivery: Delivery) -> None:
        if self._due is None:
            self._due = asyncio.Queue()
            self._start(self._deliver_all(self._due))
        self._due.put_nowait(delivery)

    async def _deliver_all(self, due: asyncio.Queue[Delivery]) -> None:
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False) as client:
            while True:
                delivery = await due.get()
                delivery.first_tried = delivery.first_tried or time.monotonic()
                delivery.statuses.append(await self._post(client, delivery))
                tries = len(delivery.statuses)
                if delivery.statuses[-1] != 200 and tries <= len(RETRY_MINUTES):
                    due_at = delivery.first_tried + RETRY_MINUTES[tries - 1] * self._minute
                    self._start(self._again(delivery, due, max(0.0, due_at - time.monotonic())))

    async def _post(self, client: httpx.AsyncClient, delivery: Delivery) -> int:
        secret = self._secret if delivery.secret is None else delivery.secret
        headers = {"content-type": "application/json", SIGNATURE_HEADER: signature(delivery.body, secret)}
        try:
            answer = await client.post(self.url, content=delivery.body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL):
            return 0
        return answer.status_code

    @staticmethod
    async def _again(delivery: Delivery, due: asyncio.Queue[Delivery], seconds: float) -> None:
        await asyncio.sleep(seconds)
        due.put_nowait(delivery)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _shuffle(deliveries: list[Delivery], chance: Random, moved: float) -> None:
    """Let a share of the deliveries change places with each other."""
    places = [place for place in range(len(deliveries)) if chance.random() < moved]
    targets = chance.sample(places, len(places))
    taken = [deliveries[place] for place in places]
    for target, delivery in zip(targets, taken, strict=True):
        deliveries[target] = delivery
