"""Case feeds: many bank logins pulled at once from a pretend Lean that counts, against the least its limit allows.

The proof comes first: no answer is a 429, no more requests are open at once than allowed, and a pull that is killed
half-way and started again asks for no finished page a second time.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from benchmarks.bench import Bench, environment
from benchmarks.measure import MeasureError, Ratio
from benchmarks.results import Row
from pipelines import lean_connecting
from pipelines.ingest.decoding import Decoder
from pipelines.ingest.merging import merge_pending
from pipelines.sandbox.hishebi.town import SandboxSettings
from pipelines.sandbox.lean.settings import CLIENT_ID, CLIENT_SECRET, LeanTownSettings
from pipelines.sandbox.running import running_sandbox
from pipelines.workplace import open_workplace
from warehouse.home import Home

BANKS_EACH = 2
ROWS_OF_A_CURRENT_ACCOUNT = 720
"""With its card's, a login then has about a thousand transactions."""
THREADS = 8
ALLOWED_A_SECOND, ASKED_A_SECOND = 66.0, 60
_ANSWER_SECONDS = 0.05
_MOST_ROUNDS = 2
"""A pull lasts as long as its limit of requests a second makes it last, whatever the machine does."""


def measure(bench: Bench) -> list[Row]:
    """One row: the time of the pull over the time its limit makes it last at least."""
    ratios, said = [], ""
    for _ in range(min(bench.rounds, _MOST_ROUNDS)):
        ratio, said = _round(bench)
        ratios.append(ratio)
    found = Ratio(sorted(ratios)[len(ratios) // 2], min(ratios), max(ratios), len(ratios))
    what = f"pull of {bench.sizes.logins} bank logins / what its limit of requests a second allows at best"
    return [Row("feeds", what, measured=found, times=said)]


def _round(bench: Bench) -> tuple[float, str]:
    today = open_workplace(Home(bench.new_home("feeds").resolve())).today
    lean = LeanTownSettings(
        today=today,
        customer_count=bench.sizes.logins // BANKS_EACH,
        banks_each=BANKS_EACH,
        rows_per_account=ROWS_OF_A_CURRENT_ACCOUNT,
        requests_per_second=ALLOWED_A_SECOND,
        most_in_flight=THREADS,
        answer_seconds=_ANSWER_SECONDS,
    )
    with running_sandbox(SandboxSettings(today=today), lean=lean) as url:
        base = f"{url}/uae"
        root = _connected_home(bench, "feeds", base)
        before = _stats(base)
        begun = time.monotonic()
        if subprocess.run(_command(root), env=_variables(root), check=False).returncode:
            raise MeasureError("a pull did not finish")
        seconds = time.monotonic() - begun
        stats = _stats(base)
        if stats["rate_limited"] or stats["most_in_flight"] > THREADS:
            raise MeasureError(f"the limit was not kept: {stats}")
        requests = sum(stats["statuses"].values()) - sum(before["statuses"].values())
        rows = _rows(root)
        _prove_resuming(bench, base)
    said = f"{seconds:.1f} s, {requests:,} requests, {rows:,} transactions, {stats['most_in_flight']} at once, no 429"
    return seconds / (requests / ASKED_A_SECOND), said


def _prove_resuming(bench: Bench, base: str) -> None:
    """Kill a pull half-way and start it again. Raises MeasureError when a finished page is asked for twice."""
    root = _connected_home(bench, "feeds-killed", base)
    begin = len(_log(base))
    process = subprocess.Popen(_command(root), env=_variables(root))
    while not list((root / "landing").rglob("open/*/*")):
        time.sleep(0.05)
    time.sleep(min(bench.sizes.logins / 10, 5.0))
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    landed = len([path for path in (root / "landing").rglob("open/*/*") if path.suffix != ".tmp"])
    if not landed or subprocess.run(_command(root), env=_variables(root), check=False).returncode:
        raise MeasureError(f"the killed pull was not resumed ({landed} pages had landed)")
    asked = Counter(entry["path"] for entry in _log(base)[begin:] if "/data/" in entry["path"])
    twice = sum(count - 1 for count in asked.values())
    if twice > THREADS:  # those that were under way when it was killed
        raise MeasureError(f"{twice} requests were made twice after a kill")


def _connected_home(bench: Bench, name: str, base: str) -> Path:
    root = bench.new_home(name).resolve()
    workplace = open_workplace(Home(root))
    application = lean_connecting.keep_application(
        workplace.home, workplace.keyring, base_url=base, client_id=CLIENT_ID, client_secret=CLIENT_SECRET
    )
    for known in httpx.get(f"{base}/pretend/customers", timeout=60).json():
        label = f"Party {known['app_user_id']}"
        customer = lean_connecting.Customer(known["customer_id"], known["app_user_id"], label)
        for entity in lean_connecting.entities_of(application, customer):
            lean_connecting.connect_entity(application, customer, entity)
    return root


def _rows(root: Path) -> int:
    workplace = open_workplace(Home(root))
    with Decoder() as decoder:
        outcomes = merge_pending(workplace, decoder)
    return sum(outcome.counts["bank_transactions"].merged for outcome in outcomes)


def _command(root: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.feeds_pull", str(root)]


def _variables(root: Path) -> Mapping[str, str]:
    limits = {"HISAB_LEAN_REQUESTS_A_MINUTE": str(ASKED_A_SECOND * 60), "HISAB_PULL_THREADS": str(THREADS)}
    return {**os.environ, **environment(root, limits)}


def _stats(base: str) -> dict[str, Any]:
    return dict(httpx.get(f"{base}/pretend/stats", timeout=60).json())


def _log(base: str) -> list[dict[str, Any]]:
    return list(httpx.get(f"{base}/pretend/requests", timeout=60).json())
