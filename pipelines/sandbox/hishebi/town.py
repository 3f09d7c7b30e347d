"""The state of the sandbox: its people, their books, their logins, the day it is there, and where that is kept.

Put here what the pretend service knows. Keep HTTP out (`server`) and the story itself (`story`).
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hmac
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.sandbox.hishebi.logins import Logins, Refused
from pipelines.sandbox.hishebi.people import people
from pipelines.sandbox.hishebi.story import CHANGE, CURRENCY, DAY, NEXT_DAY, Book
from warehouse.home import write_whole

LONGEST_SPAN_DAYS = 366


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """What a sandbox is made of; the same settings give the same answers, byte for byte.

    Attributes:
        today: The day it is there.
        seed: Chooses the story.
        people_count: How many pretend people have a login.
        token_seconds: How long an access token lives.
        requests_per_minute: The rate limit per access token.
        page_size: Entries a page.
        state_file: Where logins and steps are remembered, or None to forget them at the end.
    """

    today: dt.date
    seed: int = 7
    people_count: int = 6
    token_seconds: float = 3600.0
    requests_per_minute: int = 60
    page_size: int = 100
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
        self._persons = {person.user_id: person for person in self.people}
        self._books: dict[str, Book] = {}
        missing = (settings.today - self.today).days
        self._steps += NEXT_DAY * missing

    @property
    def today(self) -> dt.date:
        """The day it is in the sandbox."""
        return self._first_day + self._steps.count(NEXT_DAY) * DAY

    def step(self, kind: str) -> None:
        """Let a day pass (`NEXT_DAY`) or only changes happen (`CHANGE`)."""
        if kind not in {NEXT_DAY, CHANGE}:
            raise ValueError(kind)
        self._steps += kind
        for book in self._books.values():
            book.take(kind)
        self.remember()

    def ledger(self, user_id: str, first: dt.date, last: dt.date, token: str | None) -> dict[str, object]:
        """One page of a person's ledger, with the token of the next. Raises Refused."""
        if not dt.timedelta(0) <= last - first < dt.timedelta(days=LONGEST_SPAN_DAYS):
            raise Refused(400, "INVALID_RANGE", f"from must not be after to, and at most {LONGEST_SPAN_DAYS} days")
        entries = self._book(user_id).between(first, last)
        span = f"{user_id}/{first}/{last}"
        if token is not None:
            after = tuple(self._opened(token, span))
            entries = [entry for entry in entries if (entry.date.isoformat(), entry.entry_id) > after]
        page, rest = entries[: self._settings.page_size], entries[self._settings.page_size :]
        following = self._sealed([page[-1].date.isoformat(), page[-1].entry_id], span) if rest else None
        return {"currency": CURRENCY, "entries": [entry.wire() for entry in page], "next_page": following}

    def remember(self) -> None:
        """Keep steps and logins for the next run, if there is a file for it."""
        if self._settings.state_file is not None:
            document = {
                "seed": self._settings.seed,
                "first_day": self._first_day.isoformat(),
                "steps": self._steps,
                "logins": self.logins.document(),
            }
            write_whole(self._settings.state_file, json.dumps(document).encode())

    def _saved(self) -> dict[str, Any]:
        path = self._settings.state_file
        if path is None or not path.exists():
            return {}
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return document if document["seed"] == self._settings.seed else {}

    def _book(self, user_id: str) -> Book:
        if user_id not in self._books:
            person = self._persons[user_id]
            self._books[user_id] = Book(self._settings.seed, person, self._first_day, self._steps)
        return self._books[user_id]

    def _sealed(self, place: list[str], span: str) -> str:
        text = json.dumps([*place, self._mark(place, span)])
        return base64.urlsafe_b64encode(text.encode()).decode()

    def _opened(self, token: str, span: str) -> list[str]:
        """The place a page token points behind; a token of another person or span is no token."""
        try:
            *place, mark = json.loads(base64.urlsafe_b64decode(token))
        except (binascii.Error, ValueError, TypeError):
            place, mark = [], ""
        if not place or not hmac.compare_digest(str(mark), self._mark(place, span)):
            raise Refused(400, "INVALID_PAGE", "the page token is not of this request")
        return [str(part) for part in place]

    def _mark(self, place: list[str], span: str) -> str:
        message = json.dumps([span, place]).encode()
        return hmac.new(f"sandbox/{self._settings.seed}".encode(), message, "sha256").hexdigest()[:16]
