from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from small_marts import fill, filled, publish_version

from warehouse.home import Home, HomeError
from warehouse.keys import KeyProblem, Keyring
from warehouse.marts import open_marts
from warehouse.publish import publish
from warehouse.snapshots import PublishError
from warehouse.working_file import working_file

SWAPS = 24
READS = 300
READERS = 3


def test_a_notebook_opens_the_home_of_the_environment(
    home: Home, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    import warehouse

    publish_version(home, keyring, 1)
    monkeypatch.setenv("HISAB_HOME", str(home.root))
    with warehouse.open_marts() as marts:
        assert marts.sql("select count(*) from core.fct_transactions").fetchall() == [(399,)]
        assert marts.execute("select $n + 1", {"n": 1}).fetchall() == [(2,)]
        assert "marts-r1.duckdb" in repr(marts)


def test_a_reader_without_argument_or_variable_takes_the_home_of_its_folder(home: Home, keyring: Keyring) -> None:
    publish_version(home, keyring, 1)
    home.root.rename(home.root.parent / ".hisab")
    done = subprocess.run(
        [sys.executable, "-c", "import warehouse; print(warehouse.open_marts())"],
        cwd=home.root.parent,
        env={key: value for key, value in os.environ.items() if key != "HISAB_HOME"}
        | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("Marts(marts-r1.duckdb")


def _no_publish(home: Home) -> None:
    for path in home.publish.iterdir():
        path.unlink()


def _lost_key(home: Home) -> None:
    (home.keys / "home.key").unlink()


def _wrong_key(home: Home) -> None:
    (home.keys / "home.key").write_text("QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=\n")


def _missing_snapshot(home: Home) -> None:
    (home.publish / "marts-r1.duckdb").unlink()


def _missing_manifest(home: Home) -> None:
    (home.publish / "marts-r1.json").unlink()


def _flipped_byte(home: Home) -> None:
    path = home.publish / "marts-r1.duckdb"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _cut(home: Home) -> None:
    path = home.publish / "marts-r1.duckdb"
    path.write_bytes(path.read_bytes()[:-4096])


def _damaged_pointer(home: Home) -> None:
    (home.publish / "CURRENT.json").write_text("{")


def _foreign_pointer(home: Home) -> None:
    path = home.publish / "CURRENT.json"
    path.write_text(path.read_text().replace("marts-r1.duckdb", "../../etc/passwd"))


@pytest.mark.parametrize(
    ("damage", "error", "says"),
    [
        (_no_publish, PublishError, "Nothing has been published in .* yet. Run `hisab sync` first"),
        (_lost_key, KeyProblem, "The key of this home is missing"),
        (_wrong_key, KeyProblem, "This is not the key .* was made with"),
        (_missing_snapshot, PublishError, "marts-r1.duckdb is missing"),
        (_missing_manifest, PublishError, "marts-r1.duckdb is missing"),
        (_flipped_byte, PublishError, "damaged or was altered"),
        (_cut, PublishError, "damaged or was altered"),
        (_damaged_pointer, PublishError, "CURRENT.json is damaged"),
        (_foreign_pointer, PublishError, "CURRENT.json is damaged"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    home: Home, keyring: Keyring, damage: Callable[[Home], None], error: type[Exception], says: str
) -> None:
    publish_version(home, keyring, 1)
    damage(home)
    with pytest.raises(error, match=says) as caught:
        open_marts(home)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_folder_that_is_no_home_is_named(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match=f"no home at {tmp_path}"):
        open_marts(tmp_path)


def test_the_engine_itself_refuses_an_altered_snapshot_whose_hash_was_forged(home: Home, keyring: Keyring) -> None:
    from warehouse.publish import snapshot_sha256

    published = publish_version(home, keyring, 1)
    path = home.publish / published.file
    data = bytearray(path.read_bytes())
    for place in range(20_000, len(data), 997):
        data[place] ^= 1
    path.write_bytes(data)
    pointer = home.publish / "CURRENT.json"
    pointer.write_text(pointer.read_text().replace(published.sha256, snapshot_sha256(path)))
    with pytest.raises((PublishError, duckdb.Error)), open_marts(home, keyring) as marts:
        marts.sql("select sum(transaction_amount), max(payee_name) from core.fct_transactions").fetchall()


@pytest.mark.parametrize(
    "statement",
    [
        "create table marts.core.mine (i int)",
        "delete from core.fct_transactions",
        "drop table core.fct_transactions",
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "select * from glob('/*')",
        "copy core.fct_transactions to '/tmp/out.csv'",
        "export database '/tmp/out'",
        "attach '/tmp/x.duckdb' as x",
        "install httpfs",
        "load excel",
        "set enable_external_access = true",
        "set TimeZone = 'Asia/Dhaka'",
        "pragma memory_limit = '8GB'",
    ],
)
def test_a_reader_can_touch_nothing_but_the_marts(home: Home, keyring: Keyring, statement: str) -> None:
    publish_version(home, keyring, 1)
    with open_marts(home, keyring) as marts:
        with pytest.raises(duckdb.Error):
            marts.execute(statement)
        assert marts.sql("select count(*) from core.fct_transactions").fetchall() == [(399,)]


def test_a_reader_keeps_to_utc_wherever_it_runs(home: Home, keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_version(home, keyring, 1)
    monkeypatch.setenv("TZ", "Asia/Dhaka")
    with open_marts(home, keyring) as marts:
        row = marts.sql("select (timestamptz '2026-03-31 20:00:00+00')::date::varchar").fetchone()
    assert row == ("2026-03-31",)


READER = """
import sys, time
from pathlib import Path
from warehouse.home import Home
from warehouse.keys import open_keyring
from warehouse.marts import open_marts
home = Home(Path(sys.argv[1]))
keyring = open_keyring(home)
while not (home.root / "stop").exists():
    with open_marts(home, keyring, "200MB") as marts:
        for _ in range(6):
            rows = marts.execute(
                "select min(version), max(version), sum(transaction_amount) from core.fct_transactions").fetchall()
            time.sleep(0.002)
            rows += marts.execute(
                "select min(version), max(version), sum(total_amount) from household.rpt_totals").fetchall()
            print(*rows[0], *rows[1], marts.published.facts["version"], flush=True)
"""


def test_readers_hammering_through_many_swaps_see_one_whole_version_each_time_and_never_an_older_one(
    home: Home, keyring: Keyring
) -> None:
    publish_version(home, keyring, 1)
    lines = [home.root / f"reads-{number}" for number in range(READERS)]
    readers = [
        subprocess.Popen([sys.executable, "-c", READER, str(home.root)], stdout=path.open("w"), stderr=subprocess.PIPE)
        for path in lines
    ]

    def all_live() -> bool:
        return all(reader.poll() is None for reader in readers)

    while all_live() and not all(path.stat().st_size for path in lines):
        time.sleep(0.02)
    with working_file(home, keyring, "test", "500MB") as con:
        version = 1
        while all_live() and (version <= SWAPS or sum(path.read_text().count("\n") for path in lines) < READS):
            version += 1
            fill(con, version)
            publish(con, home, keyring, run_id=f"r{version}", facts={"version": version}, keep=2)
    (home.root / "stop").touch()
    versions = set()
    for reader, path in zip(readers, lines, strict=True):
        _, errors = reader.communicate(timeout=60)
        assert reader.returncode == 0, errors.decode()
        last = 0
        for line in path.read_text().splitlines():
            low, high, total, report_low, report_high, report_total, told = line.split()
            assert low == high == report_low == report_high == told
            assert total == report_total
            assert int(told) >= last
            last = int(told)
            versions.add(last)
    assert len(versions) >= 15


def test_a_wrong_key_for_the_snapshot_alone_is_named(home: Home, keyring: Keyring) -> None:
    with filled(home, keyring) as con:
        publish(con, home, keyring, run_id="r1", facts={})
    pointer = home.publish / "CURRENT.json"
    pointer.write_text(pointer.read_text().replace('"key_id": "marts-r1"', '"key_id": "marts-r0"'))
    with pytest.raises(KeyProblem, match=r"marts-r1\.duckdb was made with another key"):
        open_marts(home, keyring)
