"""A home's folders are private, and a file in it is old or new, never half."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from warehouse.home import Home, HomeError, write_whole


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_every_folder_can_be_entered_by_its_owner_only(home: Home) -> None:
    folders = [home.root, *(path for path in home.root.rglob("*") if path.is_dir())]
    assert len(folders) > 8
    assert {path.name: oct(_mode(path)) for path in folders if _mode(path) != 0o700} == {}


def test_folders_are_private_under_a_careless_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        home = Home(tmp_path / "home")
        home.make_folders()
        assert _mode(home.root) == _mode(home.keys) == _mode(home.warehouse_file.parent) == 0o700
    finally:
        os.umask(before)


def test_making_folders_again_changes_nothing(home: Home) -> None:
    (home.landing / "kept").write_bytes(b"1")
    home.make_folders()
    assert (home.landing / "kept").read_bytes() == b"1"


def test_a_missing_home_is_told_with_its_place_and_its_cure(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match=r"There is no home at .*nowhere\. Make one with `hisab init`"):
        Home(tmp_path / "nowhere").require()


def test_every_path_lies_in_the_home(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for name in dir(Home):
        if isinstance(getattr(Home, name), property):
            assert getattr(home, name).is_relative_to(tmp_path), name


def test_writing_whole_leaves_one_private_file_and_nothing_beside_it(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", "পুরানো قديم".encode())
    write_whole(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert _mode(tmp_path / "a") == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_failed_write_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    write_whole(tmp_path / "a", b"old")
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"old"


def test_the_bytes_reach_the_disk_before_the_name_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    real_sync, real_replace = os.fsync, Path.replace

    def sync(handle: int) -> None:
        order.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        real_sync(handle)

    def replace(path: Path, target: Path) -> Path:
        order.append("rename")
        return real_replace(path, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", replace)
    write_whole(tmp_path / "a", b"1")
    assert order == ["file", "rename", "folder"]
