"""Rooms stay small: a file fits in the head, a function on a screen."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from tree import files, name, parsed, python_files, text

LARGEST_FUNCTION = 60
ONE_STATEMENT = {"benchmarks/entries.py entries_sql"}  # a function that is one SQL text
LARGEST_FILE_BYTES = 500_000
LOCKS = {"requirements.txt", "requirements-dev.txt", "requirements-bench.txt"}


@pytest.mark.parametrize(
    ("suffixes", "most"), [((".py",), 400), ((".sql",), 200), ((".yml", ".yaml"), 300)], ids=["python", "sql", "yaml"]
)
def test_no_file_is_longer_than_its_kind_may_be(suffixes: tuple[str, ...], most: int) -> None:
    lengths = {name(path): text(path).count("\n") for path in files(*suffixes)}
    assert {path: lines for path, lines in lengths.items() if lines > most} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{name(path)}:{node.lineno} {node.name}": node.end_lineno - node.lineno + 1
        for path in python_files()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LARGEST_FUNCTION
        and f"{name(path)} {node.name}" not in ONE_STATEMENT
    }
    assert long == {}


def test_no_big_file_is_committed() -> None:
    def size(path: Path) -> int:
        return path.stat().st_size

    big = {name(path): size(path) for path in files() if size(path) > LARGEST_FILE_BYTES}
    assert set(big) - LOCKS == set()


def test_text_files_end_with_one_line_end_and_have_no_stray_spaces() -> None:
    """Python is the formatter's; the spaces inside its texts are meant."""
    wrong = []
    for path in files(".sql", ".yml", ".yaml", ".toml", ".md"):
        content = text(path)
        if content and (not content.endswith("\n") or content.endswith("\n\n") or "\r" in content):
            wrong.append(f"{name(path)}: line ends")
        wrong += [
            f"{name(path)}:{number}: space at the end"
            for number, line in enumerate(content.splitlines(), 1)
            if line != line.rstrip()
        ]
    assert wrong == []
