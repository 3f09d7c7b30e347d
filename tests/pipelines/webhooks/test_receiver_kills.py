"""A real receiver, killed at its named points again and again, has every event it acknowledged, and each once."""

from __future__ import annotations

import datetime as dt
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from sent_events import HISHEBI_WIRE, LEAN_WIRE, SECRET, Wire, hishebi_body, lean_body
from written_files import ROOT

from pipelines.webhooks.events import EventLanding
from pipelines.webhooks.verify import read_event
from pipelines.workplace import Workplace

PROCESS = Path(__file__).with_name("receiving_process.py")
TOGETHER = 6
Sent = tuple[Wire, bytes]
"""An event and who sends it."""


class Process:
    """One receiver; knows its address, and may be armed to die at a point."""

    def __init__(self, workplace: Workplace, fault: str = "") -> None:
        """Start it and wait until it listens."""
        environment = {
            **os.environ,
            "HISAB_HOME": str(workplace.home.root),
            "HISAB_LEAN_WEBHOOK_SECRETS": f"an old one,{SECRET}",
            "HISAB_HISHEBI_WEBHOOK_SECRETS": f"{SECRET},an old one",
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "200",
        }
        if fault:
            environment["HISAB_FAULT"] = fault
        self.process = subprocess.Popen(
            [sys.executable, str(PROCESS)], env=environment, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.url = re.findall(r"http://[\d.:]+", line)[0]

    def end(self, *, by_itself: bool) -> int:
        """Wait for its end, after asking for it unless it dies by itself; the exit code."""
        if not by_itself:
            self.process.terminate()
        code = self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


def send(url: str, sent: Sent) -> bool:
    """Whether the event was acknowledged; a receiver that died in the middle acknowledged nothing."""
    wire, body = sent
    try:
        answer = httpx.post(f"{url}{wire.path}", content=body, headers=wire.headers(body))
    except httpx.TransportError:
        return False
    return answer.status_code == 200


@pytest.fixture
def bodies() -> list[Sent]:
    """Events of both senders, in turn."""
    now = dt.datetime.now(dt.UTC)
    return [
        (HISHEBI_WIRE, hishebi_body(event_id=f"event-{number}"))
        if number % 2
        else (LEAN_WIRE, lean_body(event_id=f"event-{number}", event_at=now))
        for number in range(40)
    ]


@pytest.mark.crash
def test_what_was_acknowledged_before_a_kill_is_there_after_it(workplace: Workplace, bodies: list[Sent]) -> None:
    acknowledged: set[int] = set()
    faults = ["webhook.before_rename:2", "webhook.after_rename:9"]
    for fault in faults:
        receiver = Process(workplace, fault)
        acknowledged |= _send_until_it_dies(receiver, bodies, acknowledged)
        assert receiver.end(by_itself=True) == -signal.SIGKILL
        present = EventLanding(workplace.home, workplace.keyring).all_keys()
        assert acknowledged <= {n for n in range(40) if _key(workplace, bodies[n]) in present}, fault
    receiver = Process(workplace)
    with ThreadPoolExecutor(TOGETHER) as pool:
        assert all(pool.map(lambda body: send(receiver.url, body), bodies))
    receiver.end(by_itself=False)
    landing = EventLanding(workplace.home, workplace.keyring)
    assert sorted(event.key for event in landing.waiting()) == sorted(_key(workplace, sent) for sent in bodies)


def _key(workplace: Workplace, sent: Sent) -> str:
    wire, body = sent
    event = read_event(wire.sender, body, dt.datetime.now(dt.UTC))
    return EventLanding(workplace.home, workplace.keyring).key_of(wire.sender.name, event.event_id)


def _send_until_it_dies(receiver: Process, bodies: list[Sent], known: set[int]) -> set[int]:
    """Numbers that were acknowledged; those not yet sent first, several at a time."""
    numbers = [number for number in range(len(bodies)) if number not in known]
    with ThreadPoolExecutor(TOGETHER) as pool:
        taken = pool.map(lambda number: send(receiver.url, bodies[number]), numbers)
        return {number for number, was_taken in zip(numbers, taken, strict=True) if was_taken}


def test_a_receiver_without_a_secret_does_not_start(hisab: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    assert hisab("init").returncode == 0
    done = hisab("serve", "--port", "0")
    assert done.returncode == 1
    assert "HISAB_LEAN_WEBHOOK_SECRETS" in done.stderr
