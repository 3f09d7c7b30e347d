"""What every format read by profiles does: find the profile that fits, ask what it leaves open, read with it.

Put here which profile reads a file, and what is asked. The profile that reads a file is the answer `profile` to it:
its whole text is kept with the landed bytes, so `hisab rebuild` reads every file as it was first read, whatever
became of the profile since. A person's own profiles are handed in (`knowing`): this process reads no home.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import BinaryIO, ClassVar, Self

import polars as pl

from pipelines.sources.bank_csv.accounts import is_named
from pipelines.sources.bank_csv.matching import Layout, locate
from pipelines.sources.bank_csv.profile import Profile, profile_text, read_profile
from pipelines.sources.bank_csv.row_currencies import beside_amounts, fixed_currency
from pipelines.sources.bank_csv.rows import tidy
from pipelines.sources.bank_csv.written_days import plain_days
from pipelines.sources.byte_stream import Utf8Stream
from pipelines.sources.conventions import CURRENCY, Clues, Conventions, look_ahead
from pipelines.sources.date_text import DateOrder, OrderClues, date_order_clues
from pipelines.sources.delimited import Stretch, open_table, read_table
from pipelines.sources.money_text import DecimalMark, MarkClues, decimal_mark_clues
from pipelines.sources.source import Decoded, FoundLayout, Question, SourceError
from warehouse.fields import CURRENCY_PATTERN

PROFILE, ACCOUNT = "profile", "account"
"""Names of answers: the text of the profile, and what the person calls the account."""
_AMOUNTS = ("amount", "debit", "credit", "balance", "less")
_SHEET_NUMBER = r"^(-?[0-9]+)\.([0-9]{1,2}|[0-9]{4,})$"
"""A number of a sheet; three decimals are written with a fourth there, so a text `1.234` is not taken for one."""


@cache
def shipped_profiles() -> dict[str, Profile]:
    """The profiles that come with Hisab, of banks and apps, by name."""
    folder = resources.files(__package__) / "profiles"
    texts = {
        entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml")
    }
    return {name.removesuffix(".toml"): read_profile(text, name) for name, text in sorted(texts.items())}


class ProfileFormat(ABC):
    """A format whose layouts are profiles of one family."""

    source: str
    title: str
    kinds: tuple[str, ...]
    family: ClassVar[str]

    def __init__(self, own: Mapping[str, str] | None = None) -> None:
        """Know the shipped profiles and the person's `own`: TOML texts by file name."""
        self._own = dict(own or {})

    def knowing(self, layouts: Mapping[str, str]) -> Self:
        """The same format that knows these profiles too, and prefers them. Raises SourceError on first use."""
        return type(self)(layouts)

    def sniff(self, head: bytes) -> bool:
        """Whether one of the profiles fits. Raises SourceError when one of the person's own cannot be used."""
        return bool(self._fitting(head))

    def layout(self, head: bytes) -> FoundLayout:
        """The profile that fits a file best. Raises SourceError when none does, or two fit equally."""
        name, layout = self._best(head)
        return FoundLayout(name, layout.profile.title, {PROFILE: profile_text(layout.profile)})

    def questions(self, body: BinaryIO) -> list[Question]:
        """Currency, account, decimal mark and date order, as far as profile and file leave them open."""
        stream = open_table(body)
        _, layout = self._best(stream.head)
        clues, stretches = look_ahead(_stretches(stream, layout), lambda stretch: _clues(stretch, layout))
        asked = clues.questions()
        sample = next(stretches)
        if not (fixed_currency(layout) or layout.column("currency") or beside_amounts(sample.frame, layout)):
            text = "Which currency are the amounts in (three letters, such as USD)? The file does not say."
            asked.append(Question(CURRENCY, text, pattern=CURRENCY_PATTERN))
        if not is_named(layout):
            text = "Which account is this (its number, or what you call it)? The file does not say."
            asked.append(Question(ACCOUNT, text, pattern=r"\S.*"))
        return asked

    def read(self, body: BinaryIO, answers: Mapping[str, str]) -> Iterator[Decoded]:
        """Decode the file with the profile among the answers, else the one that fits. Raises SourceError."""
        stream = open_table(body)
        if PROFILE in answers:
            layout = locate(read_profile(answers[PROFILE], "kept with the file"), stream.head)
            if layout is None:
                raise SourceError("The file is not in the layout of the profile it is to be read with.")
        else:
            _, layout = self._best(stream.head)
        currency = answers.get(CURRENCY, "")
        if currency and not re.fullmatch(CURRENCY_PATTERN, currency):
            raise SourceError(f"The answer currency={currency!r} is not a three-letter code such as USD.")
        clues, stretches = look_ahead(_stretches(stream, layout), lambda stretch: _clues(stretch, layout))
        yield from self.records(layout, _settled(clues, answers, layout.profile), answers, stretches)

    @abstractmethod
    def records(
        self, layout: Layout, conventions: Conventions, answers: Mapping[str, str], stretches: Iterator[Stretch]
    ) -> Iterator[Decoded]:
        """What the rows of a file are. Raises SourceError."""

    def _fitting(self, head: bytes) -> list[tuple[str, Layout]]:
        """Of the person's profiles that fit, else of the shipped ones, those that know most of the header.

        Profiles of every family are held against the file, so that one of the person's goes before a shipped one of
        the other family; what is not of this family is then left to the other format.
        """
        own = {name.removesuffix(".toml"): read_profile(text, name) for name, text in self._own.items()}
        for profiles in (own, shipped_profiles()):
            found = [(name, layout) for name, profile in profiles.items() if (layout := locate(profile, head))]
            if found:
                most = max(layout.weight for _, layout in found)
                best = [(name, layout) for name, layout in found if layout.weight == most]
                return [(name, layout) for name, layout in best if layout.profile.family == self.family]
        return []

    def _best(self, head: bytes) -> tuple[str, Layout]:
        found = self._fitting(head)
        if not found:
            raise SourceError("The file is in no layout that Hisab knows.")
        if len(found) > 1:
            names = ", ".join(name for name, _ in found)
            raise SourceError(f"The file fits several profiles ({names}); take all but one of them away.")
        return found[0]


def _stretches(stream: Utf8Stream, layout: Layout) -> Iterator[Stretch]:
    stream.falls_back_on(layout.profile.encoding)
    stretches = read_table(stream, layout.shape, kind=layout.profile.kind)
    if stream.row_numbers is not None and layout.profile.decimal_mark == DecimalMark.COMMA.value:
        stretches = (_with_commas(stretch, layout) for stretch in stretches)
    return tidy(stretches, layout)


def _with_commas(stretch: Stretch, layout: Layout) -> Stretch:
    """Amounts of a sheet as the bank's text files have them: a workbook's numbers have a point wherever it is from."""
    names = [name for field in _AMOUNTS for name in layout.columns.get(field, ())]
    as_written = pl.col(names).str.replace(_SHEET_NUMBER, "${1},${2}")
    return Stretch(stretch.frame.with_columns(as_written), stretch.rejects)


def _clues(stretch: Stretch, layout: Layout) -> Clues:
    """What a stretch says of what the profile leaves open; what it settles counts as one clue."""
    profile, frame = layout.profile, stretch.frame
    marks, orders = MarkClues(point=1), OrderClues(day_first=1)
    if not profile.decimal_mark:
        columns = [frame[name] for field in _AMOUNTS for name in layout.columns.get(field, ())]
        # Words such as `Cr` stand behind amounts too.
        bare = [column.str.replace(r"(?i)[a-z]{1,6}\.?\s*$", "") for column in columns]
        marks = sum((decimal_mark_clues(column) for column in bare), MarkClues())
    if not profile.date_form:
        dated = ("booked_date", "value_date")
        days = [plain_days(frame[name], profile) for field in dated for name in layout.columns.get(field, ())]
        orders = sum((date_order_clues(column) for column in days), OrderClues())
    return Clues(marks, orders)


def _settled(clues: Clues, answers: Mapping[str, str], profile: Profile) -> Conventions:
    """How amounts and days are read. Raises SourceError when something is open."""
    found = clues.settle(answers)
    mark = DecimalMark(profile.decimal_mark) if profile.decimal_mark else found.mark
    order = found.order
    if profile.date_form:
        order = DateOrder.MONTH_FIRST if profile.date_form == "month-first" else DateOrder.DAY_FIRST
    return Conventions(mark, order)
