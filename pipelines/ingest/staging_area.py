"""The staging area of one load: checked rows wait here, keyed and numbered, until they are merged.

Temporary tables of the engine, named `stage_<kind>`: they spill encrypted, and a killed load leaves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import duckdb

from pipelines.ingest.decoding import Rejects, Rows, Stretch
from warehouse.kinds import FieldType, RecordKind
from warehouse.record_kinds import KINDS
from warehouse.schema_renderings import duckdb_type

SEPARATOR = "chr(31)"
"""Unit separator between the parts of a content key: no exported text holds it."""


@dataclass(slots=True)
class Staged:
    """What the decoding of one load brought.

    Attributes:
        read: Rows per kind that the source held.
        quarantined: Rows per kind that were set aside.
        kinds: Kinds that have a staging table.
        windows: (kind, first date, last date, account or None) of every span read whole.
        cursor: Where the next pull starts, when the source said so.
        restated: Values of (kind, column) that the source told anew.
    """

    read: dict[str, int] = field(default_factory=dict)
    quarantined: dict[str, int] = field(default_factory=dict)
    kinds: list[str] = field(default_factory=list)
    windows: list[tuple[str, str, str, str | None]] = field(default_factory=list)
    cursor: str | None = None
    restated: dict[tuple[str, str], set[str]] = field(default_factory=dict)


def table_of(kind: str) -> str:
    """Name of a kind's staging table."""
    return f"temp.stage_{kind}"


def stage_load(
    con: duckdb.DuckDBPyConnection,
    load_id: str,
    connection_id: str,
    pieces: Iterator[Rows | Rejects | Stretch],
) -> Staged:
    """Put everything a load decodes to into staging tables and `raw.quarantine`."""
    staged = Staged()
    for number, piece in enumerate(pieces):
        match piece:
            case Rows():
                _stage_rows(con, staged, connection_id, piece, number)
            case Rejects():
                _set_aside(con, staged, load_id, connection_id, piece)
            case Stretch():
                for kind, count in piece.rows_read.items():
                    staged.read[kind] = staged.read.get(kind, 0) + count
                staged.windows += piece.windows
                staged.cursor = piece.cursor or staged.cursor
                for kind, column, values in piece.restated:
                    staged.restated.setdefault((kind, column), set()).update(values)
    return staged


def drop_stage(con: duckdb.DuckDBPyConnection, staged: Staged) -> None:
    """Empty the staging area."""
    for kind in staged.kinds:
        con.execute(f"drop table {table_of(kind)}")


def _stage_rows(con: duckdb.DuckDBPyConnection, staged: Staged, connection_id: str, rows: Rows, piece_no: int) -> None:
    kind = KINDS[rows.kind]
    if kind.name not in staged.kinds:
        columns = ", ".join(f'"{f.name}" {duckdb_type(f)}' for f in kind.fields)
        con.execute(
            f"create or replace temp table {table_of(kind.name)} (_key uuid, record_id varchar, {columns}, "
            "extra varchar, _landed_sha256 varchar, piece_no integer, row_no bigint, is_content boolean)"
        )
        staged.kinds.append(kind.name)
    own = ", ".join(f'"{f.name}"' for f in kind.fields)
    key, record_id = _key_of(kind, rows.identity)
    is_content = "true" if rows.identity else "false"
    # The engine finds `incoming` as a Python variable. Registered as a view, every table of the load would be kept in
    # memory until its transaction ends.
    incoming = rows.table  # noqa: F841
    con.execute(
        f"insert into {table_of(kind.name)} "
        f"select {key}, {record_id}, {own}, extra, ?, ?, row_no, {is_content} from incoming",
        [connection_id, rows.sha256, piece_no],
    )


def _key_of(kind: RecordKind, identity: tuple[str, ...]) -> tuple[str, str]:
    """SQL of `_key` and `record_id`: by the source's id, or by content (numbered later where it repeats)."""
    instants = {column.name for column in kind.fields if column.type is FieldType.INSTANT}
    # microseconds since 1970, because the text of an instant would hang on the session's time zone
    values = [f'epoch_us("{name}")' if name in instants else f'"{name}"' for name in identity]
    parts = [f"coalesce({value}::varchar, '')" for value in values] or ["record_id"]
    text = f" || {SEPARATOR} || ".join(["?", *parts])
    return f"md5({text})::uuid", "'#1'" if identity else "record_id"


def _set_aside(
    con: duckdb.DuckDBPyConnection, staged: Staged, load_id: str, connection_id: str, rejects: Rejects
) -> None:
    incoming = rejects.table  # noqa: F841 - see `_stage_rows`
    con.execute(
        'insert into raw.quarantine select ?, ?, kind, ?, row_no, "column", value, reason, cure, ?, now() '
        "from incoming",
        [load_id, connection_id, rejects.page, rejects.sha256],
    )
    counts = con.execute("select kind, count(*) from incoming group by kind").fetchall()
    for kind, count in counts:
        staged.quarantined[kind] = staged.quarantined.get(kind, 0) + count


def number_repeats(con: duckdb.DuckDBPyConnection, kind: RecordKind) -> int:
    """Make keys unique inside the load: number equal rows without an id, keep the last state of rows with one.

    Returns how many rows were dropped as earlier states. Only rows whose key repeats are touched.
    """
    stage = table_of(kind.name)
    con.execute(f"create or replace temp table repeats as select _key from {stage} group by _key having count(*) > 1")
    if con.execute("select count(*) from repeats").fetchone() == (0,):
        return 0
    con.execute(
        f"""
        create or replace temp table numbered as
        select
            rowid as stage_row,
            is_content,
            row_number() over (partition by _key order by piece_no, row_no) as number,
            row_number() over (partition by _key order by piece_no desc, row_no desc) as from_last
        from {stage}
        where _key in (select _key from repeats)
        """
    )
    con.execute(
        f"""
        update {stage} set
            record_id = '#' || numbered.number,
            _key = md5(_key::varchar || {SEPARATOR} || numbered.number)::uuid
        from numbered
        where {stage}.rowid = numbered.stage_row and numbered.is_content and numbered.number > 1
        """
    )
    dropped = con.execute(
        f"""
        delete from {stage}
        where rowid in (select stage_row from numbered where not is_content and from_last > 1)
        """
    ).fetchone()
    return int(dropped[0]) if dropped else 0
