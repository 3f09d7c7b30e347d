"""The state of the sandbox: its people, their households, their logins, the day it is there, and where that is kept.

Put here what the pretend service knows. Keep HTTP out (`service`, `api`) and the story itself (`story`).
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.sandbox.hishebi.household import Household, within
from pipelines.sandbox.hishebi.logins import Logins
from pipelines.sandbox.hishebi.notes import Note, WrittenNotes
from pipelines.sandbox.hishebi.people import people
from pipelines.sandbox.hishebi.refusals import Refused
from pipelines.sandbox.hishebi.story import CHANGE, DAY, NEXT_DAY
from warehouse.home import write_whole

Wire = dict[str, object]


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """What a sandbox is made of; the same settings give the same answers, byte for byte.

    Attributes:
        today: The day it is there.
        seed: Chooses the story.
        people_count: How many pretend people have a login.
        token_seconds: How long an access token lives.
        requests_per_minute: The rate limit per access token.
        page_size: Rows a page.
        retry_minute_seconds: Seconds that a minute of the webhook retries lasts (1, 2, 5, 10, 60 and 180 minutes).
        state_file: Where logins, steps and written notes are remembered, or None to forget them at the end.
    """

    today: dt.date
    seed: int = 7
    people_count: int = 6
    token_seconds: float = 3600.0
    requests_per_minute: int = 60
    page_size: int = 100
    retry_minute_seconds: float = 60.0
    state_file: Path | None = None


class Town:
    """The pretend people and what the service holds of them."""

    def __init__(self, settings: SandboxSettings) -> None:
        """Continue from the state file if there is one of the same seed, and let the days pass until today."""
        self._settings = settings
        saved = self._saved()
        self._first_day = dt.date.fromisoformat(saved["first_day"]) if saved else settings.today
        self._steps: str = saved.get("steps", "")
        self.people = people(settings.seed, settings.people_count)
        self.logins = Logins(settings.seed, self.people, settings.token_seconds, saved.get("logins", []))
        self._written = WrittenNotes(settings.seed, saved.get("notes", []))
        self._persons = {person.user_id: person for person in self.people}
        self._households: dict[str, Household] = {}
        missing = (settings.today - self.today).days
        self._steps += NEXT_DAY * missing

    @property
    def today(self) -> dt.date:
        """The day it is in the sandbox."""
        return self._first_day + self._steps.count(NEXT_DAY) * DAY

    def household(self, user_id: str) -> Household:
        """What the service holds of a person."""
        if user_id not in self._households:
            person = self._persons[user_id]
            self._households[user_id] = Household(self._settings.seed, person, self._first_day, self._steps)
        return self._households[user_id]

    def step(self, kind: str) -> None:
        """Let a day pass (`NEXT_DAY`) or only changes happen (`CHANGE`)."""
        if kind not in {NEXT_DAY, CHANGE}:
            raise ValueError(kind)
        self._steps += kind
        for household in self._households.values():
            household.book.take(kind)
        self.remember()

    def notes(self, user_id: str, first: dt.date, last: dt.date) -> list[Wire]:
        """A person's notes: those of the story and those written through the API."""
        written = (note.wire() for note in self._written.of(user_id))
        return self.household(user_id).notes(first, last) + within(written, "created_at", first, last)

    def write_note(self, user_id: str, key: str, text: str, entry_id: str | None) -> Note:
        """Keep a note; the same key and words give the same note. Raises Refused."""
        before = self._written.repeated(user_id, key, text, entry_id)
        if before is not None:
            return before
        if entry_id is not None and entry_id not in self.household(user_id).book.entry_ids():
            raise Refused(404, "NOT_FOUND", "there is no such entry")
        note = self._written.write(user_id, key, text, entry_id, self.today)
        self.remember()
        return note

    def remember(self) -> None:
        """Keep steps, logins and written notes for the next run, if there is a file for it."""
        if self._settings.state_file is not None:
            document = {
                "seed": self._settings.seed,
                "first_day": self._first_day.isoformat(),
                "steps": self._steps,
                "logins": self.logins.document(),
                "notes": self._written.document(),
            }
            write_whole(self._settings.state_file, json.dumps(document).encode())

    def _saved(self) -> dict[str, Any]:
        path = self._settings.state_file
        if path is None or not path.exists():
            return {}
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return document if document["seed"] == self._settings.seed else {}
