"""Events on their way out: signed, posted to the registered address, tried again when it does not answer 200.

One event goes out after the other, as they were made; what is tried again comes when its turn does. Deliveries can be
held and let go in another order and with repeats, which real ones may do at any time. How an event is worded is its
service's matter.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

import httpx

RETRY_MINUTES = (1, 2, 5, 10, 60, 180)
"""When an event is tried again, counted from its first try: as Lean documents it, and our reading elsewhere."""
ANSWER_SECONDS = 10.0


class Signing(NamedTuple):
    """How a service signs: the header, what stands before the digest in hex, and the hash of the HMAC."""

    header: str
    prefix: str
    algorithm: str

    def signature(self, body: bytes, secret: str) -> str:
        """The signature of a raw body as the header carries it."""
        return self.prefix + hmac.digest(secret.encode(), body, self.algorithm).hex()


@dataclass(slots=True)
class Delivery:
    """One event on its way: its body, and the status of every answer so far (0 for none)."""

    event_id: str
    kind: str
    body: bytes
    secret: str | None = None
    statuses: list[int] = field(default_factory=list)
    first_tried: float = 0.0


class Deliveries:
    """Where a service's events go, and what became of each."""

    def __init__(self, signing: Signing, retry_minute_seconds: float) -> None:
        """Start without an address: nothing is sent before one is registered."""
        self._signing = signing
        self._minute = retry_minute_seconds
        self.url, self._secret = "", ""
        self.deliveries: list[Delivery] = []
        self._held: list[Delivery] | None = None
        self._due: asyncio.Queue[Delivery] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def register(self, url: str, secret: str) -> None:
        """Send events there from now on; an empty address ends it."""
        self.url, self._secret = url, secret

    def send(self, event_id: str, kind: str, body: bytes, secret: str | None = None) -> None:
        """Send a body, once more if it was sent before, signed with the registered secret unless one is given."""
        if self.url:
            delivery = Delivery(event_id, kind, body, secret)
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
        signature = self._signing.signature(delivery.body, secret)
        headers = {"content-type": "application/json", self._signing.header: signature}
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
