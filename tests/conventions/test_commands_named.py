"""Wherever a message or a page tells people to run a command, that command is there."""

from __future__ import annotations

import re

import pytest
from tree import files, name, python_files, text

NAMED = re.compile(r"`hisab ([a-z]+)")


@pytest.fixture(scope="module")
def commands() -> set[str]:
    """First words of every command."""
    from typer.main import get_command

    from pipelines.cli import app

    return set(get_command(app).commands)  # type: ignore[attr-defined]


def test_every_command_people_are_told_to_run_is_there(commands: set[str]) -> None:
    pages = [*python_files("pipelines", "warehouse", "dashboards", "benchmarks"), *files(".md", ".yml", ".yaml")]
    told = {
        f"{name(path)}: hisab {command}"
        for path in pages
        for command in NAMED.findall(text(path))
        if command not in commands
    }
    assert told == set()
