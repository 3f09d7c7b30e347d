"""QIF as a stream of records: one-letter fields between carets, under the section they stand in.

Put here lines, headers and carets. Keep out what a field means (`qif_statements`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pipelines.sources.source import SourceError

_MOST_FIELDS = 10_000
"""Fields of the longest record; more is a file whose carets are lost."""


@dataclass(slots=True)
class Record:
    """One record: its section (`account`, `bank`, `ccard`, … in small letters) and its fields in order."""

    section: str
    fields: list[tuple[str, str]] = field(default_factory=list)

    def get(self, code: str) -> str:
        """Text of the first field with that letter; empty when there is none."""
        return next((text for each, text in self.fields if each == code), "")

    def every(self, code: str) -> str:
        """Texts of all fields with that letter, joined by spaces."""
        return " ".join(text for each, text in self.fields if each == code and text)


def records(lines: Iterable[str]) -> Iterator[Record]:
    """Records in order; what stands before the first header is no record.

    Raises:
        SourceError: a record never ends.
    """
    current = Record("")
    for line in lines:
        bare = line.strip()
        if bare.startswith("!") or bare == "^":
            if current.fields:
                yield current
            current = Record(_section(bare, current.section))
        elif bare and current.section:
            current.fields.append((bare[0], bare[1:].strip()))
            if len(current.fields) > _MOST_FIELDS:
                raise SourceError("A record of the file never ends (^ is missing); export it again.")
    if current.fields:
        yield current


def _section(line: str, before: str) -> str:
    """The section behind a line: a header begins one, options and carets leave it as it is."""
    header = line.casefold()
    if header.startswith("!type:"):
        return header.removeprefix("!type:").strip() or before
    if header.startswith("!account"):
        return "account"
    return before
