"""What the tests of file formats share: read a whole file, and see that nothing of it is lost."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import polars as pl

from pipelines.sources.source import REJECT_SCHEMA, FileFormat
from warehouse.record_kinds import KINDS
from warehouse.schema_renderings import polars_schema

FIXTURES = Path(__file__).parents[2] / "fixtures"


class OnceOnly(io.BytesIO):
    """A file that is read in order: going back is an error."""

    def seek(self, offset: int, whence: int = 0) -> int:  # noqa: ARG002 - the form of a file
        raise AssertionError("read() went back in the file")


@dataclass(frozen=True)
class WholeFile:
    """Everything a file decoded to."""

    frames: Mapping[str, pl.DataFrame]
    rejects: pl.DataFrame
    rows_read: Mapping[str, int]

    def rows(self, kind: str, *columns: str) -> list[tuple[object, ...]]:
        return self.frames[kind].select(columns).rows()


def decode(file_format: FileFormat, body: bytes | BinaryIO, answers: Mapping[str, str] | None = None) -> WholeFile:
    """Read a whole file, or the text of a sheet, and prove, stretch by stretch, that rows in are rows out."""
    frames = {kind: [pl.DataFrame(schema=polars_schema(KINDS[kind]))] for kind in file_format.kinds}
    rejects = [pl.DataFrame(schema=REJECT_SCHEMA)]
    counts = dict.fromkeys(file_format.kinds, 0)
    for decoded in file_format.read(OnceOnly(body) if isinstance(body, bytes) else body, answers or {}):
        out = dict.fromkeys(file_format.kinds, 0)
        for batch in decoded.batches:
            assert dict(batch.frame.schema) == polars_schema(KINDS[batch.kind])
            assert bool(batch.identity) == (batch.frame["record_id"].null_count() > 0) or batch.frame.is_empty()
            frames[batch.kind].append(batch.frame)
            out[batch.kind] += batch.frame.height
        for kind in decoded.rejects["kind"]:
            out[kind] += 1
        assert {kind: count for kind, count in out.items() if count} == {
            k: n for k, n in decoded.rows_read.items() if n
        }
        rejects.append(decoded.rejects)
        for kind, count in decoded.rows_read.items():
            counts[kind] += count
    return WholeFile({kind: pl.concat(parts) for kind, parts in frames.items()}, pl.concat(rejects), counts)


def asked(file_format: FileFormat, body: bytes) -> list[str]:
    """Names of the questions a file leaves open."""
    return [question.name for question in file_format.questions(io.BytesIO(body))]
