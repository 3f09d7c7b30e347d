"""OFX as a stream of elements: SGML without closing tags (OFX 1), XML (OFX 2), and what banks make of either.

Put here characters, tags and entities. Keep out what an element means (`ofx_statements`). Nothing is expanded but
the entities every HTML reader knows; a file that declares its own is refused.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import BinaryIO

from pipelines.sources.source import SourceError
from pipelines.sources.statements.statement_text import text_pieces

_LONGEST = 1 << 20
"""Characters between two tags that are taken for a text; more is a damaged file."""

_TAG = re.compile(r"<(?P<close>/?)(?P<tag>[A-Za-z_][\w.:\-]*)(?P<rest>\s[^<>]*|/)?>")
_ENCLOSED = {"<![CDATA[": "]]>", "<!--": "-->", "<?": "?>"}
_BRACKET = re.compile("[<>]")
_ENDLESS = "A text in the file never ends, so the file is damaged; download it again."
_DECLARATION = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:(amp|lt|gt|quot|apos|nbsp)|#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6}));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " "}
_CHARSET = re.compile(
    rb"CHARSET\s*:\s*(?:CP|WINDOWS-)?(\d{3,4}|ISO-?8859-\d{1,2})|encoding\s*=\s*[\"'](?:windows-)?([\w-]{3,12})",
    re.IGNORECASE,
)
_LAST_CHARACTER = 0x10FFFF


class Step(Enum):
    """What an event tells of."""

    OPEN = "open"
    LEAF = "leaf"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Event:
    """One element opened, closed, or read with its text."""

    step: Step
    tag: str
    text: str = ""


def unescaped(text: str) -> str:
    """The text with its entities resolved once and its white space made single; a bare & stays."""

    def resolve(match: re.Match[str]) -> str:
        if match[1]:
            return _NAMED[match[1]]
        number = int(match[2]) if match[2] else int(match[3], 16)
        character = chr(number) if number <= _LAST_CHARACTER else " "
        return character if character.isprintable() else " "

    return " ".join(_ENTITY.sub(resolve, text).split())


def _declared_codec(head: bytes) -> str:
    """The code page the header names; banks that name none, or a wrong one, mostly mean Windows-1252."""
    match = _CHARSET.search(head)
    name = (match[1] or match[2]).decode() if match else ""
    for candidate in (f"cp{name}", name):
        try:
            codec = codecs.lookup(candidate).name
        except LookupError:
            continue
        if codec.startswith(("cp125", "cp437", "cp85", "cp86", "iso8859-", "koi8")) and codec != "iso8859-1":
            return codec
    return "cp1252"


@dataclass(frozen=True, slots=True)
class _Tag:
    name: str
    closing: bool = False
    empty: bool = False


def events(body: BinaryIO) -> Iterator[Event]:
    """Read a file's elements in order, in bounded memory.

    Raises:
        SourceError: the file is empty or no text, declares entities of its own, or a text in it never ends.
    """
    opened, text = "", ""
    for token in _tokens(body):
        if isinstance(token, str):
            text += token
            if len(text) > _LONGEST:
                raise SourceError(_ENDLESS)
            continue
        yield from _ended(opened, text, token)
        opened = "" if token.closing or token.empty else token.name
        text = ""
    if opened and text.strip():
        yield Event(Step.LEAF, opened, unescaped(text))


def _ended(opened: str, text: str, tag: _Tag) -> Iterator[Event]:
    """What the arrival of a tag settles: the tag before it was a leaf, or an opening; and the closing itself."""
    full = bool(text.strip())
    closes_it = tag.closing and tag.name == opened
    if opened and (full or closes_it):
        yield Event(Step.LEAF, opened, unescaped(text))
    elif opened:
        yield Event(Step.OPEN, opened)
    if tag.closing and not closes_it:
        yield Event(Step.CLOSE, tag.name)


def _tokens(body: BinaryIO) -> Iterator[str | _Tag]:
    """Texts and tags in order; comments and declarations are left out. Takes time linear in the file's length."""
    waiting = ""
    for piece in text_pieces(body, _declared_codec):
        waiting += piece
        if _DECLARATION.search(waiting):
            raise SourceError("The file declares XML entities of its own, which no statement needs; Hisab refuses it.")
        position = 0
        while (start := waiting.find("<", position)) >= 0:
            end, token = _token_at(waiting, start)
            if end < 0:
                break
            if start > position:
                yield waiting[position:start]
            if token:
                yield token
            position = end
        # What may be half a tag waits for the next piece.
        cut = start if start >= 0 else len(waiting)
        if cut > position:
            yield waiting[position:cut]
        waiting = waiting[cut:]
        if len(waiting) > _LONGEST:
            raise SourceError(_ENDLESS)
    if waiting:
        yield waiting


def _token_at(text: str, start: int) -> tuple[int, str | _Tag]:
    """Where the token that begins with the `<` at `start` ends, and the token; -1 when the text ends before it."""
    for opening, closing in _ENCLOSED.items():
        if text.startswith(opening, start):
            end = text.find(closing, start + len(opening))
            if end < 0:
                return -1, ""
            inner = text[start + len(opening) : end].replace("&", "&amp;") if closing == "]]>" else ""
            return end + len(closing), inner
    match = _TAG.match(text, start)
    if match:
        empty = (match["rest"] or "").endswith("/")
        return match.end(), _Tag(match["tag"].upper(), closing=bool(match["close"]), empty=empty)
    if _BRACKET.search(text, start + 1):
        return start + 1, "<"
    return -1, ""
