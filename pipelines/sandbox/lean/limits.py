"""How much an application may ask at once and in a second, and how often it asked for more."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pipelines.sandbox.lean.refusals import Refusal


class _Bucket:
    """Requests saved up by one application, and those it has open."""

    def __init__(self, left: float, since: float) -> None:
        self.left, self.since, self.in_flight = left, since, 0


class Limits:
    """The limits of every application, each alone."""

    def __init__(
        self, requests_per_second: float, most_in_flight: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """An application may save up one second of requests, at least one."""
        self._rate = requests_per_second
        self._most = max(1.0, requests_per_second)
        self._most_in_flight = most_in_flight
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}
        self.refused = 0
        self.most_seen_in_flight = 0

    @contextmanager
    def request(self, application: str) -> Iterator[None]:
        """Count a request while it is open. Raises Refusal when it is one too many."""
        now = self._clock()
        bucket = self._buckets.setdefault(application, _Bucket(self._most, now))
        bucket.left = min(self._most, bucket.left + (now - bucket.since) * self._rate)
        bucket.since = now
        if bucket.left < 1 or bucket.in_flight >= self._most_in_flight:
            self.refused += 1
            wait = 1 if bucket.left >= 1 else math.ceil((1 - bucket.left) / self._rate)
            raise too_many(wait)
        bucket.left -= 1
        bucket.in_flight += 1
        self.most_seen_in_flight = max(self.most_seen_in_flight, bucket.in_flight)
        try:
            yield
        finally:
            bucket.in_flight -= 1


def too_many(wait: int) -> Refusal:
    """429: come back after `wait` seconds."""
    return Refusal(429, "TOO_MANY_REQUESTS", "Too many requests for this application.", retry_after=wait)
