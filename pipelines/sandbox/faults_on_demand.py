"""Troubles the sandbox can be told to make, each for the next few requests."""

from __future__ import annotations

from dataclasses import dataclass

FAULTS = ("429", "500", "slow", "cut", "html", "repeat", "skew", "error200", "lost")
"""429 and 500 as statuses; a slow answer; a body cut short; a web page instead of JSON; the page before once more;
a clock hours off; status 200 with an error inside; `lost`: the request is served and its answer never arrives."""

ANY = "any"


@dataclass(slots=True)
class Fault:
    """A trouble that is due: what, for which requests (a name of the service's, or `any`), how often, its seconds."""

    name: str
    on: str
    count: int
    seconds: float


class FaultQueue:
    """Troubles to come, first told first made."""

    def __init__(self) -> None:
        """Start without trouble."""
        self._due: list[Fault] = []

    def order(self, fault: Fault) -> None:
        """Add a trouble; one told twice happens more often."""
        self._due.append(fault)

    def take(self, request: str) -> Fault | None:
        """The trouble to make for this request, if one is due."""
        for fault in self._due:
            if fault.on in {request, ANY} and fault.count > 0:
                fault.count -= 1
                return fault
        return None
