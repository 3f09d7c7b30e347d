"""Landing the events of many requests together: while one group is being synced to disk, the next one gathers.

One request alone pays one sync of its file and one of the folder. Many at once share the folder's, and their files
are synced side by side. Nobody is answered before their event is on disk, and a repeat that arrives meanwhile waits
for the same landing.
"""

from __future__ import annotations

import asyncio

from pipelines.webhooks.events import EventLanding

THREADS = 4
MOST_TOGETHER = 64


class GroupCommit:
    """Lands events in groups; belongs to one event loop."""

    def __init__(self, landing: EventLanding) -> None:
        """Wrap the landing; work starts with the first event."""
        self._landing = landing
        self._waiting: dict[str, tuple[bytes, asyncio.Future[None]]] = {}
        self._in_flight: dict[str, asyncio.Future[None]] = {}
        self._worker: asyncio.Task[None] | None = None

    def landing_of(self, key: str) -> asyncio.Future[None] | None:
        """The landing of this event that is under way, or None."""
        return self._in_flight.get(key)

    async def land(self, key: str, sealed: bytes) -> None:
        """Return once the event is safe on disk. Raises OSError when it cannot be."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        future.add_done_callback(_heard)
        self._waiting[key] = (sealed, future)
        self._in_flight[key] = future
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        await asyncio.shield(future)

    async def _work(self) -> None:
        """Land group after group until nobody waits."""
        while self._waiting:
            keys = list(self._waiting)[:MOST_TOGETHER]
            group = {key: self._waiting.pop(key) for key in keys}
            problem = await self._land([(key, sealed) for key, (sealed, _) in group.items()])
            for key, (_, future) in group.items():
                del self._in_flight[key]
                if problem is None:
                    future.set_result(None)
                else:
                    future.set_exception(problem)
        self._worker = None

    async def _land(self, files: list[tuple[str, bytes]]) -> BaseException | None:
        """What went wrong, if anything: everyone who waits must hear of it, whatever it is."""
        parts = [files[first::THREADS] for first in range(min(THREADS, len(files)))]
        placing = (asyncio.to_thread(self._landing.place, part) for part in parts)
        outcomes = [*await asyncio.gather(*placing, return_exceptions=True)]
        outcomes += await asyncio.gather(asyncio.to_thread(self._landing.sync), return_exceptions=True)
        return next((outcome for outcome in outcomes if outcome is not None), None)


def _heard(landing: asyncio.Future[None]) -> None:
    """A sender that hung up waits for no answer; its problem is no surprise then."""
    if not landing.cancelled():
        landing.exception()
