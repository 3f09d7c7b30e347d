"""`hisab query`: one SELECT against the served marts, as a table for people or as CSV, JSON or Parquet for programs.

Put here the running of a person's own statement and its four forms. Keep out opening the marts (`warehouse.marts`).
Amounts leave exactly as they are: digits in the table and the CSV, strings in JSON (a JSON number becomes a float in
most readers), decimal128 in Parquet. Instants are UTC.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import re
import sys
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from warehouse.home import PRIVATE_FILE, Home, sync_folder
from warehouse.keys import Keyring
from warehouse.marts import Marts, open_marts

FORMS = ("table", "csv", "json", "parquet")
"""What `form` may be."""
TABLE_ROWS = 200
"""A table for people shows this many rows at most and says so; the other forms give every row."""
_FETCH = 10_000
_UNBOUNDED = 100_000
_FORMULA_STARTS = tuple("=+-@\t\r\n\0" + "＝＋－＠")
_NUMBERS = (int, float, Decimal)
_LOCATION = re.compile(r"^(.*?)\n\s*\nLINE \d+:.*", re.DOTALL)


class QueryError(Exception):
    """The statement cannot be run or its result cannot be given; one line that says why."""


def run_query(
    home: Home,
    keyring: Keyring,
    statement: str,
    *,
    form: str = "table",
    output: Path | None = None,
    stream: TextIO | None = None,
    seconds: float = 60.0,
    memory_limit: str = "1GB",
) -> int:
    """Run one SELECT over the served marts and give the number of rows written.

    The rows go to `output` (whole or not at all, mode 0600) or to `stream`, by default standard output. Raises
    QueryError for anything that is not one reading statement, for the engine's complaints, after `seconds`, and for
    Parquet without `output`; and what `open_marts` raises.
    """
    if form not in FORMS:
        raise QueryError(f"There is no format {form!r}; choose one of: {', '.join(FORMS)}.")
    if form == "parquet" and output is None:
        raise QueryError("Parquet is not text: name a file with --output.")
    with open_marts(home, keyring, memory_limit) as marts:
        _require_select(marts, statement)
        with _told_briefly(), _time_limit(marts, seconds):
            result = marts.execute(statement)
            if output is None:
                return _write_text(result, form, stream or sys.stdout)
            return _write_file(result, form, output)


def _require_select(marts: Marts, statement: str) -> None:
    with _told_briefly():
        statements = marts.connection.extract_statements(statement)
    if len(statements) != 1:
        raise QueryError(f"One statement at a time, please; here are {len(statements)}.")
    if statements[0].type not in {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}:
        raise QueryError("Only statements that read are allowed here, such as: select * from core.dim_parties")


@contextmanager
def _told_briefly() -> Iterator[None]:
    try:
        yield
    except duckdb.InterruptException:
        raise QueryError("The query took too long and was stopped; ask for less.") from None
    except duckdb.OutOfMemoryException:
        raise QueryError(
            "The query needs more memory than it may take; ask for less, or raise memory_limit in hisab.toml."
        ) from None
    except duckdb.Error as error:
        raise QueryError(_brief(str(error))) from None


def _brief(message: str) -> str:
    """The engine's message as one line: what is wrong and what was perhaps meant, without the drawing below it."""
    found = _LOCATION.match(message)
    text = found.group(1) if found else message
    return " ".join(text.split())


@contextmanager
def _time_limit(marts: Marts, seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, marts.connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _write_text(result: duckdb.DuckDBPyConnection, form: str, stream: TextIO) -> int:
    if form == "csv":
        return _write_csv(result, stream)
    if form == "json":
        return _write_json(result, stream)
    return _write_table(result, stream)


def _write_file(result: duckdb.DuckDBPyConnection, form: str, output: Path) -> int:
    temporary = output.with_name(f".{output.name}.{os.getpid()}.tmp")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
        try:
            with os.fdopen(handle, "wb") as file:
                rows = _write_bytes(result, form, file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(output)
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(output.resolve().parent)
    except OSError as error:
        raise QueryError(f"{output} cannot be written: {error.strerror}.") from None
    return rows


def _write_bytes(result: duckdb.DuckDBPyConnection, form: str, file: BinaryIO) -> int:
    if form == "parquet":
        return _write_parquet(result, file)
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    rows = _write_text(result, form, text)
    text.detach()
    return rows


def _rows(result: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := result.fetchmany(_FETCH):
        yield from rows


def _names(result: duckdb.DuckDBPyConnection) -> list[str]:
    return [column[0] for column in result.description or []]


def plain_text(value: object) -> str:
    """A value as text that loses nothing: decimals with all their digits, instants in UTC, never an exponent."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, (list, dict)):
        return json.dumps(_json_value(value), ensure_ascii=False)
    return str(value)


def harmless_text(value: str) -> str:
    """Text that no spreadsheet takes for a formula: one that begins like a formula gets an apostrophe before it."""
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA_STARTS) or value.startswith(_FORMULA_STARTS) else value


def _write_csv(result: duckdb.DuckDBPyConnection, stream: TextIO) -> int:
    stream.write(",".join(_quoted(harmless_text(name)) for name in _names(result)) + "\n")
    count = 0
    for row in _rows(result):
        stream.write(",".join(_csv_cell(value) for value in row) + "\n")
        count += 1
    return count


def _csv_cell(value: object) -> str:
    if value is None:
        return ""
    text = plain_text(value)
    return text if isinstance(value, (*_NUMBERS, dt.date, dt.time)) else _quoted(harmless_text(text))


def _quoted(text: str) -> str:
    """RFC 4180. The csv module leaves a lone carriage return bare when lines end in a newline, so it is not used."""
    if not text or any(mark in text for mark in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _json_value(value: object) -> object:
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None  # noqa: PLR0124 - NaN is not JSON
    if isinstance(value, list):
        return [_json_value(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _json_value(one) for key, one in value.items()}
    return plain_text(value)


def _write_json(result: duckdb.DuckDBPyConnection, stream: TextIO) -> int:
    names = _names(result)
    count = 0
    stream.write("[")
    for row in _rows(result):
        record = dict(zip(names, (_json_value(value) for value in row), strict=True))
        stream.write(("," if count else "") + "\n" + json.dumps(record, ensure_ascii=False))
        count += 1
    stream.write("\n]\n")
    return count


def _write_parquet(result: duckdb.DuckDBPyConnection, file: BinaryIO) -> int:
    count = 0
    reader = result.to_arrow_reader(_FETCH)
    with pq.ParquetWriter(file, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_table(pa.Table.from_batches([batch]))
            count += batch.num_rows
    return count


def _write_table(result: duckdb.DuckDBPyConnection, stream: TextIO) -> int:
    names = _names(result)
    rows = result.fetchmany(TABLE_ROWS + 1)
    shown = rows[:TABLE_ROWS]
    console = Console(file=stream, highlight=False)
    if not stream.isatty():
        console.width = _UNBOUNDED
    table = _table(names, shown)
    natural = Measurement.get(console, console.options.update(max_width=_UNBOUNDED), table).maximum
    if natural > console.width:
        _print_records(console, names, shown)
    else:
        console.print(table)
    if len(rows) > TABLE_ROWS:
        console.print(f"The first {TABLE_ROWS} rows; there are more. For all of them: --format csv", style="dim")
    else:
        console.print(f"{len(shown)} row{'' if len(shown) == 1 else 's'}", style="dim")
    return len(shown)


def _table(names: list[str], rows: list[tuple[Any, ...]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for number, name in enumerate(names):
        is_number = any(isinstance(row[number], _NUMBERS) and not isinstance(row[number], bool) for row in rows)
        table.add_column(Text(name), justify="right" if is_number else "left", no_wrap=is_number)
    for row in rows:
        table.add_row(*(_table_cell(value) for value in row))
    return table


def _print_records(console: Console, names: list[str], rows: list[tuple[Any, ...]]) -> None:
    """A result too wide for the screen: one line per column, one block per row."""
    for number, row in enumerate(rows, start=1):
        console.rule(Text(f"row {number}"), align="left", style="dim")
        block = Table.grid(padding=(0, 2))
        block.add_column(style="bold", no_wrap=True)
        block.add_column(overflow="fold")
        for name, value in zip(names, row, strict=True):
            block.add_row(Text(name), _table_cell(value))
        console.print(block)


def _table_cell(value: object) -> Text:
    if value is None:
        return Text("null", style="dim italic")
    # Control characters in a note must not reach the terminal; joiners inside Bangla and Arabic words must.
    return Text("".join(mark if _is_harmless(mark) else "\N{REPLACEMENT CHARACTER}" for mark in plain_text(value)))


def _is_harmless(mark: str) -> bool:
    return mark == "\n" or unicodedata.category(mark) != "Cc"
