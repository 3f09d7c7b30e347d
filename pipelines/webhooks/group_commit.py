"""Landing the events of many requests together: while one group is being synced to disk, the next one gathers.

One request alone pays one sync of its file and one of the folder. Many at once share the folder's, and their files
are synced side by side. Nobody is answered before their event is on disk, and a repeat that arrives meanwhile waits
for the same landing.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from pipelines.webhooks.events import EventLanding

THREADS = 8
"""Files of one group synced side by side: the disk settles them together, so that eight take little longer than one."""
MOST_TOGETHER = 64
WORKERS = 2
"""Groups under way at the same time: one writes its files while the other's names are being synced."""


class GroupCommit:
    """Lands events in groups; belongs to one event loop."""

    def __init__(self, landing: EventLanding) -> None:
        """Wrap the landing; work starts with the first event."""
        self._landing = landing
        self._waiting: dict[str, tuple[bytes, asyncio.Future[None]]] = {}
        self._in_flight: dict[str, asyncio.Future[None]] = {}
        self._at_work = 0
        self._workers: set[asyncio.Task[None]] = set()
        self._has_threads = False

    def landing_of(self, key: str) -> asyncio.Future[None] | None:
        """The landing of this event that is under way, or None."""
        return self._in_flight.get(key)

    async def land(self, key: str, sealed: bytes) -> None:
        """Return once the event is safe on disk. Raises OSError when it cannot be."""
        loop = asyncio.get_running_loop()
        if not self._has_threads:  # the loop ends them when it ends; its own would be few on a small machine
            loop.set_default_executor(ThreadPoolExecutor(THREADS * WORKERS, thread_name_prefix="landing"))
            self._has_threads = True
        future: asyncio.Future[None] = loop.create_future()
        future.add_done_callback(_heard)
        self._waiting[key] = (sealed, future)
        self._in_flight[key] = future
        if self._at_work < WORKERS:
            self._at_work += 1
            worker = asyncio.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        await asyncio.shield(future)

    async def _work(self) -> None:
        """Land group after group until nobody waits."""
        try:
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
        finally:
            self._at_work -= 1  # with nothing awaited since the last look, so that nobody is left waiting

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
