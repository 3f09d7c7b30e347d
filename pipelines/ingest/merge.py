"""The merge of one staged record kind into its raw table, guarded by version.

The rule: a row replaces the one with its key when its version is higher, or equal with a greater content; equal
content only raises the version. So the same rows in any order, any number of times, give the same table. A span
read whole (a window) makes what is not in it a tombstone, unless that looks like a broken source; a thing told anew
(a restatement) does so with its own older rows, always.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from pipelines.ingest.staging_area import number_repeats, table_of
from warehouse.kinds import RecordKind

BRAKE_SHARE, BRAKE_ROWS, BRAKE_FREE = 0.05, 100, 5
"""Deletions beyond 5 % of a connection's rows or beyond 100 are held back; up to five are always believed."""
NO_MONTH = dt.date(1900, 1, 1)
"""Month of rows that have no date."""


@dataclass(frozen=True, slots=True)
class LoadStamp:
    """What every row of a load is marked with."""

    load_id: str
    load_seq: int
    connection_id: str
    version: int
    pulled_at: dt.datetime


@dataclass(frozen=True, slots=True)
class KindCount:
    """What the merge of one kind did, in rows."""

    merged: int
    unchanged: int
    deleted: int = 0
    held_back: int = 0


class KindMerge:
    """One staged kind on its way into its raw table; runs inside the load's transaction."""

    def __init__(self, con: duckdb.DuckDBPyConnection, kind: RecordKind, stamp: LoadStamp) -> None:
        """Remember the parts; `run` does the work."""
        self._con = con
        self._kind = kind
        self._stamp = stamp
        self._raw = f"raw.{kind.name}"
        self._stage = table_of(kind.name)
        self._has_accounts = any(column.name == "account_id" for column in kind.fields)
        self._own = [f'"{column.name}"' for column in kind.fields] + ["extra"]

    def run(self) -> KindCount:
        """Merge everything staged."""
        staged = self._number(f"select count(*) from {self._stage}")
        dropped = number_repeats(self._con, self._kind)
        self._find_known()
        known = self._number("select count(*) from known")
        changed = self._number("select count(*) from known where is_changed")
        self._note_months(
            f"select {self._month('t')} from {self._raw} as t "
            "where rowid in (select raw_row from known where is_changed)"
        )
        self._con.execute(f"delete from {self._raw} where rowid in (select raw_row from known where is_changed)")
        self._raise_versions()
        late = self._insert(has_known=known > 0)
        merged = staged - dropped - (known - changed) - late
        return KindCount(merged=merged, unchanged=(known - changed) + dropped + late)

    def delete_absent(self, first: str, last: str, account_id: str | None = None, *, accept: bool) -> KindCount:
        """Make tombstones of live rows that the load, which read them all, did not hold.

        They are the rows between two dates (every row, where the kind has no date) of one account, or of all.
        """
        where = "connection_id = $connection and not deleted and version < $version"
        values = {"connection": self._stamp.connection_id, "version": self._stamp.version}
        if self._kind.event_date:
            where += f" and {self._kind.event_date} between $first and $last"
            values |= {"first": first, "last": last}
        if account_id is not None:
            where += " and account_id = $account"
            values |= {"account": account_id}
        absent = self._number(f"select count(*) from {self._raw} where {where}", values)
        live = self._number(
            f"select count(*) from {self._raw} where connection_id = ? and not deleted", [self._stamp.connection_id]
        )
        brake = absent > BRAKE_ROWS or absent > BRAKE_SHARE * live
        if absent > BRAKE_FREE and brake and not accept:
            return KindCount(merged=0, unchanged=0, held_back=absent)
        if not self._kind.event_date:  # a whole list says all that an earlier one did
            self._con.execute(
                "delete from raw.windows where connection_id = ? and record_kind = ? "
                "and account_id is not distinct from ? and version < ?",
                [self._stamp.connection_id, self._kind.name, account_id, self._stamp.version],
            )
        self._con.execute(
            "insert into raw.windows values (?, ?, ?, ?, ?, ?)",
            [self._stamp.connection_id, self._kind.name, first, last, account_id, self._stamp.version],
        )
        return KindCount(merged=0, unchanged=0, deleted=self._bury(where, values))

    def delete_restated(self, column: str, values: Iterable[str]) -> KindCount:
        """Make tombstones of live rows older than this load whose `column` holds a value that was told anew."""
        incoming = pa.table({"value": pa.array(sorted(values), pa.string())})  # noqa: F841 - the engine finds it
        stamp = self._stamp
        of_this = [stamp.connection_id, self._kind.name, column]
        where = "connection_id = ? and record_kind = ? and column_name = ?"
        newer = f"select value from raw.restatements where {where} and version > ?"
        self._con.execute(
            f"create or replace temp table told as select value from incoming where value not in ({newer})",
            [*of_this, stamp.version],
        )
        self._con.execute(f"delete from raw.restatements where {where} and value in (from temp.told)", of_this)
        self._con.execute(
            "insert into raw.restatements select ?, ?, ?, value, ? from temp.told", [*of_this, stamp.version]
        )
        older = "connection_id = $connection and not deleted and version < $version"
        found = {"connection": stamp.connection_id, "version": stamp.version}
        return KindCount(0, 0, deleted=self._bury(f'{older} and "{column}" in (from temp.told)', found))

    def _bury(self, where: str, values: Mapping[str, object]) -> int:
        """Make tombstones of the rows that `where` finds, with this load's version; how many there were."""
        found = self._number(f"select count(*) from {self._raw} where {where}", values)
        if found:
            self._note_months(f"select {self._month('t')} from {self._raw} as t where {where}", values)
            self._con.execute(
                f"update {self._raw} set deleted = true, version = $version, _load_id = $load, _loaded_at = $at "
                f"where {where}",
                {**values, "load": self._stamp.load_id, "at": self._stamp.pulled_at},
            )
        return found

    def _find_known(self) -> None:
        """Pair staged rows with the rows they meet, and judge each pair.

        Keys are met first and contents compared only where they meet: a first import, or a night among ten million
        rows, never carries whole rows through the join.
        """
        self._con.execute(
            f"""
            create or replace temp table met as
            select s.rowid as stage_row, t.rowid as raw_row
            from {self._stage} as s
            inner join {self._raw} as t on s._key = t._key
            where t.connection_id = $connection
            """,
            {"connection": self._stamp.connection_id},
        )
        ours, theirs = (", ".join(f"{alias}.{column}" for column in self._own) for alias in "st")
        differs = f"row({ours}) is distinct from row({theirs})"
        self._con.execute(
            f"""
            create or replace temp table known as
            select
                met.stage_row,
                met.raw_row,
                t.version as raw_version,
                ({differs} or t.deleted) and (
                    $version > t.version
                    or ($version = t.version and not t.deleted and coalesce(row({ours}) > row({theirs}), false))
                ) as is_changed
            from met
            inner join {self._stage} as s on met.stage_row = s.rowid
            inner join {self._raw} as t on met.raw_row = t.rowid
            """,
            {"version": self._stamp.version},
        )

    def _raise_versions(self) -> None:
        """A row seen again unchanged is as new as this load; only a live row's version moves."""
        self._con.execute(
            f"update {self._raw} set version = $version "
            "where rowid in (select raw_row from known where not is_changed and raw_version < $version)",
            {"version": self._stamp.version},
        )

    def _insert(self, *, has_known: bool) -> int:
        """Insert new and changed rows; how many arrived too late, already outlived by what was read since."""
        fresh = f"select * from {self._stage}"
        if has_known:
            fresh += " where rowid not in (select stage_row from known where not is_changed)"
        late = self._late()
        names = ", ".join(self._own)
        stamp = self._stamp
        self._con.execute(
            f"""
            insert into {self._raw}
            select _key, $connection, record_id, {names}, $version, {late}, $load, _landed_sha256, $at
            from ({fresh}) as s
            """,
            {
                "connection": stamp.connection_id,
                "version": stamp.version,
                "load": stamp.load_id,
                "at": stamp.pulled_at,
            },
        )
        self._note_months(f"select {self._month('s')} from ({fresh}) as s")
        if late == "false":
            return 0
        return self._number(f"select count(*) from {self._raw} where _load_id = ? and deleted", [stamp.load_id])

    def _late(self) -> str:
        """SQL that is true for a row which a newer load, already merged, says is gone."""
        return " or ".join([*self._outlived_by_windows(), *self._outlived_by_restatements()]) or "false"

    def _outlived_by_restatements(self) -> list[str]:
        newer = f"connection_id = $connection and record_kind = '{self._kind.name}' and version > $version"
        columns = self._con.execute(
            f"select distinct column_name from raw.restatements where {newer} order by column_name",
            {"connection": self._stamp.connection_id, "version": self._stamp.version},
        ).fetchall()
        return [
            f'coalesce(s."{column}" in (select value from raw.restatements '
            f"where {newer} and column_name = '{column}'), false)"
            for (column,) in columns
        ]

    def _outlived_by_windows(self) -> list[str]:
        if not self._number(
            "select count(*) from raw.windows where connection_id = ? and record_kind = ? and version > ?",
            [self._stamp.connection_id, self._kind.name, self._stamp.version],
        ):
            return []
        within = ""
        if self._kind.event_date:
            within += f" and s.{self._kind.event_date} between w.first_date and w.last_date"
        if self._has_accounts:
            within += " and (w.account_id is null or w.account_id = s.account_id)"
        windows = f"w.connection_id = $connection and w.record_kind = '{self._kind.name}' and w.version > $version"
        return [f"exists (select 1 from raw.windows as w where {windows}{within})"]

    def _month(self, alias: str) -> str:
        if not self._kind.event_date:
            return f"date '{NO_MONTH}'"
        return f"coalesce(date_trunc('month', {alias}.{self._kind.event_date})::date, date '{NO_MONTH}')"

    def _note_months(self, months: str, values: object = None) -> None:
        """Write the months of `months` (a select of one column) as changed by this load, each once."""
        stamp, kind = self._stamp, self._kind.name
        self._con.execute(
            f"insert into raw.changes select {stamp.load_seq}, '{kind}', '{stamp.connection_id}', month_date "
            f"from (select changed.month_date from ({months}) as changed (month_date) except select month_date "
            f"from raw.changes where load_seq = {stamp.load_seq} and record_kind = '{kind}')",
            values,
        )

    def _number(self, sql: str, values: object = None) -> int:
        row = self._con.execute(sql, values).fetchone()
        return int(row[0]) if row else 0
