"""One writer at a time, known by name; a dead one holds nothing. Real processes, really killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from warehouse.home import Home
from warehouse.lock import Locked, holder, writer_lock

HOLD = """
import sys, time
from pathlib import Path
from warehouse.home import Home
from warehouse.lock import writer_lock
with writer_lock(Home(Path(sys.argv[1])), "a long sync", wait_seconds=0):
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def another_process(home: Home) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock until it is killed."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(home.root)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_second_process_is_refused_and_told_who_writes(home: Home) -> None:
    with another_process(home) as process:
        begun = time.monotonic()
        told = rf"written by process {process.pid}, a long sync, since \d{{4}}-\d\d-\d\d"
        with pytest.raises(Locked, match=told), writer_lock(home, "test", wait_seconds=0.3):
            pytest.fail("two writers")
        assert 0.2 < time.monotonic() - begun < 5
        assert f"process {process.pid}, a long sync" in (holder(home) or "")


def test_the_refused_writer_does_not_overwrite_the_name_of_the_holder(home: Home) -> None:
    with another_process(home) as process:
        before = home.lock_file.read_text()
        for _ in range(3):
            with pytest.raises(Locked), writer_lock(home, "test", wait_seconds=0):
                pass
        assert home.lock_file.read_text() == before
        assert str(process.pid) in before


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_dead_process_holds_nothing(home: Home, end: signal.Signals) -> None:
    with another_process(home) as process:
        process.send_signal(end)
        process.wait()
    assert holder(home) is None
    with writer_lock(home, "test", wait_seconds=0):
        assert f"process {os.getpid()}, test" in home.lock_file.read_text()


def test_who_waits_gets_the_lock_when_the_holder_ends(home: Home) -> None:
    with another_process(home) as process:
        subprocess.Popen(["/bin/sh", "-c", f"sleep 0.5; kill {process.pid}"]).wait()
        with writer_lock(home, "test", wait_seconds=10):
            assert str(os.getpid()) in home.lock_file.read_text()


def test_a_free_lock_has_no_holder(home: Home) -> None:
    assert holder(home) is None
    with writer_lock(home, "test"):
        assert (holder(home) or "").startswith(f"process {os.getpid()}, test, since ")
    assert holder(home) is None
    assert home.lock_file.read_text() == ""


def test_an_error_inside_frees_the_lock(home: Home) -> None:
    with pytest.raises(ValueError, match="inside"), writer_lock(home, "test"):
        raise ValueError("inside")
    assert holder(home) is None
    with writer_lock(home, "again", wait_seconds=0):
        pass


def test_asking_for_the_holder_takes_nothing_away(home: Home) -> None:
    with writer_lock(home, "first", wait_seconds=0):
        pass
    holder(home)
    with writer_lock(home, "second", wait_seconds=0):
        assert "second" in home.lock_file.read_text()


def test_the_lock_file_is_private(home: Home) -> None:
    with writer_lock(home, "test"):
        assert home.lock_file.stat().st_mode & 0o077 == 0
