"""A statement file's bytes as text and lines: UTF-8 as long as it fits, else the code page banks mostly mean.

Put here what is true of every bank's text files. Keep out what a line or an element means.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from pipelines.sources.byte_stream import HEAD_BYTES, refuse_what_is_no_text
from pipelines.sources.source import SourceError

_LONGEST = 1 << 20
"""Characters of the longest line; more is a damaged file."""
_LINE_END = re.compile("\r\n|\n|\r")
_ARABIC_ARTICLE = "ال".encode("cp1256")
_DOS_LETTERS = frozenset("üéäőÄÖÜíó".encode("cp852"))
_FIRST_WINDOWS_LETTER = 0xC0
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def likely_codec(head: bytes) -> str:
    """The code page of a file that is no UTF-8 and names none.

    Windows-1252, unless its letters stand where only the code page of DOS has them (852, which German and most of
    central Europe share), or the Arabic article shows that it is Windows-1256.
    """
    if _ARABIC_ARTICLE in head:
        return "cp1256"
    windows = sum(byte >= _FIRST_WINDOWS_LETTER for byte in head)
    return "cp852" if sum(byte in _DOS_LETTERS for byte in head) > windows else "cp1252"


def text_pieces(body: BinaryIO, codec_of: Callable[[bytes], str] = likely_codec) -> Iterator[str]:
    """The file's text, in bounded pieces.

    Args:
        body: The file; read in order.
        codec_of: Tells from the first bytes the code page of what turns out to be no UTF-8.

    Raises:
        SourceError: the file is empty or no text.
    """
    head = body.read(HEAD_BYTES)
    refuse_what_is_no_text(head)
    utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    decoder: codecs.IncrementalDecoder = codecs.getincrementaldecoder("utf-16" if utf16 else "utf-8-sig")(
        "replace" if utf16 else "strict"
    )
    raw = head
    while raw:
        pending = decoder.getstate()[0]
        following = body.read(HEAD_BYTES)
        try:
            text = decoder.decode(raw, final=not following)
        except UnicodeDecodeError:
            decoder = codecs.getincrementaldecoder(codec_of(head))("replace")
            text = decoder.decode(pending + raw, final=not following)
        if "\0" in text:
            raise SourceError("The file holds NUL bytes, so it is no statement; download it again.")
        yield text
        raw = following


def lines(body: BinaryIO) -> Iterator[str]:
    """The file's lines without their ends, whatever those are. Raises SourceError."""
    waiting = ""
    for piece in text_pieces(body):
        waiting += piece
        # A carriage return at the end may be half a line end.
        held = waiting.endswith("\r")
        *whole, waiting = _LINE_END.split(waiting[:-1] if held else waiting)
        waiting += "\r" if held else ""
        yield from whole
        if len(waiting) > _LONGEST:
            raise SourceError("A line of the file never ends, so the file is damaged; download it again.")
    if waiting:
        yield waiting.removesuffix("\r")


def single_spaced(text: str) -> str:
    """The text on one line: control characters and runs of white space become one space."""
    # Only text that has such a character is looked through.
    return " ".join((text if text.isprintable() else _CONTROL.sub(" ", text)).split())
