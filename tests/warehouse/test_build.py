"""What dbt's invocation leaves behind, and what it says when it cannot run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from warehouse import build as dbt
from warehouse.build import BuildError, build, parse, project_hash, read_manifest
from warehouse.home import Home
from warehouse.working_file import pin_extensions

KEY = "c4" * 32


def test_a_manifest_is_written_once_and_again_only_when_the_project_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dbt, "PARSED", tmp_path / "parsed")
    where = {"target": tmp_path / "target", "logs": tmp_path / "logs"}
    first = parse(**where)
    stamp = first.stat().st_mtime_ns
    assert parse(**where).stat().st_mtime_ns == stamp

    monkeypatch.setattr(dbt, "project_hash", lambda: "another")
    assert parse(**where).stat().st_mtime_ns > stamp
    assert "model.hisab.fct_transactions" in read_manifest(**where)["nodes"]


def test_another_home_of_the_same_checkout_does_not_parse_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dbt, "PARSED", tmp_path / "parsed")
    first = parse(target=tmp_path / "one", logs=tmp_path / "logs")
    assert len(list((tmp_path / "parsed").iterdir())) == 1

    def no_dbt(*_: object, **__: object) -> None:
        raise AssertionError("parsed again")

    monkeypatch.setattr(dbt, "_invoke", no_dbt)
    second = parse(target=tmp_path / "two", logs=tmp_path / "logs")
    assert second.read_bytes() == first.read_bytes()


def test_a_checkout_that_cannot_be_written_is_parsed_by_each_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in the way").touch()
    monkeypatch.setattr(dbt, "PARSED", tmp_path / "in the way" / "parsed")
    assert parse(target=tmp_path / "one", logs=tmp_path / "logs").is_file()


def test_the_project_hash_is_of_the_projects_own_files() -> None:
    assert project_hash() == project_hash()
    assert len(project_hash()) == 64


def test_a_file_that_cannot_be_opened_is_one_clear_line_without_the_key(home: Home) -> None:
    home.warehouse_file.parent.mkdir(parents=True, exist_ok=True)
    home.warehouse_file.write_bytes(b"not a database" * 1000)
    with pytest.raises(BuildError) as problem:
        build(
            warehouse_file=home.warehouse_file,
            key=KEY,
            extensions=pin_extensions(home),
            spill=home.spill,
            target=home.dbt / "target",
            logs=home.dbt / "logs",
            memory_limit="512MB",
        )
    assert "\n" not in str(problem.value)
    assert KEY not in str(problem.value)
    assert problem.value.__cause__ is None
    assert not [name for name in os.environ if name.startswith(("HISAB_WAREHOUSE", "DBT_ENV_SECRET"))]
    assert all(KEY.encode() not in path.read_bytes() for path in home.root.rglob("*") if path.is_file())
