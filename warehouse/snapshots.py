"""The shelf of published snapshots: their names, what is told beside each, the pointer and what may be thrown away.

A finished snapshot is `marts-<run>.duckdb` with `marts-<run>.json` beside it; neither is ever written again.
`CURRENT.json` is a copy of one of those files, replaced whole. A reader holds a shared lock on the JSON file of the
snapshot it reads. Keep out what is inside a snapshot (`warehouse.publish`, `warehouse.marts`).
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from warehouse.home import Home, sync_folder, write_whole
from warehouse.lock import writer_lock

POINTER = "CURRENT.json"
_RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_FILE = re.compile(r"marts-[A-Za-z0-9_-]{1,90}\.duckdb")


class PublishError(Exception):
    """Nothing was published, or what is published cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Published:
    """What is told about one snapshot, in clear: no amount and no name.

    Attributes:
        file: Name of the snapshot in the publish folder.
        sha256: Of the whole file.
        byte_count: Its size.
        run_id: The run that made it.
        key_id: What its key is derived for; every snapshot has its own.
        published_at: When (UTC, ISO 8601).
        rows: Row count of every table, by `schema.table`.
        facts: What the publisher was told (loads seen, project hash, …).
    """

    file: str
    sha256: str
    byte_count: int
    run_id: str
    key_id: str
    published_at: str
    rows: Mapping[str, int]
    facts: Mapping[str, Any]

    def as_bytes(self) -> bytes:
        """The text of its JSON file."""
        return json.dumps(asdict(self), indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def read_published(path: Path) -> Published:
    """What a JSON file of the shelf tells. Raises PublishError when it is damaged, FileNotFoundError."""
    try:
        found = Published(**json.loads(path.read_bytes()))
        usable = bool(_FILE.fullmatch(found.file))
    except (ValueError, TypeError):
        usable = False
    if not usable:
        raise PublishError(
            f"{path} is damaged. Run `hisab sync` to publish again, or copy a marts-….json of that folder over it."
        )
    return found


def current(home: Home) -> Published | None:
    """What the pointer points to, or None before the first publish. Raises PublishError."""
    try:
        return read_published(home.publish / POINTER)
    except FileNotFoundError:
        return None


def finished(home: Home) -> list[Published]:
    """Every finished snapshot, oldest first."""
    found = [read_published(path) for path in home.publish.glob("marts-*.json")]
    return sorted(found, key=lambda one: (one.published_at, one.file))


def manifest_path(home: Home, file: str) -> Path:
    """The JSON file beside a snapshot."""
    return (home.publish / file).with_suffix(".json")


def free_name(home: Home, run_id: str) -> str:
    """A file name for a run that no snapshot had: a run that publishes twice gets `-2`, `-3`, … behind its id.

    Raises PublishError for a run id that cannot be part of a file name.
    """
    if not _RUN_ID.fullmatch(run_id):
        raise PublishError(f"{run_id!r} cannot name a snapshot: use letters, digits, - and _ only.")
    number = 1
    name = f"marts-{run_id}.duckdb"
    while (home.publish / name).exists():
        number += 1
        name = f"marts-{run_id}-{number}.duckdb"
    return name


def sweep_unfinished(home: Home) -> None:
    """Remove what a killed publish left: a snapshot without its JSON file, and that snapshot's log."""
    for path in home.publish.glob("marts-*.duckdb"):
        if not manifest_path(home, path.name).exists():
            path.with_name(path.name + ".wal").unlink(missing_ok=True)
            path.unlink()
    for path in home.publish.glob(".*.tmp"):
        path.unlink()


def refuse_stale_logs(home: Home) -> None:
    """Raise PublishError when a write-ahead log lies on the shelf: an engine could replay it into a snapshot."""
    for path in sorted(home.publish.glob("*.wal")):
        raise PublishError(
            f"{path} does not belong here: a snapshot has no log, and one left over could put old rows into it. "
            "Remove that file and run `hisab sync` again."
        )


def point_to(home: Home, published: Published) -> None:
    """Make `published` the served snapshot; readers see the old one or this one, never anything between."""
    write_whole(home.publish / POINTER, published.as_bytes())


def roll_back(home: Home, run_id: str | None = None) -> Published:
    """Serve an earlier snapshot again: that of `run_id`, or the one before the present. Raises PublishError, Locked."""
    with writer_lock(home, "rollback"):
        present = current(home)
        shelf = [one for one in finished(home) if (home.publish / one.file).exists()]
        if run_id is not None:
            choices = [one for one in shelf if one.run_id == run_id]
        else:
            before = present.published_at if present else ""
            choices = [one for one in shelf if one.published_at < before]
        if not choices:
            kept = ", ".join(one.run_id for one in shelf) or "none"
            raise PublishError(f"There is no such snapshot to go back to. Kept are: {kept}.")
        point_to(home, choices[-1])
        return choices[-1]


def prune(home: Home, keep: int) -> None:
    """Remove all but the newest `keep` snapshots, except the served one and those somebody is reading."""
    present = current(home)
    for one in finished(home)[:-keep]:
        if present and one.file == present.file:
            continue
        path = manifest_path(home, one.file)
        with path.open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            # The JSON file goes last: killed between the two, the next prune finds it and goes on.
            (home.publish / one.file).unlink(missing_ok=True)
            path.unlink()
    sync_folder(home.publish)


def hold_for_reading(home: Home, published: Published) -> BinaryIO | None:
    """A shared lock on a snapshot, free again when the file is closed; None when it was pruned meanwhile."""
    try:
        lock = manifest_path(home, published.file).open("rb")
    except FileNotFoundError:
        return None
    fcntl.flock(lock, fcntl.LOCK_SH)
    if os.fstat(lock.fileno()).st_nlink == 0:
        lock.close()
        return None
    return lock
