"""Publishing: the marts of the working file become one immutable, encrypted snapshot, and the pointer moves to it.

Put here the copying and its proof. Keep out the shelf of snapshots (`warehouse.snapshots`) and reading
(`warehouse.marts`). The caller holds the writer's lock and has built and tested the marts.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb

from warehouse import snapshots
from warehouse.faults import fault_point
from warehouse.home import PRIVATE_FILE, Home, sync_folder, write_whole
from warehouse.keys import Keyring
from warehouse.mart_contents import MART_SCHEMAS, MartTable, Total, mart_tables, mart_totals, quoted
from warehouse.snapshots import Published, PublishError
from warehouse.working_file import attach_encrypted, engine, half_memory

STORAGE_VERSION = "v1.4.0"
"""Storage format of a snapshot: the oldest that can be encrypted, so that drivers of every 1.4 and 1.5 release read
it."""
TOTALS_SCHEMA = "publication"
"""Schema of the snapshot's own table `totals`: every row count and sum it was published with."""


def snapshot_key(keyring: Keyring, key_id: str) -> str:
    """The key of one snapshot, in the form the engine takes."""
    return keyring.engine_key(f"publish/{key_id}")


def publish(
    con: duckdb.DuckDBPyConnection,
    home: Home,
    keyring: Keyring,
    *,
    run_id: str,
    facts: Mapping[str, Any],
    schemas: Sequence[str] = MART_SCHEMAS,
    keep: int = 7,
    memory_limit: str = "1GB",
) -> Published:
    """Publish the mart tables of `con`'s attached working file `wh` and give what the pointer now says.

    Until the pointer is replaced the old snapshot is served; a failure, or being killed, at any point leaves it so.
    `facts` stand in clear beside the snapshot: no name and no amount belongs in them.

    Raises PublishError when there is nothing to publish, a stale log lies on the shelf, or the snapshot does not
    hold exactly what the working file holds; duckdb.Error when the engine fails, for instance on a full disk.
    """
    snapshots.sweep_unfinished(home)
    snapshots.refuse_stale_logs(home)
    tables = mart_tables(con, "wh", schemas)
    if not tables:
        raise PublishError("There are no marts to publish yet. Run `hisab sync` to build them.")
    file = snapshots.free_name(home, run_id)
    path = home.publish / file
    key_id = path.stem
    totals = mart_totals(con, "wh", tables)
    try:
        fault_point("publish.before_copy")
        _write_snapshot(con, path, snapshot_key(keyring, key_id), tables, totals)
        fault_point("publish.after_copy")
        with half_memory(con):
            _prove(home, keyring, path, tables, totals, memory_limit)
    except BaseException:
        path.unlink(missing_ok=True)
        path.with_name(file + ".wal").unlink(missing_ok=True)
        raise
    published = Published(
        file=file,
        sha256=snapshot_sha256(path),
        byte_count=path.stat().st_size,
        run_id=run_id,
        key_id=key_id,
        published_at=dt.datetime.now(dt.UTC).isoformat(timespec="microseconds"),
        rows=_row_counts(tables, totals),
        facts=dict(facts),
    )
    write_whole(snapshots.manifest_path(home, file), published.as_bytes())
    fault_point("publish.before_pointer")
    snapshots.point_to(home, published)
    fault_point("publish.after_pointer")
    snapshots.prune(home, keep)
    return published


def snapshot_sha256(path: Path) -> str:
    """SHA-256 of a snapshot's file, in hexadecimal; read once a process, unless the file changes."""
    stat = path.stat()
    return _sha256(path, (stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns))


@lru_cache(maxsize=8)
def _sha256(path: Path, _state: tuple[int, ...]) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _row_counts(tables: Sequence[MartTable], totals: Sequence[Total]) -> dict[str, int]:
    counts = dict.fromkeys((table.full_name for table in tables), 0)
    for total in totals:
        if not total.measure:
            counts[total.table] += int(total.value)
    return counts


def _write_snapshot(
    con: duckdb.DuckDBPyConnection, path: Path, key: str, tables: Sequence[MartTable], totals: Sequence[Total]
) -> None:
    attach_encrypted(con, path, "snapshot", key, storage_version=STORAGE_VERSION)
    try:
        con.execute("use snapshot")
        for schema in dict.fromkeys(table.schema for table in tables):
            con.execute(f"create schema {quoted(schema)}")
        for table in tables:
            copy_table(con, table)
        _note_totals(con, totals)
        con.execute("checkpoint snapshot")
    finally:
        con.execute("use wh")
        con.execute("detach snapshot")
    if path.with_name(path.name + ".wal").exists():
        raise PublishError(f"{path.name} was closed with a log beside it; it was thrown away. Run `hisab sync` again.")
    path.chmod(PRIVATE_FILE)
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_folder(path.parent)


def copy_table(con: duckdb.DuckDBPyConnection, table: MartTable) -> None:
    """Copy one table from `wh` to the present database: its keys and checks, its rows, its descriptions."""
    here = [table.schema, table.name]
    of_table = "database_name = 'wh' and schema_name = ? and table_name = ?"
    row = con.execute(f"select sql, comment from duckdb_tables() where {of_table}", here).fetchone()
    if row is None:
        raise PublishError(f"{table.full_name} went away while it was being published. Run `hisab sync` again.")
    con.execute(row[0])
    con.execute(f"insert into {table.quoted} select * from wh.{table.quoted}")
    if row[1]:
        con.execute(f"comment on table {table.quoted} is {_literal(row[1])}")
    comments = con.execute(
        f"select column_name, comment from duckdb_columns() where {of_table} and comment is not null", here
    ).fetchall()
    for column, comment in comments:
        con.execute(f"comment on column {table.quoted}.{quoted(column)} is {_literal(comment)}")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _note_totals(con: duckdb.DuckDBPyConnection, totals: Sequence[Total]) -> None:
    con.execute(f"create schema {TOTALS_SCHEMA}")
    columns = ", ".join(f"{name} varchar not null" for name in ("table_name", "currency_code", "measure", "total"))
    con.execute(f"create table {TOTALS_SCHEMA}.totals ({columns})")
    con.execute(f"comment on table {TOTALS_SCHEMA}.totals is 'Row counts and sums this snapshot was published with.'")
    rows = [[total.table, total.currency_code, total.measure, str(total.value)] for total in totals]
    if rows:
        con.executemany(f"insert into {TOTALS_SCHEMA}.totals values (?, ?, ?, ?)", rows)


def _prove(
    home: Home,
    keyring: Keyring,
    path: Path,
    tables: Sequence[MartTable],
    totals: Sequence[Total],
    memory_limit: str,
) -> None:
    """Open the finished file as a reader does and compare it with what the working file held."""
    reader = engine(home, memory_limit)
    try:
        with half_memory(reader):
            attach_encrypted(reader, path, "marts", snapshot_key(keyring, path.stem), read_only=True)
            found_tables = mart_tables(reader, "marts", sorted({table.schema for table in tables}))
            found = mart_totals(reader, "marts", found_tables)
    finally:
        reader.close()
    if found_tables != list(tables) or found != list(totals):
        differing = sorted({one.table for one in set(found) ^ set(totals)}) or ["its tables"]
        raise PublishError(
            f"The new snapshot does not hold what the warehouse holds ({', '.join(differing)}); it was thrown away and "
            "the old one is still served. Run `hisab sync` again; if it stays so, `hisab rebuild`."
        )
