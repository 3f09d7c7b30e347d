"""Delimited text (CSV and its kin) as stretches of text columns, in bounded memory.

Put here how rows and columns are found. Keep out what a column means (each format's own module).

Rows are counted as records, the header being row 1: a quoted cell may hold line ends, and blank lines are no rows.
Every row of the file comes out once, either in a frame or among the rejects.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

import polars as pl
import pyarrow as pa
import pyarrow.csv

from pipelines.sources.byte_stream import BAD_BYTE, Utf8Stream, head_text
from pipelines.sources.source import REJECT_SCHEMA, Batch, Decoded, SourceError

BLOCK_BYTES = 512 << 10
"""Bytes Arrow parses at once; a single row must fit in it. Arrow reads up to 32 of them ahead."""

BLOCKS_PER_STRETCH = 12
"""Blocks that make one stretch."""

FIRST_ROW = 2
"""Number of the first row below the header."""

_END = "\x1e end of the file \x1e"
"""A row of one cell put behind the last; if it does not come out as a row, a quote swallowed it."""

_SHOWN = 200
"""Characters of a row that a reject shows."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some consecutive rows of a file.

    Attributes:
        frame: `row_no` (Int64) and one String column per column of the header; empty cells are null.
        rejects: Rows that are no rows of this table (REJECT_SCHEMA).
    """

    frame: pl.DataFrame
    rejects: pl.DataFrame

    @property
    def row_count(self) -> int:
        """Rows of the file this stretch stands for."""
        return self.frame.height + self.rejects.height

    def read_as(self, batch: Batch, rejects: pl.DataFrame) -> Decoded:
        """What the stretch came to: one batch, and its rejects (REJECT_SCHEMA) beside those it began with."""
        return Decoded((batch,), pl.concat([self.rejects, rejects]).sort("row_no"), {batch.kind: self.row_count})


def header_of(head: bytes, delimiters: str = ",;\t") -> tuple[list[str], str]:
    """The cells of the first line that is not blank, and the delimiter (the one that finds most cells)."""
    lines = (line for line in re.split(r"[\r\n]+", head_text(head)) if line.strip())
    first = next(lines, "")
    if len(first) > csv.field_size_limit():
        return [], delimiters[0]
    found = [(next(csv.reader([first], delimiter=mark), []), mark) for mark in delimiters]
    cells, mark = max(found, key=lambda pair: len(pair[0]))
    return [cell.strip() for cell in cells], mark


@dataclass(frozen=True, slots=True)
class Shape:
    """Where a table lies in a text and how wide it is, found beforehand.

    Attributes:
        delimiter: Between cells.
        lines_before: Lines above the first data row: what comes before the header, and the header.
        names: The columns; their number is that of a whole row's cells.
    """

    delimiter: str
    lines_before: int
    names: tuple[str, ...]


class _RaggedRows:
    """Collects the rows that have too many or too few cells, by their number.

    With a delimiter, rows that only lack cells at their end, or have empty ones too many, are mended instead.
    """

    def __init__(self, delimiter: str = "") -> None:
        self._rows: list[dict[str, Any]] = []
        self._mended: dict[int, list[str | None]] = {}
        self._delimiter = delimiter
        self.highest = 0
        self.saw_end = False

    def __call__(self, row: Any) -> str:
        text = row.text
        if text == _END:
            self.saw_end = True
            return "skip"
        self.highest = row.number
        mended = self._mend(text, row.expected_columns) if self._delimiter else None
        if mended is not None:
            self._mended[row.number] = mended
            return "skip"
        inner = text.count("\n") + text.count("\r") - text.count("\r\n")
        reason = f"the row has {row.actual_columns} cells where the header has {row.expected_columns}"
        cure = "correct the row's separators and quotes in the source"
        if inner:
            reason += f", and runs over {inner + 1} lines"
            cure = "look for a quote that is never closed, correct it and import the file again"
        self._rows.append(
            {"row_no": row.number, "value": re.sub(BAD_BYTE, "\ufffd", text[:_SHOWN]), "reason": reason, "cure": cure}
        )
        return "skip"

    def _mend(self, text: str, width: int) -> list[str | None] | None:
        if "\n" in text or "\r" in text:
            return None
        try:
            cells = next(csv.reader([text], delimiter=self._delimiter))
        except (csv.Error, StopIteration):
            return None
        if any(cell.strip() for cell in cells[width:]):
            return None
        return [cell or None for cell in cells[:width]] + [None] * (width - len(cells))

    def numbers_from(self, start: int) -> list[int]:
        numbers = [row["row_no"] for row in self._rows if row["row_no"] >= start]
        return sorted([*numbers, *(number for number in self._mended if number >= start)])

    def take_mended(self, end: int | None, schema: dict[str, pl.DataType]) -> pl.DataFrame:
        """Mended rows before number `end` (None: all), which are then forgotten."""
        due = sorted(number for number in self._mended if end is None or number < end)
        rows = [(number, *self._mended.pop(number)) for number in due]
        return pl.DataFrame(rows, schema=schema, orient="row")

    def take_before(self, end: int | None, kind: str) -> pl.DataFrame:
        """Rejects of the rows before number `end` (None: of all), which are then forgotten."""
        due = [row for row in self._rows if end is None or row["row_no"] < end]
        self._rows = [row for row in self._rows if end is not None and row["row_no"] >= end]
        return pl.DataFrame([{"kind": kind, "column": None} | row for row in due], schema=REJECT_SCHEMA)


def read_delimited(
    body: BinaryIO | Utf8Stream, *, kind: str, needed: frozenset[str], block_bytes: int = BLOCK_BYTES
) -> Iterator[Stretch]:
    """Read a delimited file once, from where it stands to its end.

    Args:
        body: The file, read in order, never sought; or what `open_table` gave, when its beginning was looked at.
        kind: Record kind that rejects are counted for.
        needed: Columns the header must name.
        block_bytes: Size of a block.

    Yields:
        Stretches in order; every row below the header is in one of them.

    Raises:
        SourceError: the file is empty, has no row below its header, lacks a column, is no text, or a quoted cell
            never ends.
    """
    stream = body if isinstance(body, Utf8Stream) else open_table(body)
    delimiter = header_of(stream.head)[1]
    ragged = _RaggedRows()
    row = 1
    names: list[str] = []
    try:
        for table in _tables(stream, delimiter, block_bytes, ragged):
            frame = pl.DataFrame(table)
            broken = [place for place, column in enumerate(table.columns) if _holds_line_ends(column)]
            if not names and frame.height:
                names = _names(frame.row(0), needed)
                frame, row = frame[1:], FIRST_ROW
            if names and frame.height:
                frame = frame.with_columns(row_no=_row_numbers(row, frame.height, ragged.numbers_from(row)))
                row = int(frame["row_no"][-1]) + 1
                suspects = [names[place] for place in broken]
                frame = frame.rename(dict(zip(frame.columns, names, strict=False))).select(list(_schema(names)))
                whole, refused = _refuse(frame, _faults(names, suspects, delimiter, damaged=stream.damaged), kind)
                stretch = Stretch(whole, pl.concat([ragged.take_before(row, kind), refused]).sort("row_no"))
                yield _numbered(stretch, stream, 0)
    except pa.ArrowInvalid as error:
        raise SourceError(_explained(str(error), max(row - 1, 1))) from None
    if not ragged.saw_end:
        raise SourceError(_NEVER_CLOSED.format(where=f"in row {max(row - 1, 1)} or below"))
    if not names:
        raise SourceError("The file has no header line; export it again.")
    if row == FIRST_ROW and not ragged.numbers_from(row):
        raise SourceError("The file has a header but no rows below it; export it again with the period you want.")
    left = ragged.take_before(None, kind)
    if left.height:
        yield _numbered(Stretch(pl.DataFrame(schema=_schema(names)), left), stream, 0)


def open_table(body: BinaryIO) -> Utf8Stream:
    """The beginning of a file whose table's place is still to be found; hand it on to `read_table`."""
    return Utf8Stream(body, tail=f"\n{_END}\n".encode())


def read_table(stream: Utf8Stream, shape: Shape, *, kind: str, block_bytes: int = BLOCK_BYTES) -> Iterator[Stretch]:
    """Read a table whose place was found beforehand; rows that end early or in empty cells are whole.

    Rows are numbered as the file's lines, as long as none is blank or holds a line end.

    Args:
        stream: What `open_table` gave; nothing of it was read yet.
        shape: Where the table lies.
        kind: Record kind that rejects are counted for.
        block_bytes: Size of a block.

    Yields:
        Stretches in order; every row is in one of them.

    Raises:
        SourceError: the table has no row, or a quoted cell never ends.
    """
    names, width = list(shape.names), len(shape.names)
    lead = shape.delimiter.join(f"c{place}" for place in range(width)).encode() + b"\n"
    stream.begin_behind(shape.lines_before, lead)
    ragged = _RaggedRows(shape.delimiter)
    # Arrow counts the made-up header as row 1: the row below it is the one behind the lines left out.
    shift, row, has_rows, has_lead = shape.lines_before - 1, FIRST_ROW, False, True
    schema, parsed = _schema(names), 0
    try:
        for table in _tables(stream, shape.delimiter, block_bytes, ragged):
            frame = pl.DataFrame(table)
            if has_lead and frame.height:
                frame, has_lead = frame[1:], False
            broken = [place for place, column in enumerate(table.columns) if _holds_line_ends(column)]
            frame = frame.with_columns(row_no=_row_numbers(row, frame.height, ragged.numbers_from(row)))
            row = int(frame["row_no"][-1]) + 1 if frame.height else row
            # Arrow parses one block ahead: what it had met a stretch ago is behind, even if no row was whole.
            row, parsed = max(row, parsed + 1), ragged.highest
            frame = frame.rename(dict(zip(frame.columns, names, strict=False))).select(list(schema))
            frame = pl.concat([frame, ragged.take_mended(row, schema)]).sort("row_no")
            faults = _faults(names, [names[place] for place in broken], shape.delimiter, damaged=stream.damaged)
            whole, refused = _refuse(frame, faults, kind)
            has_rows = has_rows or frame.height > 0
            stretch = Stretch(whole, pl.concat([ragged.take_before(row, kind), refused]).sort("row_no"))
            if stretch.row_count:
                yield _numbered(stretch, stream, shift)
    except pa.ArrowInvalid as error:
        raise SourceError(_explained(str(error), max(row - 1, 1) + shift)) from None
    if not ragged.saw_end:
        raise SourceError(_NEVER_CLOSED.format(where=f"in row {max(row - 1, 1) + shift} or below"))
    left = Stretch(ragged.take_mended(None, schema), ragged.take_before(None, kind))
    if left.row_count:
        yield _numbered(left, stream, shift)
    elif not has_rows:
        raise SourceError("The file has a header but no rows below it; export it again with the period you want.")


def _numbered(stretch: Stretch, stream: Utf8Stream, shift: int) -> Stretch:
    """The stretch with the numbers its rows are known by: their place and `shift`, or the row of the sheet."""
    numbers = stream.row_numbers
    if not shift and numbers is None:
        return stretch
    moved = pl.col("row_no") + shift
    if numbers is not None:
        moved = moved.map_batches(lambda places: numbers.gather(places - 1), return_dtype=pl.Int64)
    return Stretch(stretch.frame.with_columns(moved), stretch.rejects.with_columns(moved))


def _tables(stream: Utf8Stream, delimiter: str, size: int, ragged: _RaggedRows) -> Iterator[pa.Table]:
    # One thread, so that the rows' numbers are known; the header is read as a row, so that names may repeat.
    batches = pyarrow.csv.open_csv(
        stream,
        read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=size, autogenerate_column_names=True),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, invalid_row_handler=ragged
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            default_column_type=pa.large_string(), check_utf8=False, strings_can_be_null=True, null_values=[""]
        ),
    )
    while some := list(islice(batches, BLOCKS_PER_STRETCH)):
        yield pa.Table.from_batches(some)


def _row_numbers(start: int, height: int, missing: list[int]) -> pl.Series:
    numbers = pl.int_range(start, start + height + len(missing), eager=True, dtype=pl.Int64)
    return numbers.filter(~numbers.is_in(missing)).head(height) if missing else numbers


def column_names(cells: Iterable[str | None]) -> list[str]:
    """A name for every column: the header's, made unique; `column 3` where it has none."""
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        name = (cell or "").strip() or f"column {place}"
        names.append(f"{name} #{place}" if name in (*names, "row_no") else name)
    return names


def _names(cells: tuple[str | None, ...], needed: frozenset[str]) -> list[str]:
    names = column_names(cells)
    if missing := sorted(needed - set(names)):
        raise SourceError(f"The file's header lacks {', '.join(missing)}; export it again with all its columns.")
    return names


def _schema(names: list[str]) -> dict[str, pl.DataType]:
    return {"row_no": pl.Int64()} | {name: pl.String() for name in names}


def _holds_line_ends(column: pa.ChunkedArray) -> bool:
    """Whether any cell of a text column holds a line end; looks at the column's bytes at once."""
    # One byte at a time: that is a search for a byte, not for a pattern.
    return any(re.search(end, chunk.buffers()[2] or b"") for chunk in column.chunks for end in (rb"\n", rb"\r"))


_SWALLOWED = "a quote in column {} takes in whole rows"
_BAD_BYTES = "column {} of row {} holds bytes that are no UTF-8"


def _faults(names: list[str], suspects: list[str], delimiter: str, *, damaged: bool) -> dict[str, pl.Expr]:
    """Per reason, the column it is found in (null where it is not)."""
    faults = {}
    if suspects and len(names) > 1:
        # Two stray quotes in one column join rows to one that has the right number of cells.
        enough = [
            pl.col(name).str.contains(r"[\r\n]")
            & (pl.col(name).str.count_matches(delimiter, literal=True) >= len(names) - 1)
            for name in suspects
        ]
        faults[_SWALLOWED] = _first_of(suspects, enough)
    if damaged:
        faults[_BAD_BYTES] = _first_of(names, [pl.col(name).str.contains(BAD_BYTE) for name in names])
    return faults


def _first_of(names: list[str], conditions: list[pl.Expr]) -> pl.Expr:
    return pl.coalesce(pl.when(found).then(pl.lit(name)) for name, found in zip(names, conditions, strict=True))


def _refuse(frame: pl.DataFrame, faults: dict[str, pl.Expr], kind: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part the rows with a fault from the others."""
    rejects = [pl.DataFrame(schema=REJECT_SCHEMA)]
    for reason, found in faults.items():
        marked = frame.with_columns(found.alias("faulty column"))
        shown = pl.concat_str(pl.exclude("row_no", "faulty column").fill_null(""), separator=" | ")
        places = ("faulty column", "row_no")[: reason.count("{}")]
        rejects.append(
            marked.filter(pl.col("faulty column").is_not_null()).select(
                kind=pl.lit(kind),
                row_no="row_no",
                column="faulty column",
                value=shown.str.replace_all(BAD_BYTE, "\ufffd").str.head(_SHOWN),
                reason=pl.format(reason, *places),
                cure=pl.lit(_CURES[reason]),
            )
        )
        frame = marked.filter(pl.col("faulty column").is_null()).drop("faulty column")
    return frame, pl.concat(rejects)


_CURES = {
    _SWALLOWED: "correct the quotes around this row, or take the line ends out of its text",
    _BAD_BYTES: "export the file as UTF-8, or correct the text in the source",
}
_NEVER_CLOSED = "A quote that opens {where} is never closed; correct it and import the file again."


def _explained(error: str, row: int) -> str:
    # An empty file was refused before; Arrow finds none when a quote in the header takes in all of it.
    if "straddling" in error or "Empty CSV" in error:
        return _NEVER_CLOSED.format(where=f"in row {row} or below")
    return f"The file cannot be read as a table below row {row}; export it again as CSV."
