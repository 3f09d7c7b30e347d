"""Progress: what long work tells a person while it runs, whoever shows it.

A room calls `tell`, or `warn` for what needs a person; the command line shows it, a test collects it, and where
nobody listens (a run under Dagster's own executor) nothing is kept: a warning may name a party, and Dagster's storage
must not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Teller = Callable[[str, bool], None]
"""Takes a line and whether it needs a person."""

_teller: ContextVar[Teller | None] = ContextVar("teller", default=None)


def tell(line: str) -> None:
    """Say what is being done now, in a few words."""
    _send(line, needs_person=False)


def warn(line: str) -> None:
    """Say what went wrong and can be mended, in one clear line."""
    _send(line, needs_person=True)


def _send(line: str, *, needs_person: bool) -> None:
    teller = _teller.get()
    if teller is not None:
        teller(line, needs_person)


@contextmanager
def telling(teller: Teller) -> Iterator[None]:
    """Send what is told inside to `teller`."""
    token = _teller.set(teller)
    try:
        yield
    finally:
        _teller.reset(token)
