"""`hisab doctor`: what is wrong with this machine and this home, in plain words, each with its cure.

Put here checks that look and change nothing (the encryption probe makes a small file and removes it). Keep out the
mending itself: a cure is a command a person runs.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import duckdb

from pipelines.party_settings import unknown_labels
from pipelines.settings import load_settings
from warehouse import snapshots
from warehouse.connection_files import ConnectionProblem
from warehouse.connections import ACTIVE, ENDED, Connection, all_connections, state_of
from warehouse.home import PRIVATE_FILE, Home, HomeError
from warehouse.keys import KEY_VARIABLE, KeyProblem, Keyring, key_is_given, open_keyring
from warehouse.lock import Locked, holder, writer_lock
from warehouse.snapshots import Published, PublishError
from warehouse.tokens import TokenStore
from warehouse.working_file import WORKING_KEY, DiskFull, EncryptionOff, attach_encrypted, engine

LOCK = Path(__file__).resolve().parent.parent / "requirements.txt"
OLDEST_PYTHON = (3, 11)
ROOM_FOR_PUBLISHES = 3
"""How many times the last snapshot must fit on the disk: the working file grows, a new snapshot is written beside."""
LEAST_ROOM_BYTES = 200_000_000
LATE_AFTER = dt.timedelta(hours=36)
CONSENT_WARNING = dt.timedelta(days=14)
ORPHAN_AGE = dt.timedelta(hours=1)
_MEMORY = "256MB"
_CANARY = "hisab-doctor-canary"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)( *;)?", re.MULTILINE)


class State(Enum):
    """How a check ended; only FAIL makes the command end with 1."""

    OK = "ok"
    WARN = "look"
    FAIL = "mend"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the answer: how it is, what was looked at, what was seen and what to do about it."""

    state: State
    what: str
    seen: str
    cure: str = ""


def examine(home: Home, now: dt.datetime | None = None) -> list[Finding]:
    """Every finding about this machine and `home`, from the outside in; a failed check leaves out what needs it."""
    now = now or dt.datetime.now(dt.UTC)
    findings = [_python(), _packages()]
    for check in (_home, _settings, _key):
        finding = check(home)
        findings.append(finding)
        if finding.state is State.FAIL and check is not _settings:
            return findings
    keyring = open_keyring(home)
    published = _published(home, now)
    findings += [*_working_file(home, keyring, now), published[0], _room(home, published[1])]
    findings += [_connections(home, keyring, now), _orphans(home, now)]
    findings += _strangers(home, keyring)
    return findings


def print_findings(findings: list[Finding]) -> int:
    """Print the findings as a table, cures under it; 1 when something must be mended, else 0."""
    from rich.markup import escape

    from pipelines.commands.screen import console, table

    colours = {State.OK: "green", State.WARN: "yellow", State.FAIL: "red"}
    shown = table("", "What", "Seen")
    for finding in findings:
        colour = colours[finding.state]
        shown.add_row(f"[{colour}]{finding.state.value}[/]", finding.what, escape(finding.seen))
    console.print(shown)
    cures = [finding for finding in findings if finding.cure]
    if cures:
        console.print()
    for finding in cures:
        colour = colours[finding.state]
        console.print(f"[{colour}]{finding.state.value}[/] {finding.what}: {escape(finding.cure)}", soft_wrap=True)
    failed = sum(finding.state is State.FAIL for finding in findings)
    if not failed:
        console.print("\nNothing needs mending.")
    return 1 if failed else 0


def _python() -> Finding:
    seen = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info[:2] < OLDEST_PYTHON:
        return Finding(State.FAIL, "Python", seen, "Install Python 3.11 or newer, then `make clean setup`.")
    return Finding(State.OK, "Python", seen)


def _packages() -> Finding:
    """Installed versions against the lock: what Hisab asks for itself must fit; what those bring along is told."""
    if not LOCK.exists():
        return Finding(State.WARN, "packages", "the lock is not beside the program, so versions were not compared")
    pins: dict[str, set[str]] = {}
    optional: set[str] = set()
    for name, pinned, marker in _PIN.findall(LOCK.read_text(encoding="utf-8")):
        pins.setdefault(name, set()).add(pinned)
        if marker:
            optional.add(name)
    own = _own_requirements()
    other, state = [], State.WARN
    for name, wanted in pins.items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            if name in optional:
                continue
            installed = "missing"
        if installed not in wanted:
            other.append(f"{name} {installed}, not {' or '.join(sorted(wanted))}")
            state = State.FAIL if name in own else state
    if other:
        more = f" and {len(other) - 3} more" if len(other) > 3 else ""  # noqa: PLR2004 - what fits a line
        return Finding(state, "packages", "; ".join(other[:3]) + more, "Run `make clean setup`.")
    return Finding(State.OK, "packages", f"{len(pins)} as locked, DuckDB {duckdb.__version__}")


def _own_requirements() -> set[str]:
    """Names of the packages pyproject.toml asks for, as the installed Hisab tells them."""
    try:
        lines = requires("hisab") or []
    except PackageNotFoundError:
        lines = []
    return {found.group().lower() for line in lines if (found := re.match(r"[A-Za-z0-9._-]+", line))}


def _home(home: Home) -> Finding:
    try:
        home.require()
    except HomeError as error:
        return Finding(State.FAIL, "home", "none here", str(error))
    open_to_others = [path for path in (home.root, home.keys) if path.stat().st_mode & 0o077]
    if open_to_others:
        paths = " ".join(str(path) for path in open_to_others)
        return Finding(State.WARN, "home", f"{home.root} can be entered by others", f"Run: chmod 700 {paths}")
    return Finding(State.OK, "home", str(home.root))


def _settings(home: Home) -> Finding:
    try:
        settings = load_settings(home)
    except HomeError as error:
        return Finding(State.FAIL, "settings", "cannot be used", str(error))
    return Finding(State.OK, "settings", f"time zone {settings.time_zone}, engine memory {settings.memory_limit}")


def _key(home: Home) -> Finding:
    try:
        open_keyring(home)
    except KeyProblem as error:
        return Finding(State.FAIL, "key", "cannot be used", str(error))
    where = KEY_VARIABLE if key_is_given() else f"keys/home.key, mode {PRIVATE_FILE:o}"
    return Finding(State.OK, "key", f"the one this home was made with, from {where}")


def _working_file(home: Home, keyring: Keyring, now: dt.datetime) -> Iterator[Finding]:
    """The lock, and behind it encryption, the last load and what was set aside."""
    try:
        with writer_lock(home, "doctor", wait_seconds=0):
            yield Finding(State.OK, "writer", "nobody is writing")
            yield from _opened(home, keyring, now)
    except Locked:
        who = holder(home) or "another process"
        yield Finding(
            State.WARN,
            "writer",
            f"{who}, so the working file was not opened",
            "Run `hisab doctor` again when it has finished.",
        )


def _opened(home: Home, keyring: Keyring, now: dt.datetime) -> Iterator[Finding]:
    try:
        con = engine(home, _MEMORY)
    except EncryptionOff as error:
        yield Finding(State.FAIL, "encryption", "is not available", str(error))
        return
    try:
        yield _encryption(home, keyring, con)
        if not home.warehouse_file.exists():
            yield Finding(State.OK, "working file", "not made yet; the first `hisab import` or `hisab sync` makes it")
            return
        attach_encrypted(con, home.warehouse_file, "wh", keyring.engine_key(WORKING_KEY), read_only=True)
        size = _megabytes(home.warehouse_file.stat().st_size)
        yield Finding(State.OK, "working file", f"encrypted with AES-256-GCM, {size}")
        yield from _books(con, now)
    except (EncryptionOff, KeyProblem, HomeError, Locked, DiskFull) as error:
        yield Finding(State.FAIL, "working file", "cannot be opened", str(error))
    finally:
        con.close()


def _encryption(home: Home, keyring: Keyring, con: duckdb.DuckDBPyConnection) -> Finding:
    """Write a word into an encrypted probe and look for it in the bytes; look at where the module came from."""
    probe = home.spill / "doctor-probe.duckdb"
    probe.unlink(missing_ok=True)
    try:
        attach_encrypted(con, probe, "probe", keyring.engine_key("doctor"))
        con.execute("create table probe.words as select ? as word", [_CANARY])
        con.execute("checkpoint probe")
        con.execute("detach probe")
        clear = _CANARY.encode() in probe.read_bytes()
    except (duckdb.Error, DiskFull, EncryptionOff, HomeError, OSError) as error:
        seen = "the disk is full" if isinstance(error, DiskFull) else "a probe could not be written"
        return Finding(State.FAIL, "encryption", seen, f"Look at room and rights of {home.spill}.")
    finally:
        probe.unlink(missing_ok=True)
        probe.with_name(probe.name + ".wal").unlink(missing_ok=True)
    row = con.execute(
        "select current_setting('temp_file_encryption'), coalesce(max(install_path), '') from duckdb_extensions() "
        "where extension_name = 'httpfs' and loaded"
    ).fetchone()
    spill_encrypted, module = row or (False, "")
    pinned = bool(module) and Path(module).is_relative_to(home.extensions)
    if clear or not spill_encrypted or not pinned:
        wrong = "a probe was readable" if clear else "spill is in clear" if not spill_encrypted else "module not pinned"
        return Finding(State.FAIL, "encryption", wrong, f"Remove {home.extensions} and run `make setup`.")
    return Finding(State.OK, "encryption", "really on: probe unreadable, spill encrypted, module from the home")


def _books(con: duckdb.DuckDBPyConnection, now: dt.datetime) -> Iterator[Finding]:
    """What the road's own tables tell: the last load, the rows set aside."""
    try:
        last = con.execute("select max(merged_at) from wh.raw.loads").fetchone()
        aside = con.execute("select count(*) from wh.raw.quarantine").fetchone()
    except duckdb.CatalogException:
        yield Finding(State.OK, "last load", "nothing was merged yet", "")
        return
    if last is None or last[0] is None:
        yield Finding(State.WARN, "last load", "nothing was merged yet", "Try `hisab import FILE` or `hisab connect`.")
    else:
        yield _recent("last load", last[0].astimezone(dt.UTC), now)
    count = int(aside[0]) if aside else 0
    if count:
        yield Finding(
            State.WARN, "set aside", f"{count:,} rows" if count > 1 else "1 row", "`hisab quarantine` says why."
        )
    else:
        yield Finding(State.OK, "set aside", "no row")


def _recent(what: str, at: dt.datetime, now: dt.datetime) -> Finding:
    seen = f"{at:%Y-%m-%d %H:%M} UTC"
    if now - at > LATE_AFTER:
        return Finding(State.WARN, what, f"{seen}, {(now - at).days} days ago", "Run `hisab sync`.")
    return Finding(State.OK, what, seen)


def _published(home: Home, now: dt.datetime) -> tuple[Finding, Published | None]:
    try:
        published = snapshots.current(home)
    except PublishError as error:
        return Finding(State.FAIL, "published marts", "cannot be told", str(error)), None
    if published is None:
        return Finding(State.WARN, "published marts", "none yet", "Run `hisab sync`."), None
    if not (home.publish / published.file).exists():
        seen = f"{published.file} is named but not there"
        return Finding(State.FAIL, "published marts", seen, "Run `hisab sync` to publish again."), None
    return _recent("published marts", dt.datetime.fromisoformat(published.published_at), now), published


def _room(home: Home, published: Published | None) -> Finding:
    needed = max(LEAST_ROOM_BYTES, ROOM_FOR_PUBLISHES * published.byte_count if published else 0)
    free = shutil.disk_usage(home.root).free
    seen = f"{_megabytes(free)} free, {_megabytes(needed)} wanted"
    if free < needed:
        return Finding(State.FAIL, "disk", seen, f"Make room on the disk that holds {home.root}; nothing is lost.")
    return Finding(State.OK, "disk", seen)


def _connections(home: Home, keyring: Keyring, now: dt.datetime) -> Finding:
    try:
        known = all_connections(home, keyring)
        states = [(one, state_of(one, TokenStore(home, keyring, one.tokens_id).load(), now)) for one in known]
    except (ConnectionProblem, KeyProblem) as error:
        return Finding(State.FAIL, "connections", "cannot be read", str(error))
    resting = [f"{one.party_label} ({one.label}): {state}" for one, state in states if state not in {ACTIVE, ENDED}]
    ending = [
        f"{one.party_label} ({one.label}): ends {_end(one):%Y-%m-%d}"
        for one, state in states
        if _ends_soon(one, state, now)
    ]
    if resting or ending:
        cure = "Connect again with `hisab connect`; `hisab connections` shows all of them."
        return Finding(State.WARN, "connections", "; ".join(resting + ending), cure)
    return Finding(State.OK, "connections", f"{sum(state == ACTIVE for _, state in states)} active")


def _strangers(home: Home, keyring: Keyring) -> list[Finding]:
    try:
        known = {one.party_label for one in all_connections(home, keyring)}
        strangers = unknown_labels(load_settings(home), known)
    except (ConnectionProblem, HomeError):  # each is told by a finding of its own
        return []
    if not strangers:
        return []
    seen = f"{', '.join(strangers)}: named in {home.settings_file.name}, and no connection is theirs"
    return [Finding(State.WARN, "parties", seen, "Write the name as `hisab connections` does, or connect them.")]


def _end(connection: Connection) -> dt.datetime:
    return connection.consent.expires_at or dt.datetime.max.replace(tzinfo=dt.UTC)


def _ends_soon(connection: Connection, state: str, now: dt.datetime) -> bool:
    return state == ACTIVE and _end(connection) - now <= CONSENT_WARNING


def _orphans(home: Home, now: dt.datetime) -> Finding:
    limit = (now - ORPHAN_AGE).timestamp()
    orphans = [path for path in home.landing.rglob(".*.tmp") if path.stat().st_mtime < limit]
    if orphans:
        seen = f"{len(orphans)} unfinished files of killed runs"
        return Finding(
            State.WARN, "landing", seen, "They hold nothing acknowledged; the next `hisab sync` removes them."
        )
    return Finding(State.OK, "landing", "no unfinished file")


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:,.0f} MB"
