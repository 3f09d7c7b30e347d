"""What people see in the terminal: the console, a live line of progress, tables and amounts."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal

from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.table import Table

from pipelines.progress import telling

_PIPED_WIDTH = 400
"""Characters a line may take where no terminal folds it; COLUMNS wins, as everywhere."""

console = Console(
    highlight=False,
    width=None if sys.stdout.isatty() else shutil.get_terminal_size((_PIPED_WIDTH, 0)).columns,
)
errors = Console(stderr=True, highlight=False)
_live: ContextVar[Status | None] = ContextVar("live", default=None)


@contextmanager
def following(title: str) -> Iterator[list[str]]:
    """Show what is told on one live line (plain lines where there is no terminal); collects the warnings."""
    warnings: list[str] = []
    with errors.status(escape(title)) as status:
        token = _live.set(status)

        def teller(line: str, needs_person: bool) -> None:
            if needs_person:
                warnings.append(line)
            elif sys.stderr.isatty():
                status.update(escape(f"{title}: {line}"))
            elif not line.startswith("built "):  # a log needs no line per model
                errors.print(escape(f"{title}: {line}"))

        try:
            with telling(teller):
                yield warnings
        finally:
            _live.reset(token)
    for line in warnings:
        errors.print(f"[yellow]![/] {escape(line)}", soft_wrap=True)


@contextmanager
def asking() -> Iterator[None]:
    """Hold the live line still while a person is asked something."""
    status = _live.get()
    if status is not None:
        status.stop()
    yield
    if status is not None:
        status.start()


def table(*columns: str, right: tuple[str, ...] = (), whole: tuple[str, ...] = ()) -> Table:
    """An empty table a person can scan.

    The columns `right` are aligned to the right; the cells of the columns `whole` are never folded.
    """
    made = Table(header_style="bold", box=None, pad_edge=False)
    for column in columns:
        made.add_column(
            column, justify="right" if column in right else "left", overflow="fold", no_wrap=column in whole
        )
    return made


def amount(value: Decimal) -> str:
    """An amount with grouped digits and at least two decimals, exact."""
    text = f"{value:,f}"
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"
