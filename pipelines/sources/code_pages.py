"""Tables that are no Unicode: which code page their bytes are in, and reading them as UTF-8.

Apps write Unicode; a code page comes of a person who saved the file again. Put here what bytes prove: a reading is
possible when every word of the file is one that somebody could write. One possible reading, or several that give the
same text, is sure; otherwise the person is asked. Statement files say or imply their own code page and are not read
through here.
"""

from __future__ import annotations

import codecs
import io
import itertools
import re
import unicodedata
from functools import lru_cache
from typing import BinaryIO

from pipelines.sources.byte_stream import is_no_text

CODE_PAGES = ("cp1252", "cp1250", "cp1256", "cp1251", "cp1253", "cp1254", "cp1255", "cp1257")
"""Windows code pages of single bytes, the commonest first."""

_PIECE = 1 << 20
_MOST_WORDS = 50_000
"""Distinct words after which nothing new is learned."""
_MOST_FOREIGN = 3
"""Letters beyond ASCII that may stand together in a word of the Latin script."""
_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
_WORD_END = re.compile(rb"[^A-Za-z\x80-\xff]")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SYMBOLS = {"No", "Sc", "Sk", "Sm", "So"}
_OPENING = "¿¡"


def code_pages_of(body: BinaryIO) -> tuple[str, ...]:
    """The code pages a file may be in: none when it is Unicode, one when it is sure, several when only a person knows.

    Args:
        body: The file at its beginning; it is read to its end unless it is Unicode.
    """
    words = _foreign_words(body)
    if not words:
        return ()
    readings: dict[str, tuple[str, ...]] = {}
    for page in CODE_PAGES:
        texts = tuple(_reading(word, page) for word in words)
        if all(texts):
            readings[page] = texts
    if len(set(readings.values())) == 1:
        return (next(iter(readings)),)
    return tuple(readings) or CODE_PAGES


def _foreign_words(body: BinaryIO) -> list[bytes]:
    """The distinct words with bytes beyond ASCII, in order; none when the file is Unicode or no text."""
    utf8 = codecs.getincrementaldecoder("utf-8")()
    found: dict[bytes, None] = {}
    is_open, rest, piece = True, b"", body.read(_PIECE)
    if piece.startswith(_MARKS) or is_no_text(piece):
        return []
    while piece and len(found) < _MOST_WORDS:
        if is_open and not (piece.isascii() and not utf8.getstate()[0]):
            try:
                if not utf8.decode(piece).isascii():
                    return []
            except UnicodeDecodeError:
                # A file of Unicode with a damaged byte is no file of a code page.
                if _is_mostly_utf8(piece):
                    return []
                is_open = False
        rest = _collect(rest + piece, found)
        piece = body.read(_PIECE)
    found.update(dict.fromkeys(_WORD.findall(rest)))
    return list(found)


def _is_mostly_utf8(piece: bytes) -> bool:
    """Whether a piece has more characters of several bytes than bytes that belong to none."""
    text = piece.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    return len(_FOREIGN.findall(text)) - bad > bad


def _collect(text: bytes, found: dict[bytes, None]) -> bytes:
    """Take note of the whole words; what may be half a word at the end is given back."""
    if text.isascii():
        return b""
    ends = [match.start() for match in _WORD_END.finditer(text, max(0, len(text) - 200))]
    cut = ends[-1] if ends else len(text)
    found.update(dict.fromkeys(_WORD.findall(text[:cut])))
    return text[cut:]


def _reading(word: bytes, page: str) -> str:
    """The word in a code page; empty when nobody would write it."""
    try:
        text = word.decode(page)
    except UnicodeDecodeError:
        return ""
    return text if _is_written(text) else ""


@lru_cache(maxsize=1 << 12)
def _is_written(text: str) -> bool:
    for part in re.split(r"[\s‘’“”„‚«»–—…·'\-]+", text):
        scripts = {script for script in map(_script, part) if script}
        if len(scripts) > 1 or _is_cased_oddly(part) or _has_odd_symbol(part):
            return False
        if scripts == {"LATIN"} and re.search(rf"[^\x00-\x7f]{{{_MOST_FOREIGN + 1},}}", part):
            return False
        if _has_odd_mark(part):
            return False
    return True


@lru_cache(maxsize=1 << 10)
def _script(character: str) -> str:
    """LATIN, ARABIC, CYRILLIC …; empty for what belongs to every script."""
    if not character.isalpha() or character in "ªºµ":
        return ""
    return unicodedata.name(character, "").split(" ")[0]


def _has_odd_mark(part: str) -> bool:
    """Whether a vowel sign stands behind anything but a letter of a script that has such signs."""
    for before, character in itertools.pairwise(f" {part}"):
        categories = (unicodedata.category(before)[0], unicodedata.category(character)[0])
        if categories[1] == "M" != categories[0] and _script(before) in {"", "LATIN"}:
            return True
    return False


def _is_cased_oddly(part: str) -> bool:
    """Whether a capital follows a small letter, or a final sigma stands inside."""
    pairs = itertools.pairwise(part)
    odd = any(one.islower() and two.isupper() and not (one + two).isascii() for one, two in pairs)
    return odd or "ς" in part[:-1]


def _has_odd_symbol(part: str) -> bool:
    """Whether a symbol stands where nobody writes it: inside a word, close before one, behind a longer one."""
    for place, character in enumerate(part):
        if character.isascii() or character.isalpha():
            continue
        before, after = part[:place], part[place + 1 :]
        if character in _OPENING and before[-1:].isalpha():
            return True
        if unicodedata.category(character) in _SYMBOLS and re.search(
            r"\w\0\w|\0\w\w|\w{3}\0", f"{before[-3:]}\0{after[:2]}"
        ):
            return True
    return False


class InCodePage(io.RawIOBase):
    """A file of a code page as UTF-8; a byte the code page lacks stays as it is, so that its row is set aside."""

    def __init__(self, body: BinaryIO, page: str) -> None:
        """Read `body` in the code page `page`, in order."""
        super().__init__()
        self._body = body
        self._decode = codecs.lookup(page).decode
        self._ready = b""

    def readable(self) -> bool:
        """Always True."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; empty at the end only."""
        while size < 0 or len(self._ready) < size:
            piece = self._body.read(-1 if size < 0 else max(size, _PIECE))
            if not piece:
                break
            self._ready += self._decode(piece, "surrogateescape")[0].encode("utf-8", "surrogateescape")
        cut = len(self._ready) if size < 0 else size
        given, self._ready = self._ready[:cut], self._ready[cut:]
        return given
