"""Names and words: every module says what it is for, none is a drawer, nothing is left for later."""

from __future__ import annotations

import ast
import re

from tree import files, imports, name, parsed, python_files, text, within

DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "base", "core", "lib"}
LEFT_FOR_LATER = re.compile("|".join(rf"\b{first}{second}\b" for first, second in (("TO", "DO"), ("FIX", "ME"))))
MACHINE_PATHS = re.compile(r"(?<![\w.])/(work|root|home/\w+|Users/\w+|tmp/w)/")


def test_every_module_says_what_belongs_in_it() -> None:
    modules = python_files("pipelines", "warehouse", "dashboards", "benchmarks")
    silent = [name(path) for path in modules if not ast.get_docstring(parsed(path))]
    assert silent == []


def test_every_public_name_is_described() -> None:
    silent = []
    for path in python_files("pipelines", "warehouse", "dashboards", "benchmarks"):
        for owner in [parsed(path), *(node for node in parsed(path).body if isinstance(node, ast.ClassDef))]:
            if isinstance(owner, ast.ClassDef) and owner.name.startswith("_"):
                continue
            silent += [
                f"{name(path)}:{node.lineno} {node.name}"
                for node in owner.body
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                and not node.name.startswith("_")
                and not ast.get_docstring(node)
                and not any("override" in ast.unparse(mark) for mark in node.decorator_list)
            ]
    assert silent == []


def test_no_module_is_a_drawer_for_anything() -> None:
    parts = {name(path): {part.removesuffix(".py") for part in name(path).split("/")} for path in python_files()}
    assert [path for path, words in parts.items() if words & DRAWERS] == []


def test_nothing_is_left_for_later() -> None:
    left = [
        f"{name(path)}:{number}"
        for path in files(".py", ".sql", ".yml", ".yaml", ".md", ".toml", "")
        for number, line in enumerate(text(path).splitlines(), 1)
        if LEFT_FOR_LATER.search(line)
    ]
    assert left == []


def test_nothing_names_the_machine_it_was_written_on() -> None:
    found = [
        f"{name(path)}:{number}: {line.strip()[:80]}"
        for path in files(".py", ".sql", ".yml", ".yaml", ".md", ".toml", ".txt", ".json", ".csv", "")
        for number, line in enumerate(text(path).splitlines(), 1)
        if MACHINE_PATHS.search(line)
    ]
    assert found == []


def test_no_two_test_modules_share_a_name() -> None:
    """They are imported by their bare names, so two would collide."""
    names = [path.name for path in python_files("tests") if path.name != "conftest.py"]
    assert sorted({one for one in names if names.count(one) > 1}) == []


def test_nobody_imports_from_a_conftest() -> None:
    """There are several, so which one is meant depends on what was collected before."""
    wrong = [
        f"{name(path)}:{line}"
        for path in python_files("tests")
        for line, module in imports(path)
        if within(module, "conftest")
    ]
    assert wrong == []


def test_test_names_are_sentences() -> None:
    short = [
        f"{name(path)}: {node.name}"
        for path in python_files("tests")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and node.name.count("_") < 3
    ]
    assert short == []
