"""The two protocols of a source, and the values that pass between a source and the road.

A source turns bytes into records and knows nothing of DuckDB, Dagster, keys or where bytes are kept. `ApiSource`
pulls pages over the network; `FileFormat` reads a file a person handed over. Both decode without the network, so
that the warehouse can be rebuilt from landing alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Protocol, runtime_checkable

import polars as pl

if TYPE_CHECKING:
    from pipelines.sources.grant import Grant

REJECT_SCHEMA = {
    "kind": pl.String,
    "row_no": pl.Int64,
    "column": pl.String,
    "value": pl.String,
    "reason": pl.String,
    "cure": pl.String,
}
"""Columns of the frame of rows a source could not read: the record kind the row would have been, its number in the
file (the first data row under a header is 2) or page (the first is 1), the column, the text that was there, why it
cannot be read and what the person can do."""


class SourceError(Exception):
    """A whole file or answer cannot be used; the message names it, says why and what to do.

    The message reaches people, logs and Dagster: it never holds a secret or a row's own text.
    """


class Unsettled(SourceError):
    """The source cannot be read until something happens there; the connection keeps this as its standing.

    Attributes:
        state: What people read in the list of connections.
        reference: The source's own id to act on it with, or empty.
    """

    state = "failing at the source"

    def __init__(self, line: str, reference: str = "") -> None:
        """Keep the line for people and the source's id."""
        super().__init__(line)
        self.reference = reference


class ReconnectNeeded(Unsettled):
    """The bank wants the person to prove themselves again; `reference` names the reconnect."""

    state = "needs reconnect"


class ConsentRefused(Unsettled):
    """The source says that the consent ended there: expired, suspended or withdrawn."""

    state = "consent ended at the source"


class StillPreparing(Unsettled):
    """The source is still fetching the answer; `reference` names the results that are awaited."""

    state = "preparing"


class UnknownForm(SourceError):
    """A file is in no form that is understood; a table may still be learned."""


class LoginNeeded(SourceError):
    """The source refuses the grant for good: only a new login by the person helps."""


UNANSWERED = "unanswered"
"""Name in a page's meta of the line for people about a list that the source did not give."""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of an API, as it came.

    Attributes:
        key: Names the request within its pull, equal when the same request is made again (resume goes by it).
        body: The raw bytes.
        meta: What is needed to decode it later without the network (dates as ISO text); no secrets.
    """

    key: str
    body: bytes
    meta: Mapping[str, str]

    @property
    def unanswered(self) -> str:
        """One line for people where the page stands for a list that the source did not give; empty otherwise.

        Nothing is known of such a list, least of all that it is empty.
        """
        return self.meta.get(UNANSWERED, "")


@dataclass(frozen=True, slots=True)
class Window:
    """A span of business days that was read whole: what is not in it no longer exists at the source.

    Attributes:
        kind: The record kind.
        first_date: First day read; for a kind without days any day will do, the whole list was read.
        last_date: Last day read, likewise.
        account_id: The one account it speaks of; None for every account of the connection. An account the source no
            longer lists keeps its rows, because no window speaks of it.
    """

    kind: str
    first_date: dt.date
    last_date: dt.date
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class Restated:
    """Things a source spoke of anew: what it no longer says of them is gone.

    A window is for sources that give whole lists; this is for those that tell of single changes. A deletion is a thing
    restated without a row; a split entry whose parts changed is restated with its present parts.

    Attributes:
        kind: The record kind.
        column: `record_id`, or a text column that names what rows belong to, such as `split_group`.
        values: What was restated: live rows with one of them that are older than the load, and not in it, are gone.
            The source said so in words, so no brake holds it back.
    """

    kind: str
    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one record kind.

    Attributes:
        kind: The record kind's name.
        frame: `row_no` (Int64) and the kind's `own_names`, typed as `warehouse.schema_renderings.polars_schema`
            says. AMOUNT is Decimal(18, 4), INSTANT is microseconds in UTC. A field the source lacks is null.
        identity: Columns whose values name a row where the source has no id of its own; then `record_id` is null
            and the road numbers equal rows (content key + occurrence). Empty when `record_id` is filled.
    """

    kind: str
    frame: pl.DataFrame
    identity: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decoded:
    """What one page, or one stretch of a file, held.

    Attributes:
        batches: The rows that could be read.
        rejects: The rows that could not (REJECT_SCHEMA).
        rows_read: Per kind, how many rows the source held for it; the road proves
            rows_read = rows in batches + rejects, so nothing is lost between the two.
        windows: Spans read whole, told with the last page of each.
        cursor: Where the next pull starts, told with the last page; None otherwise.
        restated: Things told anew, each with all the rows it has now.
    """

    batches: tuple[Batch, ...]
    rejects: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REJECT_SCHEMA))
    rows_read: Mapping[str, int] = field(default_factory=dict)
    windows: tuple[Window, ...] = ()
    cursor: str | None = None
    restated: tuple[Restated, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """Something only the person can say about a file.

    Attributes:
        name: Key of the answer, e.g. "currency" or "date_order".
        text: The question, one sentence.
        choices: Allowed answers; empty means free text that `pattern` must match.
        pattern: A regular expression for free text.
    """

    name: str
    text: str
    choices: tuple[str, ...] = ()
    pattern: str = ""


@runtime_checkable
class FileFormat(Protocol):
    """A file people can hand over. Module-level instances named FORMAT are found by the registry."""

    source: str
    """snake_case name, the first part of the asset key, e.g. "ynab_register"."""
    title: str
    """What people call it, e.g. "YNAB register (CSV)"."""
    kinds: tuple[str, ...]

    def sniff(self, head: bytes) -> bool:
        """Whether a file that begins with `head` (up to 64 KiB) is of this format, by content alone."""
        ...

    def questions(self, body: BinaryIO) -> list[Question]:
        """What the file leaves open; an empty list when it says everything. Raises SourceError."""
        ...

    def read(self, body: BinaryIO, answers: Mapping[str, str]) -> Iterator[Decoded]:
        """Decode the whole file in stretches of bounded memory. Raises SourceError."""
        ...


@dataclass(frozen=True, slots=True)
class FoundLayout:
    """Which of its layouts a format recognised in a file.

    Attributes:
        name: Short name; answers are remembered per layout, because another bank's files leave other things open.
        title: What people call it.
        settled: Answers that are kept with the file without being asked, so that it is read the same for good.
    """

    name: str
    title: str
    settled: Mapping[str, str]


@runtime_checkable
class LayoutFormat(FileFormat, Protocol):
    """A file format whose layouts are data; it is tried after all others."""

    def knowing(self, layouts: Mapping[str, str]) -> LayoutFormat:
        """The same format, knowing these layouts too: texts by file name."""
        ...

    def layout(self, head: bytes) -> FoundLayout:
        """The layout of a file that begins with `head`. Raises SourceError."""
        ...


@runtime_checkable
class BinaryFormat(FileFormat, Protocol):
    """A file format that also, or only, takes files that are no text: an archive, an app's database.

    `questions` and `read` get such a file's bytes as they are; `read` may not go back in it
    (`pipelines.sources.archive.whole_file` takes it into memory within bounds).
    """

    def takes(self, body: BinaryIO) -> bool:
        """Whether a file that is no text, standing at its beginning, is of this format; it may be sought."""
        ...


@runtime_checkable
class ApiSource(Protocol):
    """A live service. Module-level instances named SOURCE are found by the registry."""

    source: str
    title: str
    kinds: tuple[str, ...]
    scopes: tuple[str, ...]
    """Scopes a connection must grant for these kinds."""

    def pull(
        self, grant: Grant, cursor: str | None, landed: Mapping[str, Page], *, full: bool = False
    ) -> Iterator[Page]:
        """Yield every page of one pull, in order; the caller lands each before asking for the next.

        A page whose key is in `landed` was fetched by an earlier, killed attempt at this same pull: it is yielded
        from there, not fetched again. `full` reads from the beginning whatever the cursor. Raises SourceError.
        """
        ...

    def decode(self, page: Page) -> Decoded:
        """Turn one page into records, without the network. Raises SourceError."""
        ...
