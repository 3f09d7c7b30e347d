"""The doctor names what is wrong and how to mend it, shows no secret, and changes nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import time
from collections import namedtuple
from pathlib import Path

import duckdb
import pytest

from pipelines import doctor
from pipelines.doctor import Finding, State, examine, print_findings
from pipelines.settings import write_settings
from warehouse.connections import Consent, connect, end
from warehouse.home import Home
from warehouse.keys import Keyring
from warehouse.lock import writer_lock
from warehouse.tokens import Tokens
from warehouse.working_file import engine, working_file

NOW = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
Disk = namedtuple("Disk", "total used free")  # noqa: PYI024 - as shutil gives it


@pytest.fixture
def kept(home: Home, keyring: Keyring) -> Home:
    """A home with a key, settings and an empty working file."""
    write_settings(home, "Asia/Dhaka")
    with working_file(home, keyring, "test", "256MB"):
        pass
    return home


def found(home: Home, what: str, now: dt.datetime = NOW) -> Finding:
    """The finding about one thing."""
    return next(finding for finding in examine(home, now) if finding.what == what)


def _connected(home: Home, keyring: Keyring, label: str, expires_at: dt.datetime) -> str:
    consent = Consent(("ledger.read",), "Testing", NOW - dt.timedelta(days=1), expires_at)
    return connect(
        home,
        keyring,
        party_label=label,
        source="hishebi",
        user_name=label,
        consent=consent,
        base_url="http://127.0.0.1:1",
        tokens=Tokens("canary-access", "canary-refresh", "device", NOW + dt.timedelta(hours=1)),
    ).connection_id


def test_a_sound_home_needs_no_mending(kept: Home, capsys: pytest.CaptureFixture[str]) -> None:
    findings = examine(kept, NOW)
    assert [finding for finding in findings if finding.state is State.FAIL] == []
    assert print_findings(findings) == 0
    assert "Nothing needs mending" in capsys.readouterr().out


def test_encryption_is_proved_on_real_bytes(kept: Home) -> None:
    assert found(kept, "encryption").state is State.OK
    assert found(kept, "working file").seen.startswith("encrypted with AES-256-GCM")
    assert list(kept.spill.glob("doctor-probe*")) == []


def test_a_probe_that_lies_in_clear_is_found(kept: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def attach_in_clear(con: duckdb.DuckDBPyConnection, path: Path, alias: str, _key: str, **_: object) -> None:
        con.execute(f"attach '{path}' as {alias}")

    kept.warehouse_file.unlink()
    monkeypatch.setattr(doctor, "attach_encrypted", attach_in_clear)
    finding = found(kept, "encryption")
    assert (finding.state, finding.seen) == (State.FAIL, "a probe was readable")


def test_an_encryption_module_from_elsewhere_is_found(
    kept: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Home(tmp_path / "other")
    other.make_folders()
    monkeypatch.setattr(doctor, "engine", lambda _home, memory: engine(other, memory))
    finding = found(kept, "encryption")
    assert (finding.state, finding.seen) == (State.FAIL, "module not pinned")


def test_no_home_is_told_with_the_command_that_makes_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    findings = examine(Home(tmp_path / "nowhere"), NOW)
    assert findings[-1].what == "home"
    assert "hisab init" in findings[-1].cure
    assert print_findings(findings) == 1
    assert "hisab init" in capsys.readouterr().out
    assert not (tmp_path / "nowhere").exists()


def test_a_lost_key_ends_the_examination_with_its_cure(kept: Home) -> None:
    (kept.keys / "home.key").unlink()
    last = examine(kept, NOW)[-1]
    assert (last.what, last.state) == ("key", State.FAIL)
    assert "restore the file from your backup" in last.cure


def test_a_key_others_can_read_is_told_with_its_chmod(kept: Home) -> None:
    (kept.keys / "home.key").chmod(0o644)
    assert "chmod 600" in found(kept, "key").cure


def test_a_home_others_can_enter_is_told(kept: Home) -> None:
    kept.root.chmod(0o755)
    finding = found(kept, "home")
    assert finding.state is State.WARN
    assert f"chmod 700 {kept.root}" in finding.cure


def test_a_broken_settings_file_is_told_by_its_line(kept: Home) -> None:
    kept.settings_file.write_text('time_zone = "Asia/Dhaka\n')
    finding = found(kept, "settings")
    assert finding.state is State.FAIL
    assert "line 1" in finding.cure


def test_the_holder_of_the_lock_is_named(kept: Home) -> None:
    with writer_lock(kept, "a long sync"):
        finding = found(kept, "writer")
        assert finding.state is State.WARN
        assert f"process {os.getpid()}, a long sync" in finding.seen
        assert not [one for one in examine(kept, NOW) if one.what == "encryption"]
    assert found(kept, "writer").seen == "nobody is writing"


def test_a_damaged_working_file_is_told_with_the_rebuild(kept: Home) -> None:
    content = bytearray(kept.warehouse_file.read_bytes())
    content[:64] = bytes(64)
    kept.warehouse_file.write_bytes(content)
    finding = found(kept, "working file")
    assert finding.state is State.FAIL
    assert "hisab rebuild" in finding.cure


def test_a_working_file_of_another_key_is_told(kept: Home, tmp_path: Path) -> None:
    from warehouse.keys import make_keyring

    other = Home(tmp_path / "other")
    other.make_folders()
    with working_file(other, make_keyring(other), "test", "256MB"):
        pass
    kept.warehouse_file.write_bytes(other.warehouse_file.read_bytes())
    finding = found(kept, "working file")
    assert finding.state is State.FAIL
    assert "another key" in finding.cure


def test_too_little_room_on_the_disk_is_told_before_it_hurts(kept: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _path: Disk(10**12, 10**12, 150_000_000))
    finding = found(kept, "disk")
    assert (finding.state, finding.seen) == (State.FAIL, "150 MB free, 200 MB wanted")


def test_rows_set_aside_and_the_last_load_are_counted(kept: Home, keyring: Keyring) -> None:
    with working_file(kept, keyring, "test", "256MB") as con:
        con.execute(
            "insert into raw.quarantine (load_id, connection_id, record_kind, reason, cure, landed_sha256, "
            "quarantined_at) values ('l', 'c', 'accounts', 'r', 'c', 's', now())"
        )
        names = [row[0] for row in con.execute("describe raw.loads").fetchall()]
        facts = {"load_seq": 1, "page_count": 1, "byte_count": 1, "is_complete": True, "held_back_count": 0}
        facts |= {"pulled_at": NOW, "merged_at": NOW - dt.timedelta(days=4)}
        con.execute(
            f"insert into raw.loads values ({', '.join('?' for _ in names)})", [facts.get(name, "x") for name in names]
        )
    assert found(kept, "set aside").seen == "1 row"
    assert found(kept, "set aside").state is State.WARN
    assert found(kept, "last load").seen == "2026-04-27 12:00 UTC, 4 days ago"
    assert found(kept, "last load", NOW - dt.timedelta(days=4)).state is State.OK


def test_a_consent_that_ends_soon_is_told_and_one_that_was_ended_is_not(kept: Home, keyring: Keyring) -> None:
    _connected(kept, keyring, "Amina", NOW + dt.timedelta(days=200))
    assert found(kept, "connections").state is State.OK
    soon = _connected(kept, keyring, "Karim", NOW + dt.timedelta(days=13))
    finding = found(kept, "connections")
    assert finding.state is State.WARN
    assert "Karim" in finding.seen
    assert "2026-05-14" in finding.seen
    assert "expired" in found(kept, "connections", NOW + dt.timedelta(days=14)).seen
    end(kept, keyring, soon, NOW)
    assert found(kept, "connections").state is State.OK


def test_files_of_killed_runs_are_counted_after_an_hour(kept: Home) -> None:
    orphan = kept.landing / ".page.1.tmp"
    orphan.write_bytes(b"")
    now = dt.datetime.now(dt.UTC)
    assert found(kept, "landing", now).state is State.OK
    os.utime(orphan, (time.time() - 4000, time.time() - 4000))
    assert found(kept, "landing", now).seen == "1 unfinished files of killed runs"


def test_a_package_of_another_version_is_told(kept: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("duckdb==0.0.1 \\\n    --hash=sha256:00\ncolorama==0.4 ; sys_platform == 'win32' \\\n")
    monkeypatch.setattr(doctor, "LOCK", lock)
    finding = found(kept, "packages")
    assert finding.state is State.FAIL
    assert "not 0.0.1" in finding.seen
    assert "make clean setup" in finding.cure


def test_a_pointer_to_a_snapshot_that_is_gone_is_told(kept: Home) -> None:
    (kept.publish / "CURRENT.json").write_text("{}")
    assert found(kept, "published marts").state is State.FAIL


def test_looking_changes_nothing(kept: Home) -> None:
    def state() -> dict[str, str]:
        return {
            str(path.relative_to(kept.root)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in kept.root.rglob("*")
            if path.is_file() and path != kept.lock_file
        }

    examine(kept, NOW)  # the first look pins the encryption module
    before = state()
    examine(kept, NOW)
    assert state() == before


def test_no_secret_shows_in_any_finding(kept: Home, keyring: Keyring, capsys: pytest.CaptureFixture[str]) -> None:
    _connected(kept, keyring, "Amina", NOW + dt.timedelta(days=3))
    print_findings(examine(kept, NOW))
    shown = capsys.readouterr().out
    for secret in ((kept.keys / "home.key").read_text().strip(), "canary-access", keyring.engine_key("warehouse")):
        assert secret not in shown
