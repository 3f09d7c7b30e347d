"""Rows of a list in an answer, read one by one into the columns of a record kind; those that cannot be are set aside.

What no column holds stays in `extra`: everything the reader did not take, with account numbers cut to four characters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from pipelines.sources.exact_json import json_text
from pipelines.sources.json_rows import reject_of
from pipelines.sources.lean.values import Unreadable, without_numbers
from pipelines.sources.source import REJECT_SCHEMA, Batch
from warehouse.kinds import RecordKind
from warehouse.schema_renderings import polars_schema


@dataclass(frozen=True, slots=True)
class Around:
    """What an answer says beside its rows.

    Attributes:
        account_id: The account that was asked about; None for lists of the whole entity.
        time_zone: Offset of the region, for rows that do not name their own, e.g. UTC+04:00.
        institution_name: The bank, as people call it.
    """

    account_id: str | None = None
    time_zone: str = "UTC+00:00"
    institution_name: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A row in the columns of its kind, and the members of the original that these columns hold whole."""

    columns: Mapping[str, Any]
    members: frozenset[str]
    more: Mapping[str, Any] = field(default_factory=dict)


Reader = Callable[[Mapping[str, Any], Around], Taken]


@dataclass(frozen=True, slots=True)
class ReadRows:
    """One list, read: the batch, the rejects (REJECT_SCHEMA) and how many rows there were."""

    batch: Batch
    rejects: pl.DataFrame
    count: int


def read_rows(kind: RecordKind, rows: list[Any], reader: Reader, around: Around) -> ReadRows:
    """Read every row of a list; nothing is lost between the batch and the rejects."""
    good: list[dict[str, Any]] = []
    bad: list[dict[str, Any]] = []
    for row_no, row in enumerate(rows, start=1):
        try:
            good.append({"row_no": row_no, **_columns(row, reader, around)})
        except Unreadable as problem:
            bad.append(reject(kind.name, row_no, row, problem))
    frame = pl.DataFrame(good, schema=polars_schema(kind))
    return ReadRows(Batch(kind.name, frame), pl.DataFrame(bad, schema=REJECT_SCHEMA), len(rows))


def _columns(row: Any, reader: Reader, around: Around) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise Unreadable("", "the row is not a JSON object")
    try:
        json_text(row).encode()
    except UnicodeEncodeError:
        raise Unreadable("", "the text is not valid Unicode") from None
    taken = reader(row, around)
    return {**taken.columns, "extra": extra_of(row, taken)}


def extra_of(row: Mapping[str, Any], taken: Taken) -> str | None:
    """The rest of a row as JSON: what no column holds, without what is empty, without whole account numbers."""
    rest = {name: value for name, value in {**row, **taken.more}.items() if name not in taken.members and _holds(value)}
    return json_text(without_numbers(rest)) if rest else None


def _holds(value: Any) -> bool:
    """Whether anything is in there: an object of nulls and an empty list say nothing."""
    if isinstance(value, Mapping):
        return any(_holds(item) for item in value.values())
    if isinstance(value, list):
        return any(_holds(item) for item in value)
    return value is not None and value != ""


def reject(kind: str, row_no: int, row: Any, problem: Unreadable) -> dict[str, Any]:
    """A row set aside, in the columns of REJECT_SCHEMA; a row as a whole may hold account numbers and is not shown."""
    there = row.get(problem.column) if problem.column and isinstance(row, dict) else None
    return reject_of(kind, row_no, problem, "" if there is None else without_numbers(there))


def whole(row: Mapping[str, Any], **known: tuple[str, ...]) -> Iterator[str]:
    """Names of nested members all of whose contents are in columns: those without members beside the known ones."""
    for name, parts in known.items():
        value = row.get(name)
        if isinstance(value, Mapping) and not any(_holds(item) for key, item in value.items() if key not in parts):
            yield name
