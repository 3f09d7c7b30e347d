"""A file's bytes as clean UTF-8, whatever Unicode form they came in.

Put here what is true of text files before any format: byte order marks, UTF-16, NUL bytes, bytes that are no UTF-8,
and the marks by which a file is no text at all. Keep out rows and columns (`delimited`).
"""

from __future__ import annotations

import codecs
import contextlib
import io
import re
from collections.abc import Callable
from typing import BinaryIO

import polars as pl

from pipelines.sources.source import SourceError

_MARKER_BASE = 0x10FF00
BAD_BYTE = "[\U0010ff80-\U0010ffff]"
"""A byte that is no UTF-8 is carried as a private character of this range, so that its row can be named."""

HEAD_BYTES = 65536
"""Bytes by which a file is recognised."""

_NOT_TEXT = {
    b"PK\x03\x04": "a ZIP archive that holds no Excel workbook; unpack it and import what is inside",
    b"PK\x05\x06": "an empty ZIP archive; export the file again",
    b"\x1f\x8b": "a gzip archive; unpack it and import what is inside",
    b"BZh": "a bzip2 archive; unpack it and import what is inside",
    b"7z\xbc\xaf": "a 7z archive; unpack it and import what is inside",
    b"Rar!": "a RAR archive; unpack it and import what is inside",
    b"\x28\xb5\x2f\xfd": "a zstd archive; unpack it and import what is inside",
    b"%PDF": "a PDF; export the file as CSV or OFX and import that",
    b"\xd0\xcf\x11\xe0": "an old Excel or Office file; save the sheet as CSV and import that",
    b"SQLite format 3": "an SQLite database; export it as CSV and import that",
    b"PAR1": "a Parquet file; Hisab reads text exports",
    b"\x89PNG": "a picture; export the file as CSV or OFX and import that",
    b"\xff\xd8\xff": "a picture; export the file as CSV or OFX and import that",
}


class NumberedText(io.BytesIO):
    """Delimited text whose records are known by other numbers than their place: the rows of a sheet.

    Attributes:
        row_numbers: Number of each record, the header's first.
    """

    def __init__(self, text: bytes, row_numbers: pl.Series) -> None:
        """Hold the text and its numbers."""
        super().__init__(text)
        self.row_numbers = row_numbers


def is_no_text(head: bytes) -> bool:
    """Whether a file that begins with `head` is plainly no text, by its first bytes."""
    return head.startswith(tuple(_NOT_TEXT))


def refuse_what_is_no_text(head: bytes) -> None:
    """Raise SourceError when a file that begins with `head` is empty or plainly no text."""
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0"):
        raise SourceError("The file is empty; export it again.")
    for magic, what in _NOT_TEXT.items():
        if head.startswith(magic):
            raise SourceError(f"The file is {what}.")
    if _encoding(head) == "utf-8" and b"\0" in head:
        raise SourceError("The file holds NUL bytes, so it is no text; export it again as CSV in UTF-8.")


def head_text(head: bytes, code_page: str = "") -> str:
    """The beginning of a file as text, for recognising it; bytes that are no text become U+FFFD."""
    encoding = code_page if in_code_page(head, code_page) else _encoding(head)
    return head.decode(encoding, errors="replace").lstrip("\ufeff")


def _encoding(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8"


def _mark_bad_bytes(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(chr(_MARKER_BASE + (byte | 0x80)) for byte in bad), error.end


codecs.register_error("hisab-mark", _mark_bad_bytes)


_LINE_END = re.compile(rb"\r\n|\r|\n")


def in_code_page(head: bytes, code_page: str) -> bool:
    """Whether a file that begins with `head` is no Unicode, so that a code page says what its bytes are."""
    if not code_page or _encoding(head) == "utf-16":
        return False
    try:
        codecs.utf_8_decode(head, "strict", False)  # noqa: FBT003 - the codec's own signature
    except UnicodeDecodeError:
        return True
    return False


class Utf8Stream(io.RawIOBase):
    """Reads a binary file in order and gives UTF-8 without a byte order mark.

    Attributes:
        head: The first bytes of the file, as they were.
        damaged: True once a byte could not be read; it then stands as a BAD_BYTE character.
        row_numbers: Number of each record where that is not its place (`NumberedText`); None otherwise.
    """

    def __init__(self, body: BinaryIO, *, tail: bytes = b"") -> None:
        """Look at the beginning of `body`; `tail` is read after its end. Raises SourceError when it is no text."""
        super().__init__()
        self.head = head = body.read(HEAD_BYTES)
        refuse_what_is_no_text(head)
        self._body = body
        self.row_numbers = body.row_numbers if isinstance(body, NumberedText) else None
        self._codec: Callable[[bytes, str, bool], tuple[str, int]] = codecs.utf_8_decode
        self._carry = head.removeprefix(codecs.BOM_UTF8)
        if _encoding(head) == "utf-16":
            little = head.startswith(codecs.BOM_UTF16_LE)
            self._codec = codecs.utf_16_le_decode if little else codecs.utf_16_be_decode
            self._carry = head[2:]
        self._ready = b""
        self._tail = tail
        self._ended = False
        self._code_page = ""
        self._is_ascii = True
        self.damaged = False

    def falls_back_on(self, code_page: str) -> None:
        """Read a file that is no Unicode in a code page of single bytes.

        Its beginning decides; where that is plain ASCII, the first bytes beyond do, and they decide for the rest.
        """
        self._code_page = code_page
        if in_code_page(self.head, code_page):
            self._carry = self.head
            self._use_code_page()

    def _use_code_page(self) -> None:
        decode = codecs.lookup(self._code_page).decode

        def codec(raw: bytes, errors: str, _final: bool) -> tuple[str, int]:
            return decode(raw, errors)

        self._codec = codec

    def begin_behind(self, lines: int, lead: bytes) -> None:
        """Leave out the first `lines` lines and give `lead` in their place; only before anything is read."""
        text = b""
        while lines and (piece := self.read(HEAD_BYTES)):
            text += piece
            ends = [match.end() for match in _LINE_END.finditer(text)]
            # A CR at the very end may be half of a line end.
            whole = [end for end in ends if end < len(text) or text.endswith(b"\n")]
            if len(whole) >= lines:
                text, lines = text[whole[lines - 1] :], 0
        self._ready = lead + (b"" if lines else text) + self._ready

    def readable(self) -> bool:
        """Always True."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes of UTF-8; empty at the end only. Raises SourceError on NUL bytes."""
        parts = [self._ready]
        have = len(self._ready)
        while not self._ended and (size < 0 or have < size):
            parts.append(self._next_piece(max(size - have, 65536)))
            have += len(parts[-1])
        joined = parts[0] if len(parts) == 1 else b"".join(parts)
        cut = have if size < 0 else size
        self._ready = joined[cut:]
        return joined[:cut]

    def _next_piece(self, size: int) -> bytes:
        """Clean bytes of the next `size` raw ones; a character cut in two waits for its second half."""
        fresh = self._body.read(size)
        self._ended = not fresh
        raw = self._carry + fresh if self._carry else fresh
        try:
            text, used = self._codec(raw, "strict", self._ended)
        except UnicodeDecodeError:
            clean, used = self._decoded_anyhow(raw)
        else:
            # What is UTF-8 already goes on as it is.
            clean = raw[:used] if self._codec is codecs.utf_8_decode else text.encode()
        self._is_ascii = self._is_ascii and clean.isascii()
        self._carry = raw[used:]
        if self._ended:
            clean += self._tail
        if b"\0" in clean:
            raise SourceError("The file holds NUL bytes, so it is no text; export it again as CSV in UTF-8.")
        return clean

    def _decoded_anyhow(self, raw: bytes) -> tuple[bytes, int]:
        """What the codec cannot read whole: in the code page if only ASCII came before, else with bad bytes marked."""
        if self._code_page and self._is_ascii and self._codec is codecs.utf_8_decode:
            self._use_code_page()
            with contextlib.suppress(UnicodeDecodeError):
                text, used = self._codec(raw, "strict", self._ended)
                return text.encode(), used
        self.damaged = True
        text, used = self._codec(raw, "hisab-mark", self._ended)
        return text.encode(), used
