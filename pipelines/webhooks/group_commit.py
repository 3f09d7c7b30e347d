"""Landing the events of many requests together: while one group is being synced to disk, the next one gathers.

One request alone pays one sync of its file and one of the folder. Many at once share the folder's, and their files
are synced side by side. Nobody is answered before their event is on disk, and a repeat that arrives meanwhile waits
for the same landing.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from pipelines.webhooks.events import EventLanding

THREADS = 4
MOST_TOGETHER = 64


class GroupCommit:
    """Lands events in groups; belongs to one event loop."""

    def __init__(self, landing: EventLanding) -> None:
        """Wrap the landing; threads start with the first event."""
        self._landing = landing
        self._disk = ThreadPoolExecutor(THREADS, thread_name_prefix="landing")
        self._waiting: dict[str, tuple[bytes, asyncio.Future[None]]] = {}
        self._in_flight: dict[str, asyncio.Future[None]] = {}
        self._worker: asyncio.Task[None] | None = None

    def landing_of(self, key: str) -> asyncio.Future[None] | None:
        """The landing of this event that is under way, or None."""
        return self._in_flight.get(key)

    async def land(self, key: str, sealed: bytes) -> None:
        """Return once the event is safe on disk. Raises OSError when it cannot be."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        future.add_done_callback(lambda done: done.exception())  # one nobody waits for any more is no surprise
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
            problem = await asyncio.to_thread(self._land, [(key, sealed) for key, (sealed, _) in group.items()])
            for key, (_, future) in group.items():
                del self._in_flight[key]
                if problem is None:
                    future.set_result(None)
                else:
                    future.set_exception(problem)
        self._worker = None

    def _land(self, files: list[tuple[str, bytes]]) -> Exception | None:
        try:
            if len(files) == 1:
                self._landing.land(files)
            else:
                self._landing.land(files, self._disk.map)
        except Exception as error:  # noqa: BLE001 - whatever it is, everyone who waits must hear of it
            return error
        return None
