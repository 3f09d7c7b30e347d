"""Run commands as whole processes, in turn, and say what each took.

Commands that are compared run A B, A B, ...: a machine that grows slower or faster meanwhile slows both, and the
median of the per-round ratios is what is reported. Put here the running and the arithmetic; which commands are
compared stands in `benchmarks.cases`. Linux only: memory is read from /proc.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SAMPLE_SECONDS = 0.02
"""How often the memory of the process tree is looked at."""

_PAGE = resource.getpagesize()
_KIB = 1024
_TAIL_LINES = 12


class MeasureError(Exception):
    """A command failed; the message holds the end of what it said."""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to measure.

    Attributes:
        name: What tables call it.
        arguments: The program and its arguments.
        environment: Variables on top of the present ones.
        prepare: Runs before each round, unmeasured: bring the state back to where the command starts.
        stdout: Where its output goes; thrown away by default.
    """

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], None] | None = None
    stdout: Path | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """What one run took.

    Attributes:
        wall_seconds: From start to end.
        cpu_seconds: User and system time of the process and all children it waited for.
        tree_bytes: Largest sum of resident memory over the process and its descendants, sampled; shared pages count
            once for each process, so it is an upper bound between samples.
        largest_bytes: Largest resident memory of any single process, as the kernel kept it.
    """

    wall_seconds: float
    cpu_seconds: float
    tree_bytes: int
    largest_bytes: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """How two commands compare over the rounds: the median and the extremes of the per-round ratios."""

    median: float
    lowest: float
    highest: float
    rounds: int


def run_once(command: Command) -> Sample:
    """Run a command to its end. Raises MeasureError when it fails."""
    if command.prepare is not None:
        command.prepare()
    with tempfile.TemporaryFile() as errors:
        output = command.stdout.open("wb") if command.stdout else None
        try:
            start = time.perf_counter()
            process = subprocess.Popen(
                command.arguments,
                env={**os.environ, **command.environment},
                stdin=subprocess.DEVNULL,
                stdout=output or errors,
                stderr=errors,
            )
            sampler = _TreeSampler(process.pid)
            sampler.start()
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            peak = sampler.finish()
        finally:
            if output:
                output.close()
        if process.returncode != 0:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip().splitlines()
            raise MeasureError(
                f"{command.name} ended with {process.returncode}:\n  "
                + "\n  ".join(said[-_TAIL_LINES:] or ["(silent)"])
            )
    largest = usage.ru_maxrss * _KIB
    return Sample(wall, usage.ru_utime + usage.ru_stime, max(peak, largest), largest)


def run_rounds(commands: Sequence[Command], rounds: int) -> dict[str, list[Sample]]:
    """Run the commands one after the other, `rounds` times; samples by name, in the order of the rounds."""
    samples: dict[str, list[Sample]] = {command.name: [] for command in commands}
    for _ in range(rounds):
        for command in commands:
            samples[command.name].append(run_once(command))
    return samples


def wall_ratio(these: Sequence[Sample], those: Sequence[Sample], *, less: Sequence[Sample] = ()) -> Ratio:
    """Wall time of `these` over `those`, round by round; `less` is a fixed cost taken off both, where given."""
    fixed = [sample.wall_seconds for sample in less] or [0.0] * len(these)
    return ratio_of(
        [sample.wall_seconds - cost for sample, cost in zip(these, fixed, strict=True)],
        [sample.wall_seconds - cost for sample, cost in zip(those, fixed, strict=True)],
    )


def ratio_of(these: Sequence[float], those: Sequence[float]) -> Ratio:
    """The per-round ratios of two rows of figures, summed up."""
    ratios = [one / other for one, other in zip(these, those, strict=True)]
    return Ratio(statistics.median(ratios), min(ratios), max(ratios), len(ratios))


def median_wall(samples: Sequence[Sample]) -> float:
    """Median wall time in seconds."""
    return statistics.median(sample.wall_seconds for sample in samples)


def peak_bytes(samples: Sequence[Sample]) -> int:
    """Median over the rounds of the peak memory of the whole tree."""
    return int(statistics.median(sample.tree_bytes for sample in samples))


class _TreeSampler(threading.Thread):
    """Sums the resident memory of a process and its descendants until told to finish."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._done = threading.Event()
        self._peak = 0

    def run(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            self._peak = max(self._peak, sum(_resident(pid) for pid in _tree(self._pid)))

    def finish(self) -> int:
        self._done.set()
        self.join()
        return self._peak


def _tree(root: int) -> list[int]:
    """The process and its descendants, as the kernel lists them now."""
    found = [root]
    for pid in found:
        try:
            for thread in Path(f"/proc/{pid}/task").iterdir():
                found += [int(child) for child in (thread / "children").read_text(encoding="ascii").split()]
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended between two looks
    return found


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return 0
