"""Rows of a list of Hishebi, read one by one into the columns of a record kind; those that cannot be are set aside.

What no column holds whole stays in `extra`. Put here what is the same for every list; keep out what a field means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from pipelines.sources.exact_json import json_text
from pipelines.sources.hishebi.answers import NotGiven
from pipelines.sources.hishebi.values import Row
from pipelines.sources.json_rows import Unreadable, at_fault, reject_of
from pipelines.sources.source import REJECT_SCHEMA, Batch
from warehouse.kinds import RecordKind
from warehouse.schema_renderings import polars_schema


@dataclass(frozen=True, slots=True)
class Contents:
    """The outer form of a page: its currency as it came, its rows and the token of the next page."""

    currency: Any
    rows: list[Any]
    next_page: str | None

    @property
    def ids(self) -> set[str]:
        """The ids of the rows, as JSON text."""
        return {json_text(row["id"]) for row in self.rows if isinstance(row, dict) and "id" in row}


def contents(document: Any, list_name: str, title: str) -> Contents:
    """The outer form of a parsed page; `title` names the list for people. Raises NotGiven when it is no such page."""
    if not isinstance(document, dict) or not isinstance(document.get(list_name), list):
        raise NotGiven(f"Hishebi answered with something that is not a page of the {title}. Sync again later.")
    following = document.get("next_page", False)
    if isinstance(following, Decimal):
        following = str(following)
    if following is not None and (not isinstance(following, str) or not following):
        raise NotGiven(f"Hishebi does not say whether the {title} has another page. Sync again later.")
    return Contents(document.get("currency"), document[list_name], following)


@dataclass(frozen=True, slots=True)
class Part:
    """What one record is made of.

    Attributes:
        row: The JSON value, as it came.
        parent: The row it lies in, or None for a row of the list itself.
        number: Which of its equals in that row it is, from 1.
    """

    row: Any
    parent: Any = None
    number: int = 1


@dataclass(frozen=True, slots=True)
class Around:
    """What is known beside the rows: the page's currency as it came, and the property that was asked about."""

    currency: Any = None
    property_id: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A row in the columns of its kind, and the members of the original that these columns hold whole."""

    columns: Mapping[str, Any]
    members: frozenset[str]


Reader = Callable[[Row, Part, Around], Taken]


@dataclass(frozen=True, slots=True)
class ReadRows:
    """One list, read: the batch, the rejects (as rows of REJECT_SCHEMA) and how many parts there were."""

    batch: Batch
    rejects: list[dict[str, Any]]
    count: int


def read_rows(kind: RecordKind, parts: Iterable[Part], reader: Reader, around: Around) -> ReadRows:
    """Read every part; nothing is lost between the batch and the rejects."""
    good: list[dict[str, Any]] = []
    bad: list[dict[str, Any]] = []
    for row_no, part in enumerate(parts, start=1):
        try:
            good.append({"row_no": row_no, **_columns(part, reader, around)})
        except Unreadable as problem:
            bad.append(reject_of(kind.name, row_no, problem, at_fault(part.row, problem)))
    frame = pl.DataFrame(good, schema=polars_schema(kind))
    return ReadRows(Batch(kind.name, frame), bad, len(good) + len(bad))


def rejects_of(lists: Iterable[ReadRows]) -> pl.DataFrame:
    """The rejects of several lists as one frame (REJECT_SCHEMA)."""
    return pl.DataFrame([reject for read in lists for reject in read.rejects], schema=REJECT_SCHEMA)


def _columns(part: Part, reader: Reader, around: Around) -> dict[str, Any]:
    row = part.row
    if not isinstance(row, dict):
        raise Unreadable("", "the entry is not a JSON object", "report it to Hishebi")
    try:
        json_text([row, part.parent]).encode()
    except UnicodeEncodeError:
        raise Unreadable("", "the text is not valid Unicode", "write the entry again in Hishebi") from None
    taken = reader(row, part, around)
    extra = {name: value for name, value in row.items() if name not in taken.members}
    return {**taken.columns, "extra": json_text(extra) if extra else None}
