"""Locks between processes, whose text names the holder: one writer of the working file, one night of a home.

The kernel frees a lock when its process dies, however it dies.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.home import PRIVATE_FILE, Home

_POLL_SECONDS = 0.2


class Locked(Exception):
    """Another process is at it; the message names it."""


def holder(home: Home) -> str | None:
    """Who holds the writer's lock now ("process 4711, since 02:00:04 UTC, sync"), or None when it is free."""
    return _holder(home.lock_file)


@contextmanager
def writer_lock(home: Home, purpose: str, wait_seconds: float = 10.0) -> Iterator[None]:
    """Hold the lock from before the working file is opened until after it is closed.

    Raises Locked after `wait_seconds`.
    """
    with _held(home.lock_file, purpose, wait_seconds, "The warehouse is being written by {}."):
        yield


@contextmanager
def night_lock(home: Home, wait_seconds: float = 10.0) -> Iterator[None]:
    """Hold the lock while this process runs the night of a home. Raises Locked after `wait_seconds`."""
    with _held(home.night_lock_file, "night", wait_seconds, "The night of this home is being run by {}."):
        yield


@contextmanager
def _held(path: Path, purpose: str, wait_seconds: float, busy: str) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    try:
        _take(path, handle, wait_seconds, busy)
        since = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()}, {purpose}, since {since}\n".encode(), 0)
        yield
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _take(path: Path, handle: int, wait_seconds: float, busy: str) -> None:
    end = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                who = _holder(path) or "another process"
                raise Locked(f"{busy.format(who)} Try again when it has finished.") from None
            time.sleep(_POLL_SECONDS)
        else:
            return


def _holder(path: Path) -> str | None:
    if not path.exists():
        return None
    handle = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.read(handle, 400).decode(errors="replace").strip() or "an unnamed process"
    finally:
        os.close(handle)
    return None
