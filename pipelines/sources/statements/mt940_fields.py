"""MT940 and MT942 as a stream of fields: tags, their lines, and where a message ends.

Put here blocks, line ends and wrapped lines. Keep out what a field means (`mt940_statements`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pipelines.sources.source import SourceError

TAGS = ("13", "13D", "20", "21", "25", "25P", "28", "28C", "34F", "60F", "60M", "61", "62F", "62M", "64", "65", "86")
_TAG = re.compile(rf"^[\s\x01-\x1f]*:({'|'.join(sorted((*TAGS, '90C', '90D', 'NS'), key=len, reverse=True))}):(.*)$")
_BLOCK = re.compile(r"^\s*(?:-\}|\x01?\{[1-5S]:)")
_TEXT_BLOCK = re.compile(r"^.*?\{4:\s*(.*)$")
_HALF_TIME = re.compile(r"\d$")
_TIME_LEFT = re.compile(r"^\d\d(?:\D|$)")
_MOST_LINES = 10_000
_MOST_CHARACTERS = 1 << 20
"""Lines and characters of one field; more is a file whose tags are lost."""


@dataclass(slots=True)
class Field:
    """One field: its tag and its lines, the first without the tag. Where a block ends, a field has no tag."""

    tag: str
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The first line, trimmed."""
        return self.lines[0].strip() if self.lines else ""


def fields(lines: Iterable[str]) -> Iterator[Field]:
    """Fields in order; a `Field("")` stands where one of SWIFT's blocks begins or ends.

    A line that is a hyphen alone ends a message only if no more of its text follows, so it ends none here.

    Raises:
        SourceError: a field never ends.
    """
    current, length = Field(""), 0
    for line in _whole_tags(lines):
        block, rest = _without_blocks(line)
        match = _TAG.match(rest)
        if block or (match and not _is_time(match, current)):
            yield from _finished(current)
            current, length = Field(match[1], [match[2]]) if match else Field(""), len(rest)
        elif current.tag and rest.strip():
            current.lines.append(rest)
            length += len(rest)
            if length > _MOST_CHARACTERS or len(current.lines) > _MOST_LINES:
                raise SourceError("A field of the file never ends, so the file is damaged; download it again.")
        if block:
            yield Field("")
    yield from _finished(current)


def _finished(current: Field) -> Iterator[Field]:
    while len(current.lines) > 1 and current.lines[-1].strip("\x03 ") == "-":
        current.lines.pop()
    if current.tag:
        yield current


def _whole_tags(lines: Iterable[str]) -> Iterator[str]:
    """Lines, with a colon that was wrapped off its tag put back."""
    waiting = ""
    for line in lines:
        if not waiting and line.strip() == ":":
            waiting = ":"
            continue
        yield waiting + line
        waiting = ""


def _without_blocks(line: str) -> tuple[bool, str]:
    """Whether a block begins or ends on this line, and what the line holds beside SWIFT's marks of it."""
    if _BLOCK.match(line):
        inner = _TEXT_BLOCK.match(line)
        return True, inner[1] if inner else ""
    return False, line


def _is_time(match: re.Match[str], current: Field) -> bool:
    """Whether what looks like a tag is the middle of a time that was wrapped (`…T16` `:20:37 …`)."""
    if current.tag != "86" or not match[1].isdigit():
        return False
    return bool(_HALF_TIME.search(current.lines[-1]) and _TIME_LEFT.match(match[2]))
