"""Run commands as whole processes, in turn, and say what each took.

Commands that are compared run A B, A B, ...: a machine that grows slower or faster meanwhile slows both, and the
median of the per-round ratios is what is reported. Put here the running and the arithmetic; which commands are
compared stands in `benchmarks.cases`. Linux only: memory is read from /proc.
"""

from __future__ import annotations

import os
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
        largest_bytes: Largest resident memory of any single process: the kernel's own high-water mark, last read at
            most SAMPLE_SECONDS before the process ended. (What wait4 reports is no use here: it begins with the
            memory of the process that started the command.)
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
            sampler.finish()
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
    cpu = usage.ru_utime + usage.ru_stime
    return Sample(wall, cpu, max(sampler.tree_bytes, sampler.largest_bytes), sampler.largest_bytes)


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
        self.tree_bytes = 0
        self.largest_bytes = 0

    def run(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            memory = [_memory(pid) for pid in _tree(self._pid)]
            self.tree_bytes = max(self.tree_bytes, sum(now for now, _ in memory))
            self.largest_bytes = max(self.largest_bytes, *(most for _, most in memory))

    def finish(self) -> None:
        self._done.set()
        self.join()


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


def _memory(pid: int) -> tuple[int, int]:
    """Resident bytes of a process now, and the most it ever had since it began its program."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0, 0
    found = {
        name: int(value.split()[0]) * _KIB for name, _, value in (line.partition(":") for line in lines if "kB" in line)
    }
    return found.get("VmRSS", 0), found.get("VmHWM", 0)
