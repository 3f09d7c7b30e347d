"""Notes of the pretend people: those that come with the story, and those written through the API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

from pipelines.sandbox.hishebi.naming import pretend_id
from pipelines.sandbox.hishebi.people import Person
from pipelines.sandbox.hishebi.refusals import Refused
from pipelines.sandbox.hishebi.story import DAY, Book

_TEXTS = (
    ("Ask for the receipt", "রসিদ নিতে হবে"),
    ("Split this with my sister", "আপার সাথে ভাগ হবে"),
    ("Prices went up again", "দাম আবার বেড়েছে"),
    ("Shopping list for Eid: semai, milk, sugar", "ঈদের বাজার: সেমাই, দুধ, চিনি"),
    ("Pay the internet before the 8th", "৮ তারিখের আগে ইন্টারনেট বিল"),
)
_OFTEN = 0.06


@dataclass(frozen=True, slots=True)
class Note:
    """One note; `created_at` is an instant in ISO 8601 with Dhaka's offset, `key` the idempotency key it came with."""

    note_id: str
    user_id: str
    text: str
    created_at: str
    entry_id: str | None
    key: str = ""

    def wire(self) -> dict[str, object]:
        """The note as the API sends it."""
        return {"id": self.note_id, "text": self.text, "created_at": self.created_at, "entry_id": self.entry_id}


class WrittenNotes:
    """Notes that came through the API; `saved` is what `document` gave in an earlier run."""

    def __init__(self, seed: int, saved: list[dict[str, Any]]) -> None:
        """Know what was written before."""
        self._seed = seed
        self._notes = [Note(**document) for document in saved]

    def document(self) -> list[dict[str, Any]]:
        """Everything to remember, as JSON."""
        return [asdict(note) for note in self._notes]

    def of(self, user_id: str) -> list[Note]:
        """A person's written notes."""
        return [note for note in self._notes if note.user_id == user_id]

    def repeated(self, user_id: str, key: str, text: str, entry_id: str | None) -> Note | None:
        """The note that was written with this key, or None for a new one. Raises Refused for another body."""
        before = next((note for note in self.of(user_id) if note.key == key), None)
        if before is not None and (before.text, before.entry_id) != (text, entry_id):
            raise Refused(409, "IDEMPOTENCY_CONFLICT", "the key was used with another body")
        return before

    def write(self, user_id: str, key: str, text: str, entry_id: str | None, today: dt.date) -> Note:
        """A new note. Its time is some seconds after noon of the sandbox's day, so that the same story is the same."""
        number = len(self._notes)
        noon = dt.datetime.combine(today, dt.time(12))
        created_at = f"{(noon + dt.timedelta(seconds=number % 40_000)).isoformat()}+06:00"
        note = Note(pretend_id("n", self._seed, user_id, "written", number), user_id, text, created_at, entry_id, key)
        self._notes.append(note)
        return note


def told_notes(seed: int, person: Person, book: Book, first: dt.date, last: dt.date) -> Iterator[Note]:
    """The story's own notes from `first` to `last`; about half are about an entry of their day."""
    day = first
    while day <= last:
        chance = Random(f"{seed}/{person.user_id}/note/{day}")
        if chance.random() < _OFTEN:
            english, bangla = chance.choice(_TEXTS)
            entries = book.written_on(day)
            entry_id = chance.choice(entries) if entries and chance.random() < 0.5 else None
            created_at = f"{day.isoformat()}T{chance.randint(8, 22):02}:{chance.randint(0, 59):02}:00+06:00"
            note_id = pretend_id("n", seed, person.user_id, day)
            yield Note(note_id, person.user_id, bangla if person.writes_bangla else english, created_at, entry_id)
        day += DAY
