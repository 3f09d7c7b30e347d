"""The repository as the convention tests see it: its files, parsed once. What is generated or private is left out."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("pipelines", "warehouse", "dashboards", "benchmarks", "tests")
"""Top-level folders of Python."""

_FOLDERS = (*ROOMS, "dbt_project", "docs", ".ci")
_GENERATED = {"__pycache__", "target", "logs", ".data", "dbt_packages", ".hypothesis"}


@cache
def files(*suffixes: str) -> tuple[Path, ...]:
    """Every file of the project with one of the suffixes (all, when none is given), by name."""
    found = [path for path in ROOT.iterdir() if path.is_file()]
    for folder in _FOLDERS:
        found += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    return tuple(
        sorted(
            path
            for path in found
            if not _GENERATED & set(path.relative_to(ROOT).parts)
            and path.suffix != ".duckdb"
            and (not suffixes or path.suffix in suffixes)
        )
    )


def name(path: Path) -> str:
    """The path in the repository, with forward slashes."""
    return path.relative_to(ROOT).as_posix()


@cache
def text(path: Path) -> str:
    """The file's text."""
    return path.read_text(encoding="utf-8")


@cache
def parsed(path: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(text(path), filename=str(path))


def python_files(*rooms: str) -> list[Path]:
    """Modules of these rooms, all when none is given; a room is a folder or a file, such as `pipelines/sources`."""
    wanted = rooms or ROOMS
    return [
        path for path in files(".py") if any(name(path) == room or name(path).startswith(f"{room}/") for room in wanted)
    ]


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted module) of everything the module imports, wherever in it; `from a import b` gives `a` and `a.b`."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield node.lineno, module
            for alias in node.names:
                yield node.lineno, f"{module}.{alias.name}"


def within(module: str, *packages: str) -> bool:
    """Whether a dotted name is one of the packages or lies in one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)
