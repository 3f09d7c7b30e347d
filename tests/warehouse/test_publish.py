from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from small_marts import filled, publish_version

from warehouse import publish as publishing
from warehouse import snapshots
from warehouse.faults import POINTS
from warehouse.home import Home
from warehouse.keys import Keyring
from warehouse.mart_contents import MartTable, mart_hashes
from warehouse.marts import open_marts
from warehouse.publish import publish
from warehouse.snapshots import PublishError
from warehouse.working_file import engine

HERE = Path(__file__).parent


def served_version(home: Home, keyring: Keyring) -> int:
    with open_marts(home, keyring) as marts:
        rows = marts.sql("select distinct version from core.fct_transactions").fetchall()
        assert rows == marts.sql("select distinct version from household.rpt_totals").fetchall()
    return int(rows[0][0])


def test_a_snapshot_holds_exactly_the_marts_with_their_keys_and_descriptions(home: Home, keyring: Keyring) -> None:
    with filled(home, keyring) as con:
        published = publish(con, home, keyring, run_id="r1", facts={"loads_seen": 3})
        expected = mart_hashes(con)
    with open_marts(home, keyring) as marts:
        assert mart_hashes(marts.connection, database="marts") == expected
        schemas = marts.sql(
            "select distinct schema_name from duckdb_tables() where database_name = 'marts' order by 1"
        ).fetchall()
        assert schemas == [("core",), ("household",), ("publication",)]
        comments = marts.sql(
            "select comment from duckdb_tables() where table_name = 'fct_transactions' union all "
            "select comment from duckdb_columns() where column_name = 'payee_name'"
        ).fetchall()
        assert comments == [("One row per entry; it's signed.",), ("Who was paid: বাংলা, العربية.",)]
        constraints = marts.sql(
            "select constraint_type from duckdb_constraints() where table_name = 'fct_transactions' order by 1"
        ).fetchall()
        assert {("PRIMARY KEY",), ("CHECK",), ("NOT NULL",)} == set(constraints)
        total = marts.sql(
            "select total from publication.totals where currency_code = 'AED' and measure = 'transaction_amount'"
        ).fetchall()
        assert (
            total
            == marts.sql(
                "select sum(transaction_amount)::varchar from core.fct_transactions where currency_code = 'AED'"
            ).fetchall()
        )
    assert published.rows == {"core.fct_transactions": 399, "household.rpt_totals": 2}
    assert published.facts == {"loads_seen": 3}
    assert not list(home.publish.glob("*.wal"))


def test_a_snapshot_stays_readable_by_drivers_of_the_same_line(home: Home, keyring: Keyring) -> None:
    published = publish_version(home, keyring, 1)
    head = (home.publish / published.file).read_bytes()[:20]
    magic, storage_version = struct.unpack_from("<4sQ", head, 8)
    assert magic == b"DUCK"
    assert storage_version == 67, "1.4 reads up to 67, 1.5 up to 68"


def test_nothing_of_a_snapshot_or_its_pointer_is_readable_without_the_key(home: Home, keyring: Keyring) -> None:
    with filled(home, keyring) as con:
        con.execute("insert into wh.core.fct_transactions values ('CANARYKEY', 'CANARYNAME', 'BDT', 987654321.1234, 1)")
        publish(con, home, keyring, run_id="r1", facts={})
    for path in home.publish.iterdir():
        data = path.read_bytes()
        assert b"CANARY" not in data
        assert b"987654321" not in data
        assert path.stat().st_mode & 0o077 == 0


def test_every_snapshot_has_its_own_key(home: Home, keyring: Keyring) -> None:
    first, second = publish_version(home, keyring, 1), publish_version(home, keyring, 2)
    con = engine(home, "200MB")
    with pytest.raises(duckdb.Error, match=r"(?i)encryption key"):
        con.execute(
            f"attach '{home.publish / second.file}' as s "
            f"(read_only, encryption_key '{publishing.snapshot_key(keyring, first.key_id)}')"
        )


@pytest.mark.parametrize("sabotage", ["drop a row", "one ten-thousandth", "swap currencies"])
def test_a_copy_that_differs_from_the_warehouse_is_not_published(
    home: Home, keyring: Keyring, monkeypatch: pytest.MonkeyPatch, sabotage: str
) -> None:
    publish_version(home, keyring, 1)
    honest = publishing.copy_table
    sql = {
        "drop a row": "delete from core.fct_transactions where transaction_key = 'k7'",
        "one ten-thousandth": "update core.fct_transactions set transaction_amount = transaction_amount + 0.0001 "
        "where transaction_key = 'k7'",
        "swap currencies": "update core.fct_transactions set currency_code = 'BDT' where transaction_key = 'k7'",
    }[sabotage]

    def dishonest(con: duckdb.DuckDBPyConnection, table: MartTable) -> None:
        honest(con, table)
        if table.name == "fct_transactions":
            con.execute(sql)

    monkeypatch.setattr(publishing, "copy_table", dishonest)
    with pytest.raises(PublishError, match=r"does not hold what the warehouse holds \(core.fct_transactions\)"):
        publish_version(home, keyring, 2)
    assert served_version(home, keyring) == 1
    assert len(list(home.publish.glob("marts-*.duckdb"))) == 1


def test_nothing_to_publish_is_said_in_one_line(home: Home, keyring: Keyring) -> None:
    from warehouse.working_file import working_file

    with working_file(home, keyring, "test", "200MB") as con, pytest.raises(PublishError, match="no marts to publish"):
        publish(con, home, keyring, run_id="r1", facts={})


@pytest.mark.parametrize("run_id", ["../r", "", "a b", "a/b", "x" * 81, "r'1"])
def test_a_run_id_that_cannot_name_a_file_is_refused(home: Home, keyring: Keyring, run_id: str) -> None:
    with filled(home, keyring) as con, pytest.raises(PublishError, match="cannot name a snapshot"):
        publish(con, home, keyring, run_id=run_id, facts={})


def test_a_log_left_on_the_shelf_is_refused_and_the_old_version_stays(home: Home, keyring: Keyring) -> None:
    publish_version(home, keyring, 1)
    stale = home.publish / "marts-r2.duckdb.wal"
    stale.write_bytes(b"old rows")
    with pytest.raises(PublishError, match=r"marts-r2\.duckdb\.wal does not belong here"):
        publish_version(home, keyring, 2)
    assert stale.exists()
    assert served_version(home, keyring) == 1
    stale.rename(home.publish / "marts-r1.duckdb.wal")
    with pytest.raises(PublishError, match="does not belong here"):
        open_marts(home, keyring)


def test_seven_are_kept_and_the_newest_is_served(home: Home, keyring: Keyring) -> None:
    for version in range(1, 10):
        publish_version(home, keyring, version)
    kept = {one.run_id for one in snapshots.finished(home)}
    assert kept == {f"r{version}" for version in range(3, 10)}
    assert {path.stem for path in home.publish.glob("marts-*.duckdb")} == {f"marts-{run}" for run in kept}
    assert served_version(home, keyring) == 9


def test_a_snapshot_somebody_reads_is_not_removed_until_they_close(home: Home, keyring: Keyring) -> None:
    publish_version(home, keyring, 1, keep=1)
    with open_marts(home, keyring) as slow:
        for version in (2, 3):
            publish_version(home, keyring, version, keep=1)
        assert {one.run_id for one in snapshots.finished(home)} == {"r1", "r3"}
        assert slow.sql("select max(version) from core.fct_transactions").fetchall() == [(1,)]
    publish_version(home, keyring, 4, keep=1)
    assert {one.run_id for one in snapshots.finished(home)} == {"r4"}


def test_rolling_back_serves_the_version_before_and_it_is_never_pruned(home: Home, keyring: Keyring) -> None:
    for version in (1, 2, 3):
        publish_version(home, keyring, version)
    assert snapshots.roll_back(home).run_id == "r2"
    assert served_version(home, keyring) == 2
    assert snapshots.roll_back(home, "r1").run_id == "r1"
    snapshots.prune(home, keep=1)
    assert {one.run_id for one in snapshots.finished(home)} == {"r1", "r3"}
    with pytest.raises(PublishError, match=r"Kept are: r1, r3"):
        snapshots.roll_back(home, "r9")


def test_a_run_that_publishes_again_gets_a_name_of_its_own(home: Home, keyring: Keyring) -> None:
    names = []
    for version in (1, 2):
        with filled(home, keyring, version) as con:
            names.append(publish(con, home, keyring, run_id="same", facts={}).file)
    assert names == ["marts-same.duckdb", "marts-same-2.duckdb"]
    assert served_version(home, keyring) == 2


CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, {here!r})
from small_marts import publish_version
from warehouse.home import Home
from warehouse.keys import open_keyring
home = Home(Path({root!r}))
publish_version(home, open_keyring(home), int(sys.argv[1]))
"""


def _publish_in_a_process(home: Home, version: int, fault: str = "") -> int:
    code = CHILD.format(here=str(HERE), root=str(home.root))
    env = os.environ | ({"HISAB_FAULT": fault} if fault else {})
    return subprocess.run([sys.executable, "-c", code, str(version)], env=env, check=False).returncode


@pytest.mark.crash
@pytest.mark.parametrize("point", [point for point in POINTS if point.startswith("publish.")])
def test_killed_at_any_point_one_whole_version_is_served_and_the_next_publish_clears_up(
    home: Home, keyring: Keyring, point: str
) -> None:
    publish_version(home, keyring, 1)
    assert _publish_in_a_process(home, 2, f"{point}:1") == -signal.SIGKILL
    assert served_version(home, keyring) == (2 if point == "publish.after_pointer" else 1)
    publish_version(home, keyring, 2)
    assert served_version(home, keyring) == 2
    names = {path.suffix for path in home.publish.iterdir()}
    assert names == {".duckdb", ".json"}
    assert all(snapshots.manifest_path(home, path.name).exists() for path in home.publish.glob("*.duckdb"))


def test_what_a_publish_killed_in_mid_copy_left_is_swept_with_its_log(home: Home, keyring: Keyring) -> None:
    publish_version(home, keyring, 1)
    (home.publish / "marts-r2.duckdb").write_bytes(b"half")
    (home.publish / "marts-r2.duckdb.wal").write_bytes(b"half")
    (home.publish / ".CURRENT.json.77.tmp").write_bytes(b"{")
    assert publish_version(home, keyring, 2).file == "marts-r2.duckdb"
    assert served_version(home, keyring) == 2


def test_a_failed_publish_leaves_nothing_and_the_warehouse_attached(
    home: Home, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise duckdb.IOException("Could not write: No space left on device")

    with filled(home, keyring) as con:
        monkeypatch.setattr(publishing, "copy_table", full)
        with pytest.raises(duckdb.IOException):
            publish(con, home, keyring, run_id="r1", facts={})
        assert list(home.publish.iterdir()) == []
        monkeypatch.undo()
        publish(con, home, keyring, run_id="r1", facts={})
        assert con.sql("select count(*) from core.fct_transactions").fetchall() == [(399,)]


def test_the_pointer_tells_what_was_published(home: Home, keyring: Keyring) -> None:
    published = publish_version(home, keyring, 1)
    told = json.loads((home.publish / "CURRENT.json").read_text())
    assert told["file"] == "marts-r1.duckdb"
    assert told["sha256"] == publishing.snapshot_sha256(home.publish / "marts-r1.duckdb")
    assert told["rows"]["core.fct_transactions"] == 399
    assert told["facts"] == {"version": 1}
    assert snapshots.current(home) == published


def test_content_hashes_ignore_order_and_build_time_and_find_the_smallest_change(home: Home, keyring: Keyring) -> None:
    with filled(home, keyring) as con:
        before = mart_hashes(con)
        con.execute("create table wh.core.again as select * from wh.core.fct_transactions order by random()")
        con.execute("alter table wh.core.again add column as_of_at timestamptz default now()")
        con.execute("drop table wh.core.fct_transactions")
        con.execute("alter table wh.core.again rename to fct_transactions")
        assert mart_hashes(con) == before
        for change in (
            "update wh.core.fct_transactions set transaction_amount = transaction_amount + 0.0001 where version = 1",
            "update wh.core.fct_transactions set payee_name = '' where transaction_key = 'k2'",
            "insert into wh.core.fct_transactions select * from wh.core.fct_transactions limit 2",
            "update wh.core.fct_transactions set payee_name = currency_code, currency_code = 'আগোরা'",
        ):
            con.execute("begin")
            con.execute(change)
            assert mart_hashes(con)["core.fct_transactions"] != before["core.fct_transactions"], change
            con.execute("rollback")


def test_amounts_in_the_totals_are_exact(home: Home, keyring: Keyring) -> None:
    with filled(home, keyring) as con:
        con.execute("insert into wh.core.fct_transactions values ('big', null, 'XXX', 99999999999999.9999, 1)")
        publish(con, home, keyring, run_id="r1", facts={})
    with open_marts(home, keyring) as marts:
        row = marts.sql("select total from publication.totals where currency_code = 'XXX' and measure <> ''").fetchone()
    assert row is not None
    assert Decimal(row[0]) == Decimal("99999999999999.9999")
