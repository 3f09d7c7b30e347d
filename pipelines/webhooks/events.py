"""Landed events: one sealed file per event, kept for good, whose name alone tells that the event was received.

    landing/events/new/<key>          landed, not yet handled
    landing/events/done/<xx>/<key>    handled; <xx> are two characters of the key, so that no folder grows too large

The key is an opaque id of sender and event id: whoever sends an event again meets its name. Each file is sealed with
the home's own key; the body inside is sealed once more with the key of the party it speaks of, where that is known,
so that erasing the party leaves only that there was an event of some type. Put here the keeping of events. Keep out
who may send them (`verify`) and what they set going (`handling`).
"""

from __future__ import annotations

import datetime as dt
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from pipelines.progress import warn
from pipelines.webhooks.verify import Event
from warehouse.faults import fault_point
from warehouse.home import PRIVATE_FILE, PRIVATE_FOLDER, Home, sync_folder
from warehouse.keys import KeyProblem, Keyring
from warehouse.sealed import SealError, read_entries, read_sealed, sealed_bytes

HOME_SUBJECT = "home"
"""The data subject of what belongs to no party."""

_SWEEP_AFTER = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class LandedEvent:
    """One event in landing.

    Attributes:
        key: Opaque id of sender and event id; its file's name.
        sender: Name of the sender.
        event_id: The sender's own id.
        event_type: What happened, in the sender's words.
        event_at: When it happened (UTC).
        received_at: When it came here first (UTC).
        body: The bytes as they came; empty when the party it speaks of was erased.
    """

    key: str
    sender: str
    event_id: str
    event_type: str
    event_at: dt.datetime
    received_at: dt.datetime
    body: bytes = field(repr=False)


class EventLanding:
    """The events of one home."""

    def __init__(self, home: Home, keyring: Keyring) -> None:
        """Remember where the events lie; nothing is opened."""
        self._new = home.events / "new"
        self._done = home.events / "done"
        self._keyring = keyring
        self._subjects: dict[str, bytes] = {}

    def key_of(self, sender: str, event_id: str) -> str:
        """The event's opaque id."""
        return self._keyring.opaque_id("e", sender, event_id)

    def knows(self, key: str) -> bool:
        """Whether this event was received before, handled or not."""
        # in this order: handling moves a file from the first place to the second
        return (self._new / key).exists() or self._done_path(key).exists()

    def open(self) -> None:
        """Make the folder and the key, settle what a killed process left, and remove its temporary files.

        Raises KeyProblem when the home's own subject key is damaged.
        """
        self._new.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        self._subject_key(HOME_SUBJECT)
        limit = dt.datetime.now(dt.UTC).timestamp() - _SWEEP_AFTER.total_seconds()
        for path in self._new.glob(".*.tmp"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < limit:
                    path.unlink()
        self.sync()  # a name that was given just before a kill is acknowledged by name alone

    def seal(self, key: str, event: Event, body: bytes, party_id: str | None, received_at: dt.datetime) -> bytes:
        """The bytes of the event's file."""
        subject = party_id or HOME_SUBJECT
        if party_id is not None:
            try:
                body = sealed_bytes({}, body, self._subject_key(party_id), key)
            except KeyProblem:
                body = b""  # the party was erased: nothing of it is kept again
        facts = {
            "sender": event.sender,
            "event_id": event.event_id,
            "event_type": event.event_type,
            "event_at": event.event_at.isoformat(),
            "received_at": received_at.isoformat(),
            "subject": subject,
        }
        return sealed_bytes(facts, body, self._subject_key(HOME_SUBJECT), key)

    def land(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Put (key, sealed bytes) pairs on disk; they are safe when this returns. Raises OSError."""
        self.place(files)
        self.sync()

    def place(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Write and sync these files and give them their names; a name already taken stays. Raises OSError."""
        for key, sealed in files:
            self._place_one(key, sealed)

    def sync(self) -> None:
        """Make the names given so far survive a power cut; only then is an event safe. Raises OSError."""
        sync_folder(self._new)

    def _place_one(self, key: str, sealed: bytes) -> None:
        temporary = self._new / f".{key}.{os.getpid()}.tmp"
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
        with os.fdopen(handle, "wb", buffering=0) as out:
            out.write(sealed)
            os.fsync(handle)
        fault_point("webhook.before_rename")
        with suppress(FileExistsError):  # another process was faster with the same event
            os.link(temporary, self._new / key)
        temporary.unlink()
        fault_point("webhook.after_rename")

    def waiting(self) -> list[LandedEvent]:
        """Events not yet handled, oldest first."""
        return sorted(self.readable(self._keys(self._new)), key=lambda event: (event.event_at, event.key))

    def readable(self, keys: Iterable[str]) -> Iterator[LandedEvent]:
        """These events; a damaged one is told to the person and left out."""
        for key in keys:
            try:
                yield self.read(key)
            except SealError as error:
                warn(f"event {key}: {error}; restore landing/events from your backup")

    def all_keys(self) -> dict[str, bool]:
        """The key of every event there ever was, and whether it was handled."""
        found = dict.fromkeys(self._keys(self._new), False)
        if self._done.is_dir():
            for folder in self._done.iterdir():
                found.update(dict.fromkeys(self._keys(folder), True))
        return found

    def read(self, key: str) -> LandedEvent:
        """One landed event. Raises SealError when its file is damaged."""
        path = self._new / key
        try:
            facts, body = self._opened(path, key)
        except FileNotFoundError:  # handled meanwhile
            facts, body = self._opened(self._done_path(key), key)
        return LandedEvent(
            key=key,
            sender=facts["sender"],
            event_id=facts["event_id"],
            event_type=facts["event_type"],
            event_at=dt.datetime.fromisoformat(facts["event_at"]),
            received_at=dt.datetime.fromisoformat(facts["received_at"]),
            body=body,
        )

    def set_handled(self, keys: Iterable[str]) -> None:
        """Move these events out of `new`; one that was moved before is left alone."""
        folders = set()
        for key in keys:
            target = self._done_path(key)
            target.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                (self._new / key).replace(target)
                folders |= {target.parent, self._new}
        for folder in folders:
            sync_folder(folder)

    def _opened(self, path: Path, key: str) -> tuple[dict[str, str], bytes]:
        facts, stream = next(read_sealed(path, self._subject_key(HOME_SUBJECT), key))
        body = stream.read()
        if body and facts["subject"] != HOME_SUBJECT:
            try:
                body = _inner(io.BytesIO(body), self._subject_key(facts["subject"]), key)
            except KeyProblem:
                body = b""
        return facts, body

    def _subject_key(self, subject: str) -> bytes:
        """The subject's key; kept in memory, since a receiver asks for it with every event."""
        if subject not in self._subjects:
            self._subjects[subject] = self._keyring.subject_key(subject)
        return self._subjects[subject]

    def _done_path(self, key: str) -> Path:
        return self._done / key[-2:] / key

    def _keys(self, folder: Path) -> Iterator[str]:
        if folder.is_dir():
            yield from (entry.name for entry in os.scandir(folder) if not entry.name.startswith("."))


def _inner(sealed: BinaryIO, key: bytes, context: str) -> bytes:
    _, stream = next(read_entries(sealed, key, context))
    return stream.read()
