"""Sealed files give back what was put in, and refuse everything else."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse.sealed import CHUNK_BYTES, SealedWriter, SealError, read_sealed

KEY = bytes(range(32))


def _write(path: Path, *entries: tuple[dict[str, str], bytes]) -> None:
    writer = SealedWriter(path, KEY, "load-1")
    for facts, body in entries:
        writer.add(facts, body)
    writer.finish()


def _read(path: Path, key: bytes = KEY, context: str = "load-1") -> list[tuple[dict[str, str], bytes]]:
    return [(facts, body.read()) for facts, body in read_sealed(path, key, context)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.dictionaries(st.text(), st.text(), max_size=3), st.binary(max_size=3000)), max_size=5))
def test_entries_come_back_as_they_went_in(tmp_path: Path, entries: list[tuple[dict[str, str], bytes]]) -> None:
    _write(tmp_path / "a", *entries)
    assert _read(tmp_path / "a") == entries


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 40, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_bodies_around_the_chunk_size_come_back(tmp_path: Path, size: int) -> None:
    body = bytes(i % 251 for i in range(size))
    _write(tmp_path / "a", ({"name": "বেতন راتب"}, body), ({}, b"next"))
    assert _read(tmp_path / "a") == [({"name": "বেতন راتب"}, body), ({}, b"next")]


def test_a_body_left_unread_is_skipped(tmp_path: Path) -> None:
    _write(tmp_path / "a", ({"n": "1"}, b"x" * 5000), ({"n": "2"}, b"y"))
    assert [facts["n"] for facts, _ in read_sealed(tmp_path / "a", KEY, "load-1")] == ["1", "2"]


def test_nothing_shows_in_clear(tmp_path: Path) -> None:
    _write(tmp_path / "a", ({"file": "canary-name.csv"}, b"canary-note" * 100))
    assert b"canary" not in (tmp_path / "a").read_bytes()


def test_every_flipped_byte_is_found(tmp_path: Path) -> None:
    _write(tmp_path / "a", ({"n": "1"}, b"amount 42000"))
    good = (tmp_path / "a").read_bytes()
    for place in range(len(good)):
        bad = bytearray(good)
        bad[place] ^= 1
        (tmp_path / "a").write_bytes(bad)
        with pytest.raises(SealError):
            _read(tmp_path / "a")


def test_every_cut_is_found(tmp_path: Path) -> None:
    _write(tmp_path / "a", ({"n": "1"}, b"z" * (2 * CHUNK_BYTES)))
    good = (tmp_path / "a").read_bytes()
    for length in (0, 10, 36, 40, CHUNK_BYTES, CHUNK_BYTES + 36 + 20, len(good) - 1):
        (tmp_path / "a").write_bytes(good[:length])
        with pytest.raises(SealError):
            _read(tmp_path / "a")


def test_another_key_or_another_place_is_refused(tmp_path: Path) -> None:
    _write(tmp_path / "a", ({}, b"1"))
    with pytest.raises(SealError):
        _read(tmp_path / "a", key=bytes(32))
    with pytest.raises(SealError):
        _read(tmp_path / "a", context="load-2")


def test_a_file_that_grows_or_shrinks_while_read_is_refused(tmp_path: Path) -> None:
    for given_length in (3, 5):
        writer = SealedWriter(tmp_path / "a", KEY, "load-1")
        with pytest.raises(SealError):
            writer.add_stream({}, io.BytesIO(b"1234"), given_length)
        writer.abandon()
    assert list(tmp_path.iterdir()) == []


def test_the_digest_is_that_of_the_body(tmp_path: Path) -> None:
    digest = hashlib.sha256()
    writer = SealedWriter(tmp_path / "a", KEY, "load-1")
    writer.add_stream({}, io.BytesIO(b"abc"), 3, digest)
    writer.finish()
    assert digest.hexdigest() == hashlib.sha256(b"abc").hexdigest()
