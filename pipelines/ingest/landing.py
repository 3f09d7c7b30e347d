"""Landing: bytes are sealed and on disk before anyone tries to understand them.

A *load* is one pull, one import or one change of a connection. While a pull runs, each answer is a sealed file of
its own in the load's open folder; a finished load is one sealed pack in `pending/`, and moves to its month's folder
once it is merged:

    landing/<party>/<connection>/open/<load>/<page>.sealed    a pull that runs or was cut short
    landing/<party>/<connection>/pending/<load>.pack          finished, not yet merged
    landing/<party>/<connection>/<yyyy-mm>/<load>.pack        merged

A load's id begins with the UTC instant its reading began, so that names sort as loads happened. Everything needed
to decode a load again lies in its pack, encrypted with the party's key.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pipelines.sources.source import Page, SourceError
from warehouse.faults import fault_point
from warehouse.home import PRIVATE_FOLDER, Home, sync_folder
from warehouse.keys import Keyring
from warehouse.sealed import CHUNK_BYTES, SealedWriter, read_sealed

if TYPE_CHECKING:
    from warehouse.connections import Connection

_STAMP = "%Y%m%dT%H%M%S%f"
PENDING, OPEN = "pending", "open"


@dataclass(frozen=True, slots=True)
class Pack:
    """One finished load in landing: where it lies and whose it is."""

    path: Path
    party_id: str
    connection_id: str

    @property
    def load_id(self) -> str:
        """The load's id."""
        return self.path.stem

    @property
    def pulled_at(self) -> dt.datetime:
        """When the load's reading began (UTC)."""
        return pulled_at(self.load_id)


def pulled_at(load_id: str) -> dt.datetime:
    """The instant a load's id begins with (UTC)."""
    return dt.datetime.strptime(load_id.split("-", maxsplit=1)[0], _STAMP).replace(tzinfo=dt.UTC)


def new_load_id(now: dt.datetime | None = None) -> str:
    """An id for a load that begins now: a UTC stamp to the microsecond and four random hex digits."""
    stamp = (now or dt.datetime.now(dt.UTC)).astimezone(dt.UTC).strftime(_STAMP)
    return f"{stamp}-{secrets.token_hex(2)}"


class OpenLoad:
    """A load that is being read."""

    def __init__(self, landing: Landing, connection: Connection, load_id: str) -> None:
        """Wrap the load's folder; `Landing.begin_pull` and `Landing.land_file` make these."""
        self._landing = landing
        self._connection = connection
        self.load_id = load_id
        self._key = landing.keyring.subject_key(connection.party_id)
        self._folder = landing.folder(connection) / OPEN / load_id
        self._count = 0

    def pages(self) -> dict[str, Page]:
        """Pages an earlier attempt at this load landed, by key."""
        found: dict[str, Page] = {}
        for path in sorted(self._folder.glob("*.sealed")):
            for facts, body in read_sealed(path, self._key, self.load_id):
                found[facts["key"]] = Page(facts["key"], body.read(), json.loads(facts["meta"]))
            self._count += 1
        return found

    def land(self, page: Page) -> None:
        """Seal one page; it is safe on disk when this returns."""
        writer = SealedWriter(self._folder / f"{self._count:06d}.sealed", self._key, self.load_id)
        writer.add(_page_facts(page), page.body)
        writer.finish()
        self._count += 1

    def finish(self, facts: Mapping[str, str], connection_facts: bytes) -> Pack:
        """Pack the load's pages into one sealed file in `pending`, then drop the single files.

        `facts` say how to decode the pack, `connection_facts` is the party and the consent it was read under.
        """
        target = self._landing.folder(self._connection) / PENDING / f"{self.load_id}.pack"
        fault_point("land.before_pack")
        writer = SealedWriter(target, self._key, self.load_id)
        writer.add({"entry": "load", **facts}, connection_facts)
        for page in self.pages().values():
            writer.add(_page_facts(page), page.body)
        writer.finish()
        fault_point("land.after_pack")
        shutil.rmtree(self._folder, ignore_errors=True)
        return Pack(target, self._connection.party_id, self._connection.connection_id)

    def discard(self) -> None:
        """Drop a pull that brought nothing new."""
        shutil.rmtree(self._folder, ignore_errors=True)


class Landing:
    """The landing zone of one home."""

    def __init__(self, home: Home, keyring: Keyring) -> None:
        """Remember whose landing this is; nothing is opened."""
        self.home = home
        self.keyring = keyring

    def folder(self, connection: Connection) -> Path:
        """Where the connection's loads lie."""
        return self.home.landing / connection.party_id / connection.connection_id

    def begin_pull(self, connection: Connection, *, resume_after: dt.datetime) -> OpenLoad:
        """The connection's unfinished pull if one began after `resume_after`, else a new one.

        Older unfinished pulls are dropped: their cursor did not move, so the new pull reads the same span.
        """
        folder = self.folder(connection) / OPEN
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        resumed: str | None = None
        for path in sorted(folder.iterdir(), reverse=True):
            if resumed is None and pulled_at(path.name) > resume_after:
                resumed = path.name
            else:
                shutil.rmtree(path)
        load_id = resumed or new_load_id()
        (folder / load_id).mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        return OpenLoad(self, connection, load_id)

    def land_file(
        self, connection: Connection, path: Path, sha256: str, facts: Mapping[str, str], connection_facts: bytes
    ) -> Pack:
        """Seal a file a person handed over, as a finished load.

        Raises SourceError when the file cannot be read, SealError when it changes meanwhile.
        """
        load_id = new_load_id()
        target = self.folder(connection) / PENDING / f"{load_id}.pack"
        try:
            body = path.open("rb")
        except OSError as error:
            raise SourceError(f"{path.name}: cannot be read ({error.strerror}).") from None
        with body:
            writer = SealedWriter(target, self.keyring.subject_key(connection.party_id), load_id)
            try:
                writer.add({"entry": "load", **facts}, connection_facts)
                size = os.fstat(body.fileno()).st_size
                writer.add_stream({"entry": "file", "key": path.name, "sha256": sha256, "meta": "{}"}, body, size)
                writer.finish()
            except BaseException:
                writer.abandon()
                raise
        return Pack(target, connection.party_id, connection.connection_id)

    def pending(self, connection_ids: set[str] | None = None) -> list[Pack]:
        """Finished loads that were not merged yet, oldest first."""
        return self._packs(f"*/*/{PENDING}/*.pack", connection_ids)

    def merged(self) -> list[Pack]:
        """Every load that was merged, oldest first; what a rebuild reads."""
        return self._packs("*/*/????-??/*.pack", None)

    def set_merged(self, pack: Pack) -> None:
        """Move a merged load out of `pending`; a load already moved is left alone."""
        target = pack.path.parent.parent / f"{pack.pulled_at:%Y-%m}" / pack.path.name
        if pack.path.parent.name != PENDING or not pack.path.exists():
            return
        target.parent.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        pack.path.replace(target)
        sync_folder(target.parent)

    def _packs(self, pattern: str, connection_ids: set[str] | None) -> list[Pack]:
        packs = [Pack(path, path.parts[-4], path.parts[-3]) for path in self.home.landing.glob(pattern)]
        if connection_ids is not None:
            packs = [pack for pack in packs if pack.connection_id in connection_ids]
        return sorted(packs, key=lambda pack: pack.load_id)

    def sweep(self, older_than: dt.timedelta = dt.timedelta(hours=1)) -> int:
        """Remove temporary files that a killed process left behind; how many there were."""
        limit = dt.datetime.now(dt.UTC).timestamp() - older_than.total_seconds()
        left = [*self.home.landing.glob(f"*/*/{PENDING}/.*.tmp"), *self.home.landing.glob(f"*/*/{OPEN}/*/.*.tmp")]
        orphans = [path for path in left if path.stat().st_mtime < limit]
        for path in orphans:
            path.unlink(missing_ok=True)
        return len(orphans)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as body:
        while piece := body.read(CHUNK_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def read_pack(path: Path, subject_key: bytes) -> Iterator[tuple[dict[str, str], BinaryIO]]:
    """Yield (facts, body) of every entry of a pack. Raises SealError."""
    return read_sealed(path, subject_key, path.stem)


def _page_facts(page: Page) -> dict[str, str]:
    return {
        "entry": "page",
        "key": page.key,
        "sha256": hashlib.sha256(page.body).hexdigest(),
        "meta": json.dumps(dict(page.meta), ensure_ascii=False, sort_keys=True),
    }
