"""The locks hold what pyproject.toml asks for, pinned by hash, and name no index, address or path."""

from __future__ import annotations

import re
import tomllib
from functools import cache

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from tree import ROOT, text

LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-bench.txt")
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", re.MULTILINE)


@cache
def pins(lock: str) -> dict[str, set[Version]]:
    """Package and its pinned versions; markers may split one package over several pins."""
    found: dict[str, set[Version]] = {}
    for package, version in PIN.findall(text(ROOT / lock)):
        found.setdefault(canonicalize_name(package), set()).add(Version(version))
    return found


def _project() -> dict[str, list[str]]:
    document = tomllib.loads(text(ROOT / "pyproject.toml"))
    return {"run": document["project"]["dependencies"], **document["dependency-groups"]}


@pytest.mark.parametrize(
    ("lock", "groups"),
    [
        ("requirements.txt", ("run", "build")),
        ("requirements-dev.txt", ("run", "build", "dev")),
        ("requirements-bench.txt", ("bench",)),
    ],
)
def test_every_dependency_is_pinned_within_its_range(lock: str, groups: tuple[str, ...]) -> None:
    for group in groups:
        for line in _project()[group]:
            wanted = Requirement(line)
            found = pins(lock).get(canonicalize_name(wanted.name), set())
            assert found, f"{lock} does not pin {wanted.name}; run `make lock`"
            assert all(version in wanted.specifier for version in found), f"{lock}: {line} against {found}"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index_address_or_path(lock: str) -> None:
    lines = [line for line in text(ROOT / lock).splitlines() if not line.lstrip().startswith(("#", "--hash=sha256:"))]
    assert [line for line in lines if not PIN.match(line)] == []
    assert "://" not in text(ROOT / lock)
    assert " @ " not in text(ROOT / lock)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_its_hashes(lock: str) -> None:
    blocks = re.split(r"\n(?=\S)", text(ROOT / lock))
    pinned = [block for block in blocks if PIN.match(block)]
    assert len(pinned) > 5
    assert [block.split("\n", 1)[0] for block in pinned if "--hash=sha256:" not in block] == []


def test_the_locks_agree_with_each_other() -> None:
    for package, versions in pins("requirements.txt").items():
        assert pins("requirements-dev.txt").get(package) == versions, package


def test_the_build_tool_in_the_lock_is_the_one_the_build_asks_for() -> None:
    document = tomllib.loads(text(ROOT / "pyproject.toml"))
    assert document["build-system"]["requires"] == document["dependency-groups"]["build"]


def test_this_very_environment_is_the_locked_one() -> None:
    """Whoever runs the tests runs the pinned versions; a stray upgrade would prove something else."""
    from importlib.metadata import version

    for package in ("duckdb", "duckdb-extension-httpfs", "dbt-duckdb", "dagster", "polars", "pyarrow", "pydantic"):
        assert Version(version(package)) in pins("requirements-dev.txt")[package], package
