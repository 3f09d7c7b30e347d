"""Case webhooks: signed events on loopback, with repeats and out of order, against the plainest receiver.

Both are whole processes; the sender uses several connections and waits for each answer. The proof comes first: the
events as `hisab serve` recorded them must be those of a run in which every event came once and in order.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.bench import HISAB, Bench, count_text, environment
from benchmarks.measure import MeasureError, Ratio, ratio_of
from benchmarks.results import Row
from benchmarks.webhook_deliveries import SECRET, Delivery, ordered, send_all, shuffled
from pipelines.webhooks.recording import record_events
from pipelines.workplace import open_workplace
from warehouse.home import Home

CONNECTIONS = 16
PATH = "/webhooks/lean"
_SECRETS = {"HISAB_LEAN_WEBHOOK_SECRETS": SECRET}


def measure(bench: Bench) -> list[Row]:
    """A row with the throughput, and one with the ratio of the times."""
    events = ordered(bench.sizes.webhooks)
    deliveries = shuffled(events)
    in_order = _state(bench, events, 1)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(bench.rounds):
        root = bench.new_home("webhooks")
        with _receiver([HISAB, "serve", "--port", "0"], environment(root, _SECRETS)) as address:
            ours.append(send_all(*address, PATH, deliveries, CONNECTIONS))
        if (found := _recorded(root)) != in_order:
            raise MeasureError(f"{len(found)} events were recorded, not the {len(in_order)} of an ordered run")
        theirs.append(_bare(bench, deliveries))
    shutil.rmtree(root)
    what = f"{count_text(len(events))} events, 30 % sent twice, 20 % out of order, {CONNECTIONS} connections"
    rates = [len(deliveries) / seconds for seconds in ours]
    bare = sorted(len(deliveries) / seconds for seconds in theirs)[len(theirs) // 2]
    throughput = Ratio(sorted(rates)[len(rates) // 2], min(rates), max(rates), len(rates))
    return [
        Row("webhooks", f"`hisab serve`: {what}: answers a second", measured=throughput, unit="/s"),
        Row(
            "webhooks",
            f"`hisab serve`: {what} / a bare FastAPI receiver that verifies, writes and syncs",
            measured=ratio_of(ours, theirs),
            times=f"hisab {throughput.median:.0f}/s, bare {bare:.0f}/s",
        ),
    ]


def _state(bench: Bench, deliveries: Sequence[Delivery], connections: int) -> list[tuple[object, ...]]:
    """What is recorded when these come in this order."""
    root = bench.new_home("webhooks-ordered")
    with _receiver([HISAB, "serve", "--port", "0"], environment(root, _SECRETS)) as address:
        send_all(*address, PATH, deliveries, connections)
    found = _recorded(root)
    shutil.rmtree(root)
    return found


def _bare(bench: Bench, deliveries: Sequence[Delivery]) -> float:
    folder = bench.data / "webhooks-bare"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with _receiver([sys.executable, "-m", "benchmarks.bare_receiver", str(folder)], {}) as address:
        seconds = send_all(*address, PATH, deliveries, CONNECTIONS)
    shutil.rmtree(folder)
    return seconds


@contextmanager
def _receiver(command: Sequence[str], variables: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """Host and port of a receiver that runs while the block does. Raises MeasureError when it does not start."""
    process = subprocess.Popen(command, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True)
    try:
        said = process.stdout.readline() if process.stdout else ""
        found = re.search(r"http://([\d.]+):(\d+)", said)
        if found is None:
            raise MeasureError(f"{command[0]} did not start to listen")
        yield found[1], int(found[2])
    finally:
        process.terminate()
        process.wait(30)
        if process.stdout:
            process.stdout.close()


def _recorded(root: Path) -> list[tuple[object, ...]]:
    """The recorded events, but for the ids and instants that differ from home to home."""
    workplace = open_workplace(Home(root.resolve()))
    record_events(workplace)
    with workplace.warehouse("comparing events") as con:
        return con.execute(
            "select * exclude (event_key, received_at) from raw.webhook_events order by sender_name, event_id"
        ).fetchall()
