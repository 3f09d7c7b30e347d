"""What a measurement gives: rows of one table, and how that table is written for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Ratio

BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
"""Marks in benchmarks/README.md between which the last run's results stand."""

GIGABYTE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        case: Letter of the case, a to f, or its name.
        what: What was compared with what, and at which size.
        goal: What the figure should not exceed; None where no goal is set.
        measured: The median and extremes over the rounds; None when it was not measured.
        unit: "x" (a ratio), "GB" (memory, 10^9 bytes), "/s" (a rate) or "" (an exponent).
        times: The medians behind a ratio, for people.
        reason: Why it was not measured; empty when it was.
    """

    case: str
    what: str
    goal: float | None = None
    measured: Ratio | None = None
    unit: str = "x"
    times: str = ""
    reason: str = ""

    @property
    def verdict(self) -> str:
        """Met, not met, or a dash where there is no goal or no figure."""
        if self.measured is None or self.goal is None:
            return "-"
        return "met" if self.measured.median <= self.goal else "**not met**"


def not_measured(case: str, what: str, reason: str, goal: float | None = None) -> Row:
    """A row that says why it has no figure."""
    return Row(case, what, goal, reason=reason)


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| | what | goal | measured (median) | | rounds | lowest to highest | medians behind it |",
        "|---|---|---:|---:|---|---:|---|---|",
    ]
    for row in rows:
        goal = f"≤ {row.goal:g}{_unit(row)}" if row.goal is not None else "-"
        if row.measured is None:
            lines.append(f"| {row.case} | {row.what} | {goal} | not measured: {row.reason} | - | 0 | - | - |")
            continue
        found = row.measured
        lines.append(
            f"| {row.case} | {row.what} | {goal} | {found.median:.2f}{_unit(row)} | {row.verdict} | {found.rounds} "
            f"| {found.lowest:.2f} to {found.highest:.2f} | {row.times} |"
        )
    return "\n".join(lines)


def _unit(row: Row) -> str:
    return f" {row.unit}".rstrip() if row.unit != "x" else "x"


def write_results(readme: Path, text: str) -> None:
    """Put `text` between the marks of `readme`; what stands outside them stays."""
    whole = readme.read_text(encoding="utf-8")
    before, _, rest = whole.partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n\n{text.strip()}\n\n{END}{after}", encoding="utf-8")
