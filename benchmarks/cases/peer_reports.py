"""Case f: the same entries in the programs people would pick instead; every answer must agree to the cent.

Hisab's side is a cold `hisab import` and a cold `hisab sync` (Dagster, dbt, all tests, publish, page) in a fresh home,
from the app's own export; the peers read journals in their own form in which each category is posted already. Asking
Hisab the two questions afterwards is timed as well and shown beside it, since the peers' time holds their answers.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import peers
from benchmarks.bench import HISAB, MILLION, Bench, count_text, environment, seconds_text
from benchmarks.measure import Command, MeasureError, Sample, median_wall, run_rounds, wall_ratio
from benchmarks.peers import Answers
from benchmarks.results import Row, not_measured

GOALS = {("hledger", 100_000): 0.75, ("ledger", MILLION): 0.25}
_BYTES_AN_ENTRY = {"hledger": 9_000, "ledger": 3_500, "beancount": 6_000}
"""Memory the peers were seen to need, generously; a machine with less does not run them."""


@dataclass(frozen=True, slots=True)
class _Peer:
    """One program: its journal, how it is asked, how its answers are read."""

    name: str
    journal: Path
    command: Callable[[Path, Path, Path], Command]
    read: Callable[[Path, Path], Answers]


def measure(bench: Bench) -> list[Row]:
    """One row a size and program."""
    rows = []
    for count in bench.sizes.peers:
        rows += _one_size(bench, count)
    return rows


def _one_size(bench: Bench, count: int) -> list[Row]:
    present: list[_Peer] = []
    rows: list[Row] = []
    for peer in _peers(bench, count):
        if reason := peers.missing(peer.name) or _too_little_memory(peer.name, count):
            rows.append(not_measured("f", _what(peer.name, count), reason, GOALS.get((peer.name, count))))
        else:
            present.append(peer)
    places = {name: (bench.data / f"{name}.monthly", bench.data / f"{name}.balances") for name in _names(present)}
    job, asking = _hisab_commands(bench, count, *places["hisab"])
    commands = [job, asking, *(peer.command(peer.journal, *places[peer.name]) for peer in present)]
    samples = run_rounds(commands, bench.rounds)
    ours = peers.hisab_answers(*places["hisab"])
    for peer in present:
        _prove_equal(peer, ours, peer.read(*places[peer.name]))
        rows.append(_row(peer.name, count, samples[job.name], samples[asking.name], samples[peer.name]))
    return rows


def _names(present: list[_Peer]) -> list[str]:
    return ["hisab", *(peer.name for peer in present)]


def _peers(bench: Bench, count: int) -> list[_Peer]:
    return [
        _Peer("hledger", bench.journal(count), peers.hledger_command, peers.hledger_answers),
        _Peer("ledger", bench.journal(count), peers.ledger_command, peers.ledger_answers),
        _Peer("beancount", bench.beancount(count), peers.beancount_command, peers.beancount_answers),
    ]


def _hisab_commands(bench: Bench, count: int, monthly: Path, balances: Path) -> tuple[Command, Command]:
    root, csv = bench.data / f"peer-{count}", bench.wallet_csv(count)

    def prepare() -> None:
        bench.new_home(root.name)

    program = shlex.quote(HISAB)
    working = f"{program} import --yes --party Bench {shlex.quote(str(csv))} && {program} sync"
    asking = " && ".join(
        f"{program} query {shlex.quote(question)} --format csv > {shlex.quote(str(place))}"
        for question, place in ((peers.HISAB_MONTHLY, monthly), (peers.HISAB_BALANCES, balances))
    )
    job = Command("import and sync", ("/bin/sh", "-c", working), environment(root))
    return replace(job, prepare=prepare), Command("two queries", ("/bin/sh", "-c", asking), environment(root))


def _row(name: str, count: int, job: list[Sample], asking: list[Sample], theirs: list[Sample]) -> Row:
    times = seconds_text(
        import_and_sync=median_wall(job), two_queries=median_wall(asking), **{name: median_wall(theirs)}
    )
    return Row("f", _what(name, count), GOALS.get((name, count)), wall_ratio(job, theirs), times=times)


def _what(name: str, count: int) -> str:
    return f"import and sync of {count_text(count)} entries, cold / {name}: monthly totals and balances"


def _prove_equal(peer: _Peer, ours: Answers, theirs: Answers) -> None:
    """Raises MeasureError when one total or balance differs."""
    if ours != theirs:
        months = set(ours.monthly.items()) ^ set(theirs.monthly.items())
        balances = set(ours.balances.items()) ^ set(theirs.balances.items())
        raise MeasureError(
            f"Hisab and {peer.name} disagree on {len(months)} monthly totals and {len(balances)} balances, "
            f"for example {sorted(map(str, (*months, *balances)))[:3]}"
        )


def _too_little_memory(name: str, count: int) -> str:
    available = next(
        int(line.split()[1]) * 1024
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        if line.startswith("MemAvailable")
    )
    needed = _BYTES_AN_ENTRY[name] * count
    return "" if available > needed else f"{name} needs about {needed / 1e9:.0f} GB of memory for this"
