"""The road's end of the decoding process: asks, and receives checked records as Arrow tables."""

from __future__ import annotations

import base64
import json
import os
import re
import select
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from pipelines.sources.bank_csv.proposal import Proposal
from pipelines.sources.source import FoundLayout, Question, SourceError, UnknownForm

_SECRET = re.compile("KEY|SECRET|PASSWORD|TOKEN")
HEADER_LENGTH = struct.Struct(">I")
"""Before each frame: how long its JSON header is."""
SILENCE_SECONDS = 120
"""A decoding process that says nothing for this long is ended."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Checked rows of one kind from one page: `arrow_schema` of the kind."""

    kind: str
    identity: tuple[str, ...]
    page: str
    sha256: str
    table: pa.Table


@dataclass(frozen=True, slots=True)
class Rejects:
    """Rows set aside, as REJECT_SCHEMA."""

    page: str
    sha256: str
    table: pa.Table


@dataclass(frozen=True, slots=True)
class Stretch:
    """The end of a stretch.

    Attributes:
        rows_read: Rows read per kind.
        windows: Windows read whole: kind, first, last, account.
        cursor: The next cursor.
        restated: Things told anew: kind, column, values.
    """

    rows_read: Mapping[str, int]
    windows: tuple[tuple[str, str, str, str | None], ...]
    cursor: str | None
    restated: tuple[tuple[str, str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file was recognised as, and what it leaves open.

    Attributes:
        source: Name of the format.
        title: What people call the format.
        questions: What only the person can say.
        layout: The layout; its name is empty where the format has only one.
    """

    source: str
    title: str
    questions: tuple[Question, ...]
    layout: FoundLayout


class Decoder:
    """One decoding process, started when first needed and used for many loads."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Use as a context manager, so that the process ends with the work."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the process."""
        self.close()

    def close(self) -> None:
        """End the process if it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process = None

    def warm(self) -> None:
        """Start the process and let it import its libraries while the caller does something else."""
        self._ask({"do": "warm"})

    def inspect(self, path: Path, layouts: Mapping[str, str] | None = None) -> Recognised:
        """Recognise a file by its content; `layouts` are the person's own, texts by file name.

        Raises UnknownForm when it is in no form understood, SourceError when it cannot be used.
        """
        self._ask({"do": "inspect", "path": str(path.resolve()), "layouts": dict(layouts or {})})
        header, _ = self._frame()
        questions = tuple(
            Question(q["name"], q["text"], tuple(q["choices"]), q["pattern"]) for q in header["questions"]
        )
        return Recognised(header["source"], header["title"], questions, FoundLayout(*header["layout"]))

    def propose(self, path: Path, fixed: Mapping[str, str]) -> Proposal:
        """What a profile for a table of an unknown layout could be; `fixed` is what the person settled.

        Raises SourceError when the file is no such table.
        """
        self._ask({"do": "propose", "path": str(path.resolve()), "fixed": dict(fixed)})
        header, _ = self._frame()
        doubts = tuple(Question(d["name"], d["text"], tuple(d["choices"]), d["pattern"]) for d in header["doubts"])
        rows = tuple(tuple(row) for row in header["rows"])
        columns, shown = tuple(header["columns"]), tuple(header["shown"])
        return Proposal(header["text"], dict(header["fields"]), dict(header["why"]), doubts, rows, columns, shown)

    def preview(self, path: Path, source: str, answers: Mapping[str, str]) -> Iterator[Rows | Rejects | Stretch]:
        """Decode and check a file that has not landed. Raises SourceError."""
        self._ask({"do": "preview", "path": str(path.resolve()), "source": source, "answers": dict(answers)})
        return self._answers()

    def decode(self, pack: Path, subject_key: bytes) -> Iterator[Rows | Rejects | Stretch]:
        """Decode and check a landed load. Raises SourceError."""
        key = base64.b64encode(subject_key).decode()
        self._ask({"do": "decode", "pack": str(pack), "key": key})
        return self._answers()

    def _ask(self, request: dict[str, Any]) -> None:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "pipelines.ingest.decoder_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=Path(__file__).resolve().parents[2],
                env={name: value for name, value in os.environ.items() if not _SECRET.search(name)},
            )
        stdin = self._process.stdin
        if stdin is None:  # pragma: no cover - it is a pipe
            raise SourceError("the decoding process has no input")
        stdin.write(json.dumps(request).encode() + b"\n")
        stdin.flush()

    def _answers(self) -> Iterator[Rows | Rejects | Stretch]:
        while True:
            header, table = self._frame()
            match header["frame"]:
                case "batch":
                    kind, identity = header["kind"], tuple(header["identity"])
                    yield Rows(kind, identity, header["page"], header["sha256"], table)
                case "rejects":
                    yield Rejects(header["page"], header["sha256"], table)
                case "stretch":
                    windows = tuple((kind, first, last, account) for kind, first, last, account in header["windows"])
                    restated = tuple((kind, column, tuple(values)) for kind, column, values in header["restated"])
                    yield Stretch(header["rows_read"], windows, header["cursor"], restated)
                case _:
                    return

    def _frame(self) -> tuple[dict[str, Any], pa.Table | None]:
        (length,) = HEADER_LENGTH.unpack(self._read(HEADER_LENGTH.size))
        header = json.loads(self._read(length))
        if header["frame"] == "error":
            raise (UnknownForm if header.get("unknown") else SourceError)(header["message"])
        if "arrow" not in header:
            return header, None
        with pa.ipc.open_stream(pa.py_buffer(self._read(header["arrow"]))) as stream:
            return header, stream.read_all()

    def _read(self, length: int) -> bytes:
        process = self._process
        if process is None or process.stdout is None:  # pragma: no cover - asked before started
            raise SourceError("the decoding process is not running")
        pieces = bytearray()
        while len(pieces) < length:
            ready, _, _ = select.select([process.stdout], [], [], SILENCE_SECONDS)
            piece = os.read(process.stdout.fileno(), min(length - len(pieces), 1 << 20)) if ready else b""
            if not piece:
                self.close()
                raise SourceError("the file could not be read within the limits of memory and time")
            pieces += piece
        return bytes(pieces)
