"""The decoding process: bytes in, checked records out, kept apart from keys, warehouse and network.

Runs as `python -m pipelines.ingest.decoder_process`, reads one JSON request a line and answers with frames: the
length of a JSON header, the header, and an Arrow stream when the header gives its length. A hostile file can at
worst end this process; the road then sets the file aside and starts another. `pipelines.ingest.decoding` is the
other end.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl
import pyarrow as pa

from pipelines.ingest.checks import Checker
from pipelines.ingest.decoding import HEADER_LENGTH
from pipelines.sources import home_records, registry
from pipelines.sources.bank_csv.proposal import Proposal, proposed
from pipelines.sources.recognising import readable, recognised, tables_of
from pipelines.sources.source import Decoded, Page, SourceError, UnknownForm
from warehouse.record_kinds import KINDS
from warehouse.schema_renderings import arrow_schema
from warehouse.sealed import SealError, read_sealed

MEMORY_BYTES = 3 << 30
"""What a decoding process may take: a file that needs more is refused, not waited for."""
CHUNK_ROWS = 1 << 14
"""Rows of an Arrow record batch: small enough that the engine reads one message with all its threads."""


class _Answer:
    """Writes frames to the pipe."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe

    def frame(self, header: dict[str, Any], table: pa.Table | None = None) -> None:
        body: bytes | memoryview = b""
        if table is not None:
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, table.schema) as stream:
                stream.write_table(table, max_chunksize=CHUNK_ROWS)
            body = memoryview(sink.getvalue())
            header = {**header, "arrow": len(body)}
        text = json.dumps(header, ensure_ascii=False).encode()
        self._pipe.write(HEADER_LENGTH.pack(len(text)) + text)
        self._pipe.write(body)
        self._pipe.flush()


def _inspect(request: dict[str, Any], answer: _Answer) -> None:
    with Path(request["path"]).open("rb") as body:
        file = recognised(body, request["layouts"])
        file_format, layout, questions = file.file_format, file.layout, file.questions()
    answer.frame(
        {
            "frame": "format",
            "source": file_format.source,
            "title": file_format.title,
            "layout": [layout.name, layout.title, dict(layout.settled)],
            "questions": [
                {"name": q.name, "text": q.text, "choices": list(q.choices), "pattern": q.pattern} for q in questions
            ],
        }
    )


def _propose(request: dict[str, Any], answer: _Answer) -> None:
    with Path(request["path"]).open("rb") as body:
        proposal = _first_proposal(tables_of(body), request["fixed"])
    answer.frame({"frame": "proposal", **asdict(proposal)})


def _first_proposal(tables: list[BinaryIO], fixed: dict[str, str]) -> Proposal:
    """Of the first table that holds days and amounts. Raises SourceError when none does, or `fixed` does not fit."""
    refusal = SourceError("The workbook has no sheet with a table; export it again.")
    for table in tables:
        try:
            return proposed(table, fixed)
        except SourceError as error:
            refusal = error
    raise refusal


def _pack_pages(request: dict[str, Any]) -> Iterator[tuple[dict[str, str], Iterable[Decoded]]]:
    """Each entry of a pack with what it decodes to."""
    path, key = Path(request["pack"]), base64.b64decode(request["key"])
    source = ""
    for facts, body in read_sealed(path, key, path.stem):
        if facts["entry"] == "load":
            source, answers = facts["source"], json.loads(facts["answers"])
            yield {"key": "connection", "sha256": ""}, [home_records.SOURCE.decode(Page("connection", body.read(), {}))]
        elif facts["entry"] == "file":
            yield facts, registry.file_format(source).read(readable(body, answers), answers)
        else:
            page = Page(facts["key"], body.read(), json.loads(facts["meta"]))
            yield facts, [registry.api_source(source).decode(page)]


def _plain_pages(request: dict[str, Any]) -> Iterator[tuple[dict[str, str], Iterable[Decoded]]]:
    path = Path(request["path"])
    with path.open("rb") as body:
        file_format = registry.file_format(request["source"])
        yield {"key": path.name, "sha256": ""}, file_format.read(readable(body, request["answers"]), request["answers"])


def _decode(pages: Iterator[tuple[dict[str, str], Iterable[Decoded]]], checker: Checker, answer: _Answer) -> None:
    for facts, stretches in pages:
        for decoded in stretches:
            _prove_nothing_lost(decoded)
            for batch in decoded.batches:
                verdict = checker.check(batch.kind, batch.frame)
                schema = arrow_schema(KINDS[batch.kind])
                table = verdict.passed.select(schema.names).to_arrow().cast(schema)
                header = {"frame": "batch", "kind": batch.kind, "identity": list(batch.identity)}
                answer.frame({**header, "page": facts["key"], "sha256": facts["sha256"]}, table)
                _send_rejects(verdict.rejects, facts, answer)
            _send_rejects(decoded.rejects, facts, answer)
            windows = [
                [w.kind, w.first_date.isoformat(), w.last_date.isoformat(), w.account_id] for w in decoded.windows
            ]
            answer.frame(
                {
                    "frame": "stretch",
                    "rows_read": _rows_read(decoded),
                    "windows": windows,
                    "cursor": decoded.cursor,
                    "restated": [[each.kind, each.column, list(each.values)] for each in decoded.restated],
                }
            )
    answer.frame({"frame": "done"})


def _send_rejects(rejects: pl.DataFrame, facts: dict[str, str], answer: _Answer) -> None:
    if len(rejects):
        answer.frame({"frame": "rejects", "page": facts["key"], "sha256": facts["sha256"]}, rejects.to_arrow())


def _given(decoded: Decoded) -> dict[str, int]:
    """Rows per kind that came out of a stretch: those that can be used and those set aside."""
    given: dict[str, int] = {}
    for batch in decoded.batches:
        given[batch.kind] = given.get(batch.kind, 0) + len(batch.frame)
    for kind, count in decoded.rejects.group_by("kind").len().iter_rows():
        given[kind] = given.get(kind, 0) + count
    return given


def _rows_read(decoded: Decoded) -> dict[str, int]:
    """Rows per kind: what the source says it held, else (derived kinds) what it gave."""
    return {**_given(decoded), **decoded.rows_read}


def _prove_nothing_lost(decoded: Decoded) -> None:
    given = _given(decoded)
    for kind, count in decoded.rows_read.items():
        if given.get(kind, 0) != count:
            raise SourceError(
                f"{count} rows of {kind} went in and {given.get(kind, 0)} came out: this is a defect of Hisab, "
                "nothing was merged; please report it."
            )


def _answer_to(request: dict[str, Any], checker: Checker, answer: _Answer) -> None:
    match request["do"]:
        case "warm":
            checker.warm()
        case "inspect":
            _inspect(request, answer)
        case "propose":
            _propose(request, answer)
        case "preview":
            _decode(_plain_pages(request), checker, answer)
        case _:
            _decode(_pack_pages(request), checker, answer)


def _serve(requests: Iterable[bytes], answer: _Answer) -> None:
    checker = Checker()
    for line in requests:
        request = json.loads(line)
        try:
            _answer_to(request, checker, answer)
        except UnknownForm as error:
            answer.frame({"frame": "error", "message": str(error), "unknown": True})
        except (SourceError, SealError) as error:
            answer.frame({"frame": "error", "message": str(error)})
        except MemoryError:
            answer.frame({"frame": "error", "message": "the file needs more memory than a file may take"})
        except OSError as error:
            answer.frame({"frame": "error", "message": f"the file cannot be read ({error.strerror})"})
        except Exception as error:  # noqa: BLE001 - a hostile file must never end in a traceback
            answer.frame({"frame": "error", "message": f"the file cannot be understood ({type(error).__name__})"})


def _main() -> None:
    pipe = os.fdopen(os.dup(1), "wb", buffering=1 << 20)
    os.dup2(2, 1)  # whatever a library prints must not mix with the frames
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    _serve(sys.stdin.buffer, _Answer(pipe))


if __name__ == "__main__":
    _main()
