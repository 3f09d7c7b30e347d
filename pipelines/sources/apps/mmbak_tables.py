"""The tables of a Money Manager backup, read from its SQLite file without running anything of it.

Put here how the database is opened and which of its tables and columns are which; Android and iPhone name them
differently, and versions lack some. Keep out what the rows mean (`mmbak`).
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from pipelines.sources.archive import open_archive
from pipelines.sources.source import SourceError

SQLITE = b"SQLite format 3\0"
_ZIP = b"PK\x03\x04"
_MOST_ROWS = 1_000_000
_BATCH = 50_000
_LEAST_BYTES = 512
"""A page of the smallest database."""
_SECONDS = 60
_INSTRUCTIONS = 100_000
"""Steps of SQLite between two looks at the clock."""

TABLES: Mapping[str, tuple[str, ...]] = {
    "entries": ("INOUTCOME", "ZINOUTCOME"),
    "assets": ("ASSETS", "ZASSET"),
    "groups": ("ASSETGROUP", "ZASSETGROUP"),
    "categories": ("ZCATEGORY",),
    "currencies": ("CURRENCY", "ZCURRENCY"),
}
COLUMNS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "entries": {
        "uid": ("uid", "ZUID"),
        "day": ("WDATE", "ZTXDATESTR"),
        "moment": ("ZDATE",),
        "type": ("DO_TYPE", "ZDO_TYPE"),
        "account_amount": ("AMOUNT_ACCOUNT", "ZAMOUNTACCOUNT"),
        "main_amount": ("ZMONEY", "ZAMOUNT"),
        "entered_amount": ("IN_ZMONEY", "ZAMOUNTSUB"),
        "asset": ("assetUid", "ZASSETUID"),
        "to_asset": ("toAssetUid", "ZTOASSETUID"),
        "category": ("ctgUid", "ZCATEGORYUID"),
        "currency": ("currencyUid", "ZCURRENCYUID"),
        "note": ("ZCONTENT",),
        "memo": ("ZDATA", "ZMEMO"),
        "deleted": ("IS_DEL", "ZISDEL"),
        "written": ("UTIME", "ZUTIME"),
        "transfer": ("txUidTrans", "ZTXUIDTRANS"),
        "fee": ("txUidFee", "ZTXUIDFEE"),
        "instalment": ("CARD_DIVIDE_MONTH_STR", "ZCARDDIVIDEMONTHSTR"),
        "instalments": ("cardDivideUid", "ZCARDDIVIDEUID"),
    },
    "assets": {
        "uid": ("uid", "ZUID"),
        "name": ("NIC_NAME", "ZNICNAME"),
        "group": ("groupUid", "ZGROUPUID"),
        "currency": ("currencyUid", "ZCURRENCYUID"),
        "state": ("ZDATA", "ZISDEL"),
    },
    "groups": {
        "uid": ("uid", "ZUID"),
        "name": ("ACC_GROUP_NAME", "ZASSETGROUPNAME", "NAME"),
        "type": ("TYPE", "ZTYPE"),
    },
    "categories": {
        "uid": ("uid", "ZUID"),
        "name": ("NAME", "ZNAME"),
        "type": ("TYPE", "ZDOTYPE"),
        "parent": ("pUid", "ZPUID"),
    },
    "currencies": {
        "uid": ("uid", "ZUID"),
        "iso": ("ISO", "ZISO", "SYMBOL"),
        "is_main": ("IS_MAIN_CURRENCY", "ZISMAINCURRENCY"),
    },
}
"""What each column is here, and its names from one platform and version to the next; their case varies too."""
_NEEDED: Mapping[str, tuple[set[str], ...]] = {
    "entries": ({"type"}, {"asset"}, {"day", "moment"}, {"account_amount", "main_amount"}),
    "assets": ({"uid"}, {"name"}),
}
"""Of each set one column must be there; without them a file is no backup of this app."""

_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_PRAGMA})
_PRAGMAS = frozenset({"table_info", "trusted_schema", "query_only", "cell_size_check", "mmap_size"})


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup's tables as text, whatever SQLite keeps in a cell; `row_no` counts the entries from 1.

    Attributes:
        entries: Every row of the ledger, deleted and mirrored ones too.
        assets: Accounts.
        groups: Account groups; empty where the file has none.
        categories: Categories; empty where the file has none.
        currencies: Currencies; empty where the file has none.
    """

    entries: pl.DataFrame
    assets: pl.DataFrame
    groups: pl.DataFrame
    categories: pl.DataFrame
    currencies: pl.DataFrame


def database_of(raw: bytes) -> bytes:
    """The SQLite file: the bytes themselves, or the one in their ZIP; empty when there is none. Raises SourceError."""
    if raw.startswith(SQLITE):
        return raw
    if not raw.startswith(_ZIP):
        return b""
    archive = open_archive(raw)
    found = []
    for member in archive.infolist():
        with archive.open(member) as inside:
            if inside.read(len(SQLITE)) == SQLITE:
                found.append(member)
    return archive.read(found[0]) if len(found) == 1 else b""


def is_backup(database: bytes) -> bool:
    """Whether a SQLite file has the tables and columns of a Money Manager backup."""
    try:
        with _opened(database) as connection:
            return not _lacking(_names(connection))
    except SourceError:
        return False


def read_backup(database: bytes) -> Backup:
    """All tables of a backup. Raises SourceError when it is none, is damaged, or takes too long to read."""
    with _opened(database) as connection:
        names = _names(connection)
        if _lacking(names):
            raise SourceError("The file is an SQLite database but no Money Manager backup; it was not read.")
        frames = {table: _frame(connection, table, *names[table]) for table in TABLES}
    return Backup(**frames)


@contextlib.contextmanager
def _opened(database: bytes) -> Iterator[sqlite3.Connection]:
    """A connection that can read tables and nothing else, for a bounded time."""
    if len(database) < _LEAST_BYTES:
        raise SourceError("The file is no Money Manager backup; make a new one in the app.")
    connection = sqlite3.connect(":memory:")
    ends = time.monotonic() + _SECONDS
    try:
        connection.deserialize(_without_log(database))
        for setting in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON"):
            connection.execute(f"PRAGMA {setting}")
        connection.set_progress_handler(lambda: int(time.monotonic() > ends), _INSTRUCTIONS)
        connection.set_authorizer(_authorised)
        # Whatever bytes an old phone wrote, a text is never a reason to fail.
        connection.text_factory = lambda text: text.decode("utf-8", errors="replace")
        yield connection
    except (sqlite3.Error, OverflowError, ValueError):
        raise SourceError("The backup is damaged or too large to read; make a new one in Money Manager.") from None
    finally:
        connection.close()


def _without_log(database: bytes) -> bytes:
    """A file in write-ahead mode as one in memory can be: its last log, if any, is in another file."""
    write_ahead = b"\x02\x02"
    return database[:18] + b"\x01\x01" + database[20:] if database[18:20] == write_ahead else database


def _authorised(action: int, subject: str | None, *_: str | None) -> int:
    if action not in _ALLOWED or (action == sqlite3.SQLITE_PRAGMA and subject not in _PRAGMAS):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _names(connection: sqlite3.Connection) -> dict[str, tuple[str, dict[str, str]]]:
    """Per table of ours its name in the file, and the names of its columns; empty where it has none."""
    rows = connection.execute("SELECT name, type, sql FROM sqlite_master").fetchall()
    # A view or a virtual table runs what its maker wrote.
    made = "create virtual"
    plain = {
        name.casefold(): name
        for name, kind, sql in rows
        if kind == "table" and " ".join((sql or "").casefold().split())[: len(made)] != made
    }
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for table, called in TABLES.items():
        name = next((plain[each.casefold()] for each in called if each.casefold() in plain), "")
        there = {}
        if name:
            there = {row[1].casefold(): row[1] for row in connection.execute(f"PRAGMA table_info({_quoted(name)})")}
        columns = {}
        for role, names in COLUMNS[table].items():
            column = next((there[each.casefold()] for each in names if each.casefold() in there), "")
            if column:
                columns[role] = column
        found[table] = (name, columns)
    return found


def _lacking(names: dict[str, tuple[str, dict[str, str]]]) -> bool:
    return any(not one_of & set(names[table][1]) for table, sets in _NEEDED.items() for one_of in sets)


def _frame(connection: sqlite3.Connection, table: str, name: str, columns: dict[str, str]) -> pl.DataFrame:
    """A table's known columns as text; columns the file lacks are null.

    SQLite itself writes a REAL out, to the 15 digits it is exact to: no amount passes through a float here.
    """
    parts = [pl.DataFrame(schema=dict.fromkeys(COLUMNS[table], pl.String()))]
    if name:
        texts = ", ".join(f"CAST({_quoted(column)} AS TEXT)" for column in columns.values())
        cursor = connection.execute(f"SELECT {texts} FROM {_quoted(name)}")
        count = 0
        while rows := cursor.fetchmany(_BATCH):
            count += len(rows)
            if count > _MOST_ROWS:
                raise SourceError("The backup has more than a million rows; it was not read.")
            part = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String()), orient="row")
            parts.append(pl.concat([parts[0], part], how="diagonal"))
    whole = pl.concat(parts).with_columns(pl.all().str.strip_suffix(".0"))
    return whole.with_row_index("row_no", 1).cast({"row_no": pl.Int64}) if table == "entries" else whole


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))
