"""The writer's lock: one process at a time may open the working file, and the lock's text names it."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from warehouse.home import PRIVATE_FILE, Home

_POLL_SECONDS = 0.2


class Locked(Exception):
    """Another process is writing; the message names it."""


def holder(home: Home) -> str | None:
    """Who holds the lock now ("process 4711, since 02:00:04 UTC, sync"), or None when it is free."""
    if not home.lock_file.exists():
        return None
    handle = os.open(home.lock_file, os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.read(handle, 400).decode(errors="replace").strip() or "an unnamed process"
    finally:
        os.close(handle)
    return None


@contextmanager
def writer_lock(home: Home, purpose: str, wait_seconds: float = 10.0) -> Iterator[None]:
    """Hold the lock from before the working file is opened until after it is closed.

    The kernel frees it when the process dies, however it dies. Raises Locked after `wait_seconds`.
    """
    handle = os.open(home.lock_file, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    try:
        _take(home, handle, wait_seconds)
        since = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()}, {purpose}, since {since}\n".encode(), 0)
        yield
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _take(home: Home, handle: int, wait_seconds: float) -> None:
    end = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                who = holder(home) or "another process"
                raise Locked(f"The warehouse is being written by {who}. Try again when it has finished.") from None
            time.sleep(_POLL_SECONDS)
        else:
            return
