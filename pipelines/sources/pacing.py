"""How fast a service may be asked and how long to wait after a failure; tests give their own clock and chance."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

_chance = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class Pace:
    """Limits and waits; times are seconds.

    Attributes:
        requests: Requests per login in any `span`; the default is Hishebi's published 60 a minute less 10 %.
        span: The length of the sliding span.
        tries: How often one request is made at most.
        first_wait: The first upper bound of the random wait; it doubles with each try.
        longest_wait: Where the doubling stops.
        longest_asked: A server that asks to wait longer than this is left for the next sync.
        clock: A monotonic clock.
        sleep: How waiting is done.
        uniform: Chance between two bounds (full jitter).
    """

    requests: int = 54
    span: float = 60.0
    tries: int = 6
    first_wait: float = 0.5
    longest_wait: float = 60.0
    longest_asked: float = 120.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    uniform: Callable[[float, float], float] = _chance.uniform

    def wait_before_retry(self, failures: int) -> float:
        """Full jitter after the given number of failures (1 is the first): uniform(0, min(cap, first * 2^n))."""
        doubled = self.first_wait * float(2 ** (failures - 1))
        return self.uniform(0.0, min(self.longest_wait, doubled))


class RequestBudget:
    """A bucket per login (or access token), shared by all pulls of the process.

    Never more than `requests` in any `span`: that keeps the published limit whichever way the server counts a
    minute (fixed, sliding or refilled).
    """

    def __init__(self, pace: Pace) -> None:
        """Start with no request made."""
        self._pace = pace
        self._made: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def take(self, login: str) -> None:
        """Wait until one more request may be made with `login` (its name or its token), and count it."""
        name = hashlib.sha256(login.encode()).hexdigest()  # a token itself is kept nowhere
        while (wait := self._try_take(name)) > 0:
            self._pace.sleep(wait)

    def _try_take(self, name: str) -> float:
        with self._lock:
            now = self._pace.clock()
            made = self._made.get(name)
            if made is None:
                self._forget_old(now)
                made = self._made.setdefault(name, deque())
            while made and made[0] <= now - self._pace.span:
                made.popleft()
            if len(made) < self._pace.requests:
                made.append(now)
                return 0.0
            return max(made[0] + self._pace.span - now, 0.001)

    def _forget_old(self, now: float) -> None:
        old = [name for name, made in self._made.items() if not made or made[-1] <= now - self._pace.span]
        for name in old:
            del self._made[name]
