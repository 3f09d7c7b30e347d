"""The road every table of an app takes: recognised by its header, its conventions settled, its stretches decoded.

Put here what the CSV exports of several apps have in common. Keep out what any app means by its columns.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import BinaryIO, ClassVar

import polars as pl

from pipelines.sources.apps.described_accounts import DescribedAccounts
from pipelines.sources.conventions import CURRENCY, Clues, Conventions, look_ahead
from pipelines.sources.currency_words import sure_currency
from pipelines.sources.date_text import OrderClues, date_order_clues
from pipelines.sources.delimited import Stretch, header_of, read_delimited
from pipelines.sources.money_text import MarkClues, currency_symbols, decimal_mark_clues
from pipelines.sources.source import Decoded, Question, SourceError
from warehouse.fields import CURRENCY_PATTERN
from warehouse.record_kinds import LEDGER_ENTRIES

_BESIDE_A_NUMBER = r"[^-+().,' 0-9]"


class EntryReader(ABC):
    """Decodes the stretches of one file, in order; `accounts` collects whose they are."""

    def __init__(self, conventions: Conventions, currency: str) -> None:
        """Begin a file; `currency` is empty where every row names its own."""
        self.conventions = conventions
        self.currency = currency
        self.accounts = DescribedAccounts()

    @abstractmethod
    def decoded(self, stretch: Stretch) -> Decoded:
        """The entries of a stretch."""

    def ending(self) -> Iterator[Decoded]:
        """What comes after the last stretch: the accounts."""
        yield self.accounts.decoded()


class AppTable(ABC):
    """A CSV export of an app.

    Attributes:
        needed: Columns by which it is recognised.
        amounts: Columns of amounts, those the file has; they settle the decimal mark.
        date: The column of days; it settles their order.
        habits: How the app always writes, where a file proves nothing.
        names_currency: Whether every row names its currency; otherwise symbols settle it or it is asked.
    """

    source: str
    title: str
    kinds: tuple[str, ...] = ("accounts", "ledger_entries")
    needed: ClassVar[frozenset[str]]
    amounts: ClassVar[tuple[str, ...]]
    date: ClassVar[str]
    habits: ClassVar[Clues] = Clues()
    names_currency: ClassVar[bool] = False

    def sniff(self, head: bytes) -> bool:
        """Whether the header names the app's columns."""
        return set(header_of(head)[0]) >= self.needed

    def questions(self, body: BinaryIO) -> list[Question]:
        """The currency, unless the file settles it, and what else it leaves open. Raises SourceError."""
        clues, stretches = look_ahead(self.stretches(body), self._clues)
        asked = self._with_habits(clues).questions()
        if not self.names_currency and not sure_currency(self._symbols(next(stretches))):
            text = f"Which currency are the amounts in (three letters, such as USD)? {self.title} does not say."
            asked.append(Question(CURRENCY, text, pattern=CURRENCY_PATTERN))
        return asked

    def read(self, body: BinaryIO, answers: Mapping[str, str]) -> Iterator[Decoded]:
        """Decode the file; the accounts come last. Raises SourceError."""
        clues, stretches = look_ahead(self.stretches(body), self._clues)
        reader = self.begin(self._with_habits(clues).settle(answers), _answered_currency(answers))
        for stretch in stretches:
            if not self.names_currency and CURRENCY not in answers:
                reader.currency = _same_currency(reader.currency, self._symbols(stretch))
            yield reader.decoded(stretch)
        yield from reader.ending()

    @abstractmethod
    def begin(self, conventions: Conventions, currency: str) -> EntryReader:
        """The reader of one file."""

    def stretches(self, body: BinaryIO) -> Iterator[Stretch]:
        """The file's rows as text. Raises SourceError."""
        return read_delimited(body, kind=LEDGER_ENTRIES.name, needed=self.needed)

    def days(self, frame: pl.DataFrame) -> pl.Series:
        """The days as `date_text` reads them."""
        return frame[self.date]

    def _clues(self, stretch: Stretch) -> Clues:
        columns = [stretch.frame[name] for name in self.amounts if name in stretch.frame.columns]
        marks = sum((decimal_mark_clues(column) for column in columns), MarkClues())
        return Clues(marks, date_order_clues(self.days(stretch.frame)))

    def _with_habits(self, clues: Clues) -> Clues:
        """The clues; what the file does not prove is as the app always writes it."""
        marks, orders = clues.marks, clues.orders
        if not marks.point and not marks.comma:
            marks += MarkClues(self.habits.marks.point, self.habits.marks.comma)
        if not orders.day_first and not orders.month_first:
            orders += OrderClues(self.habits.orders.day_first, self.habits.orders.month_first)
        return Clues(marks, orders)

    def _symbols(self, stretch: Stretch) -> set[str]:
        found: set[str] = set()
        for name in self.amounts:
            cells = stretch.frame[name] if name in stretch.frame.columns else pl.Series(dtype=pl.String)
            found |= currency_symbols(cells.filter(cells.str.contains(_BESIDE_A_NUMBER).fill_null(value=False)))
        return found


def _answered_currency(answers: Mapping[str, str]) -> str:
    currency = answers.get(CURRENCY, "")
    if currency and not re.fullmatch(CURRENCY_PATTERN, currency):
        raise SourceError(f"The answer currency={currency!r} is not a three-letter code such as USD.")
    return currency


def _same_currency(before: str, symbols: set[str]) -> str:
    """The currency that settles a stretch; must be that of the stretches before."""
    now = sure_currency(symbols) if symbols else before
    if not now or (before and now != before):
        raise SourceError(
            "The file leaves open which currency its amounts are in; answer currency, for example currency=USD."
        )
    return now
