"""Opening the working file: one encrypted DuckDB database, one process at a time.

The engine itself runs in memory and the file is attached as `wh`. Encryption needs the OpenSSL module of the httpfs
extension, which comes from its wheel and is loaded from the home's own pinned folder; without real encryption
nothing is opened.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from importlib import resources
from pathlib import Path

import duckdb

from warehouse.home import Home, HomeError
from warehouse.keys import KeyProblem, Keyring
from warehouse.kinds import RecordKind, RoadTable
from warehouse.lock import Locked, writer_lock
from warehouse.record_kinds import KINDS
from warehouse.road_tables import ROAD_TABLES
from warehouse.schema_renderings import ddl

WORKING_KEY = "warehouse"
"""What the working file's key is derived for."""


class EncryptionOff(Exception):
    """The engine cannot encrypt here; nothing was opened."""


class DiskFull(Exception):
    """The disk ran full; what was acknowledged before is safe."""


def pin_extensions(home: Home) -> Path:
    """Put the installed httpfs extension into the home's folder, where DuckDB looks for it; give that folder.

    Raises EncryptionOff when the wheel is not installed or is of another DuckDB version.
    """
    version = f"v{duckdb.__version__}"
    try:
        packaged = resources.files("duckdb_extension_httpfs") / "extensions" / version / "httpfs.duckdb_extension"
        present = packaged.is_file()
    except ModuleNotFoundError:
        present = False
    if not present:
        raise EncryptionOff(
            f"Encryption is not available: the package duckdb-extension-httpfs for DuckDB {version} is not installed. "
            "Run `make setup`; nothing was opened."
        )
    with resources.as_file(packaged) as source:
        target = home.extensions / version / _platform() / source.name
        if not target.exists() or target.stat().st_size != source.stat().st_size:
            target.parent.mkdir(parents=True, exist_ok=True)
            fresh = target.with_suffix(".tmp")
            shutil.copyfile(source, fresh)
            fresh.replace(target)
    return home.extensions


def _platform() -> str:
    row = duckdb.sql("pragma platform").fetchone()
    return str(row[0]) if row else "unknown"


def engine(home: Home, memory_limit: str) -> duckdb.DuckDBPyConnection:
    """A DuckDB engine in memory, set up as every room needs it: pinned extensions, encrypted spill, UTC.

    Raises EncryptionOff when the encryption module does not load.
    """
    extensions = pin_extensions(home)
    con = duckdb.connect(
        ":memory:",
        config={
            "extension_directory": str(extensions),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "temp_directory": str(home.spill),
            "memory_limit": memory_limit,
        },
    )
    con.execute("set TimeZone = 'UTC'")
    con.execute("set temp_file_encryption = true")
    con.execute("set preserve_insertion_order = false")
    con.execute("set enable_progress_bar = false")
    try:
        con.execute("load httpfs")
    except duckdb.Error:
        con.close()
        raise EncryptionOff(
            f"Encryption is not available: DuckDB refused the httpfs extension in {extensions}. "
            "Remove that folder and run `make setup`; nothing was opened."
        ) from None
    return con


@contextmanager
def half_memory(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let go of half of what this engine may take, while a second engine or a decoding process works beside it.

    `memory_limit` is a promise about both together.
    """
    row = con.execute("select current_setting('memory_limit')").fetchone()
    whole = str(row[0] if row else "")
    number, unit = whole.split()
    con.execute(f"set memory_limit = '{Decimal(number) / 2} {unit}'")
    try:
        yield
    finally:
        con.execute(f"set memory_limit = '{whole}'")


def attach_encrypted(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    alias: str,
    key: str,
    *,
    read_only: bool = False,
    storage_version: str = "",
) -> None:
    """Attach an encrypted file (made when missing, in `storage_version` if given) and prove that it is encrypted.

    Raises KeyProblem for a wrong key, Locked when another process has it, EncryptionOff when it is not encrypted.
    """
    options = f"encryption_key '{key}', encryption_cipher 'GCM'" + (", read_only" if read_only else "")
    options += f", storage_version '{storage_version}'" if storage_version else ""
    literal = str(path).replace("'", "''")
    problem: Exception | None = None
    try:
        con.execute(f"attach '{literal}' as {alias} ({options})")
    except duckdb.Error as error:
        problem = _attach_problem(path, str(error))
    if problem:  # raised outside the handler: the engine's error would carry the statement, and so the key
        raise problem
    # no bound parameter here: the first one makes DuckDB's client import pandas, a second that a quiet night has not
    row = con.execute(f"select encrypted, cipher from duckdb_databases() where database_name = '{alias}'").fetchone()
    if row != (True, "GCM"):
        con.execute(f"detach {alias}")
        raise EncryptionOff(f"{path.name} is not encrypted as it should be (AES-256-GCM); it was closed again.")


def _attach_problem(path: Path, message: str) -> Exception:
    lowered = message.lower()
    if "wrong encryption key" in lowered or "cannot open encrypted" in lowered:
        return KeyProblem(f"{path.name} was made with another key. Restore keys/home.key from your backup.")
    if "lock" in lowered:
        return Locked(f"{path.name} is open in another process. Close it and try again.")
    if "no space left" in lowered:
        return DiskFull(f"The disk with {path.parent} is full. Make room and run the command again; nothing was lost.")
    return HomeError(
        f"{path.name} cannot be opened; it may be damaged. Run `hisab rebuild` to make it from landing anew."
    )


@contextmanager
def working_file(
    home: Home, keyring: Keyring, purpose: str, memory_limit: str, *, file: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Hold the writer's lock and the working file, attached as `wh`, with every raw table made.

    `file` is another file of the same home to open in its place (a rebuild writes one). On the way out the file
    is checkpointed and closed, so that no log is left beside it. Raises Locked, KeyProblem, EncryptionOff, DiskFull.
    """
    with writer_lock(home, purpose):
        con = engine(home, memory_limit)
        try:
            attach_encrypted(con, file or home.warehouse_file, "wh", keyring.engine_key(WORKING_KEY))
            con.execute("use wh")
            _make_tables(con)
            yield con
            con.execute("use memory")
            con.execute("checkpoint wh")
            con.execute("detach wh")
        except duckdb.Error as error:
            if "no space left" in str(error).lower() or "could not write" in str(error).lower():
                raise DiskFull(
                    f"The disk with {home.root} is full. Make room and run the command again; nothing was lost."
                ) from None
            raise
        finally:
            con.close()


def _make_tables(con: duckdb.DuckDBPyConnection) -> None:
    present = {
        row[0]
        for row in con.execute(
            "select table_name from duckdb_tables() where database_name = 'wh' and schema_name = 'raw'"
        ).fetchall()
    }
    tables: list[RecordKind | RoadTable] = [*KINDS.values(), *ROAD_TABLES.values()]
    missing = [table for table in tables if table.name not in present]
    if missing:
        con.execute("create schema if not exists raw")
        for table in missing:
            con.execute(ddl(table))
