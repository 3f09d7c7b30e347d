"""The road of one load: a landed pack is decoded, checked and merged in one transaction with its books.

Read = merged + unchanged + quarantined is proved for every kind before the commit. A load that was merged before is
recognised by its id and does nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import metadata

import duckdb

from pipelines.ingest.decoding import Decoder
from pipelines.ingest.landing import Landing, Pack, read_pack
from pipelines.ingest.merge import KindCount, KindMerge, LoadStamp
from pipelines.ingest.staging_area import Staged, drop_stage, stage_load, table_of
from pipelines.sources.source import SourceError
from warehouse.faults import fault_point
from warehouse.record_kinds import KINDS


class ConservationError(Exception):
    """Rows were lost or doubled inside Hisab; nothing of the load was merged."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of one kind in one load: read = merged + unchanged + quarantined."""

    read: int
    merged: int
    unchanged: int
    quarantined: int
    deleted: int = 0


@dataclass(frozen=True, slots=True)
class LoadOutcome:
    """What became of one load.

    Attributes:
        load_id: The load.
        connection_id: Its connection.
        source: Its source.
        counts: Per record kind.
        held_back: Rows that look deleted at the source and were kept, waiting for a person.
        problem: One clear line when the load could not be merged; its bytes stay in landing.
    """

    load_id: str
    connection_id: str
    source: str
    counts: Mapping[str, Counts] = field(default_factory=dict)
    held_back: int = 0
    problem: str = ""

    @property
    def changed(self) -> int:
        """Rows merged or deleted."""
        return sum(count.merged + count.deleted for count in self.counts.values())

    @property
    def quarantined(self) -> int:
        """Rows set aside."""
        return sum(count.quarantined for count in self.counts.values())


def merge_pack(con: duckdb.DuckDBPyConnection, landing: Landing, decoder: Decoder, pack: Pack) -> LoadOutcome:
    """Bring one landed load into the raw tables, once.

    A pack that cannot be decoded gives an outcome with its problem and stays pending. Raises ConservationError.
    """
    key = landing.keyring.subject_key(pack.party_id)
    facts, _ = next(read_pack(pack.path, key))
    source = facts["source"]
    fault_point("merge.before_transaction")
    con.execute("begin transaction")
    try:
        if con.execute("select count(*) from raw.loads where load_id = ?", [pack.load_id]).fetchone() != (0,):
            con.execute("rollback")
            landing.set_merged(pack)
            return LoadOutcome(pack.load_id, pack.connection_id, source, problem="")
        staged = stage_load(con, pack.load_id, pack.connection_id, decoder.decode(pack.path, key))
        fault_point("merge.after_stage")
        outcome = _merge_staged(con, pack, facts, staged)
        fault_point("merge.before_commit")
        con.execute("commit")
    except SourceError as error:
        con.execute("rollback")
        return LoadOutcome(pack.load_id, pack.connection_id, source, problem=str(error))
    except BaseException:
        _roll_back(con)
        raise
    fault_point("merge.after_commit")
    landing.set_merged(pack)
    return outcome


def _roll_back(con: duckdb.DuckDBPyConnection) -> None:
    try:
        con.execute("rollback")
    except duckdb.Error:
        return  # a full disk invalidates the database: its transaction is gone with it


def _merge_staged(con: duckdb.DuckDBPyConnection, pack: Pack, facts: Mapping[str, str], staged: Staged) -> LoadOutcome:
    row = con.execute("select coalesce(max(load_seq), 0) + 1 from raw.loads").fetchone()
    stamp = LoadStamp(
        load_id=pack.load_id,
        load_seq=int(row[0]) if row else 1,
        connection_id=pack.connection_id,
        version=int(pack.pulled_at.timestamp() * 1_000_000),
        pulled_at=pack.pulled_at,
    )
    stamps = dict.fromkeys(KINDS, stamp)
    if facts.get("file_sha256"):
        reach = replace(stamp, version=_reach(con, pack, staged))
        stamps = {kind: reach if KINDS[kind].event_date else stamp for kind in KINDS}
    merges = {kind: KindMerge(con, KINDS[kind], stamps[kind]) for kind in staged.kinds}
    results = {kind: merge.run() for kind, merge in merges.items()}
    accept = facts.get("accept_deletions") == "true"
    for kind, first, last, account_id in staged.windows:
        merge = merges.get(kind) or KindMerge(con, KINDS[kind], stamp)
        found = merge.delete_absent(first, last, account_id, accept=accept)
        results[kind] = _sum(results.get(kind, KindCount(0, 0)), found)
    for (kind, column), values in staged.restated.items():
        merge = merges.get(kind) or KindMerge(con, KINDS[kind], stamps[kind])
        results[kind] = _sum(results.get(kind, KindCount(0, 0)), merge.delete_restated(column, values))
    counts = _balanced(staged, results)
    drop_stage(con, staged)
    held_back = sum(result.held_back for result in results.values())
    _write_books(con, stamp, facts, staged, counts, held_back)
    return LoadOutcome(pack.load_id, pack.connection_id, facts["source"], counts, held_back)


def _reach(con: duckdb.DuckDBPyConnection, pack: Pack, staged: Staged) -> int:
    """Version of a file's dated rows: how far the file reaches, then the millisecond it landed.

    An older export handed over later must not undo a newer one, so the ordinal of the file's last day (never beyond
    the day it landed) comes first.
    """
    last = dt.date.min
    for kind in staged.kinds:
        if event_date := KINDS[kind].event_date:
            row = con.execute(f"select max({event_date}) from {table_of(kind)}").fetchone()
            last = max(last, row[0] if row and row[0] else last)
    landed = pack.pulled_at
    return min(last, landed.date()).toordinal() * 10**13 + int(landed.timestamp() * 1000)


def _sum(one: KindCount, two: KindCount) -> KindCount:
    return KindCount(
        one.merged + two.merged,
        one.unchanged + two.unchanged,
        one.deleted + two.deleted,
        one.held_back + two.held_back,
    )


def _balanced(staged: Staged, results: Mapping[str, KindCount]) -> dict[str, Counts]:
    """The counts of every kind, proved to balance. Raises ConservationError."""
    counts: dict[str, Counts] = {}
    for kind in sorted({*staged.read, *staged.quarantined, *results}):
        result = results.get(kind, KindCount(0, 0))
        count = Counts(
            read=staged.read.get(kind, 0),
            merged=result.merged,
            unchanged=result.unchanged,
            quarantined=staged.quarantined.get(kind, 0),
            deleted=result.deleted,
        )
        if count.read != count.merged + count.unchanged + count.quarantined:
            raise ConservationError(
                f"{kind}: {count.read} rows read, but {count.merged} merged + {count.unchanged} unchanged + "
                f"{count.quarantined} set aside. Nothing of this load was merged; please report it."
            )
        counts[kind] = count
    return counts


def _write_books(
    con: duckdb.DuckDBPyConnection,
    stamp: LoadStamp,
    facts: Mapping[str, str],
    staged: Staged,
    counts: Mapping[str, Counts],
    held_back: int,
) -> None:
    con.execute(
        "insert into raw.loads values (?, ?, ?, ?, ?, now(), ?, ?, ?, ?, ?, ?)",
        [
            stamp.load_id,
            stamp.load_seq,
            stamp.connection_id,
            facts["source"],
            stamp.pulled_at,
            int(facts["page_count"]),
            int(facts["byte_count"]),
            facts.get("file_sha256") or None,
            held_back == 0,
            held_back,
            metadata.version("hisab"),
        ],
    )
    for kind, count in counts.items():
        con.execute(
            "insert into raw.load_counts values (?, ?, ?, ?, ?, ?, ?)",
            [stamp.load_id, kind, count.read, count.merged, count.unchanged, count.quarantined, count.deleted],
        )
    if staged.cursor is not None:
        con.execute("delete from raw.cursors where connection_id = ?", [stamp.connection_id])
        con.execute(
            "insert into raw.cursors values (?, ?, ?, ?)",
            [stamp.connection_id, staged.cursor, facts.get("pull_digest", ""), stamp.load_id],
        )
