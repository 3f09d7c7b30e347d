"""Arbitrary and damaged bytes: a format reads them or raises SourceError, nothing else, and it finishes."""

from __future__ import annotations

import pytest
from damaged_files import FORMATS, HEADS, PIECES, try_all, whole_files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.sources.source import FileFormat


@pytest.mark.parametrize("file_format", FORMATS, ids=lambda each: each.source)
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=st.binary(max_size=300))
def test_arbitrary_bytes_raise_nothing_but_source_errors(file_format: FileFormat, body: bytes) -> None:
    try_all(file_format, body)


@pytest.mark.parametrize("file_format", FORMATS, ids=lambda each: each.source)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_damaged_files_raise_nothing_but_source_errors(file_format: FileFormat, data: st.DataObject) -> None:
    body = data.draw(st.sampled_from(whole_files(file_format)))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(body)))
        end = min(len(body), start + data.draw(st.integers(0, 40)))
        body = body[:start] + data.draw(st.sampled_from([b"", *PIECES])) + body[end:]
    try_all(file_format, body)


@pytest.mark.parametrize("file_format", FORMATS, ids=lambda each: each.source)
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=30))
def test_heaps_of_fragments_raise_nothing_but_source_errors(file_format: FileFormat, pieces: list[bytes]) -> None:
    try_all(file_format, HEADS.get(file_format.source, b"") + b"".join(pieces))
