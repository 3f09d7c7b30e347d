"""What YNAB exports: the register, the plan, or the ZIP that holds both.

Put here how such a file is recognised and what of it is settled for the whole. Keep out what the rows mean
(`ynab_entries`, `ynab_plan`). Dates and amounts follow the plan's own settings, so their order, decimal mark and
currency are found for the whole file or asked; account names that hold a currency prove nothing. All of them are one
source, so that a register handed over alone and in its ZIP is the same register.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO, cast

from pipelines.sources.apps import ynab_entries, ynab_plan
from pipelines.sources.archive import open_archive, whole_file
from pipelines.sources.byte_stream import Utf8Stream
from pipelines.sources.conventions import CURRENCY, Clues, Conventions, look_ahead
from pipelines.sources.currency_words import sure_currency
from pipelines.sources.delimited import Stretch, header_of, open_table, read_delimited
from pipelines.sources.money_text import currency_symbols
from pipelines.sources.source import Decoded, Question, SourceError
from warehouse.fields import CURRENCY_PATTERN
from warehouse.planning_kinds import BUDGETS
from warehouse.record_kinds import LEDGER_ENTRIES

_ZIP = b"PK\x03\x04"
_REGISTER = re.compile(r"^(?!__MACOSX/|.*/?\._).*register\.csv$", re.IGNORECASE)
_PLAN = re.compile(r"^(?!__MACOSX/|.*/?\._).*(plan|budget)\.csv$", re.IGNORECASE)
"""Members of the ZIP, called after the plan; what another system wrote beside them is left out."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """One of the tables YNAB writes: its columns and how they are read."""

    kind: str
    needed: frozenset[str]
    amounts: tuple[str, ...]
    clues: Callable[[Stretch], Clues]
    renamed: Callable[[Stretch], Stretch] = lambda stretch: stretch

    def stretches(self, body: BinaryIO | Utf8Stream) -> Iterator[Stretch]:
        return map(self.renamed, read_delimited(body, kind=self.kind, needed=self.needed))

    def symbols(self, stretch: Stretch) -> set[str]:
        return set[str]().union(*(currency_symbols(stretch.frame[name]) for name in self.amounts))


_FLOWS = ("Outflow", "Inflow")
_LAYOUTS = (
    _Layout(LEDGER_ENTRIES.name, ynab_entries.NEEDED, _FLOWS, ynab_entries.clues),
    _Layout(LEDGER_ENTRIES.name, ynab_entries.NEEDED_FORMERLY, _FLOWS, ynab_entries.clues, ynab_entries.renamed),
    _Layout(BUDGETS.name, ynab_plan.NEEDED, ynab_plan.AMOUNTS, ynab_plan.clues),
    _Layout(BUDGETS.name, ynab_plan.NEEDED_FORMERLY, ynab_plan.AMOUNTS, ynab_plan.clues, ynab_plan.renamed),
)


@dataclass(slots=True)
class _Table:
    """One table of a file, its beginning looked at."""

    layout: _Layout
    clues: Clues
    stretches: Iterator[Stretch]
    symbols: set[str]


class YnabRegisterFormat:
    """Reads the register, the plan and their ZIP; see docs/formats.md for the rules."""

    source = "ynab_register"
    title = "YNAB register and plan (CSV, ZIP)"
    kinds = ("accounts", "ledger_entries", "budgets")

    def sniff(self, head: bytes) -> bool:
        """Whether the header names the columns of a register or a plan."""
        return _layout_of(head) is not None

    def takes(self, body: BinaryIO) -> bool:
        """Whether an archive holds a register or a plan, by its members' names."""
        if body.read(len(_ZIP)) != _ZIP:
            return False
        body.seek(0)
        try:
            with zipfile.ZipFile(body) as archive:
                names = archive.namelist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
            return False
        return any(_REGISTER.search(name) or _PLAN.search(name) for name in names)

    def questions(self, body: BinaryIO) -> list[Question]:
        """The currency, unless the amounts' symbol settles it, and what else the file leaves open."""
        tables = _tables(body)
        asked = _clues_of(tables).questions()
        if not sure_currency(set[str]().union(*(table.symbols for table in tables))):
            text = "Which currency are the amounts in (three letters, such as USD)? A YNAB export does not say."
            asked.append(Question(CURRENCY, text, pattern=CURRENCY_PATTERN))
        return asked

    def read(self, body: BinaryIO, answers: Mapping[str, str]) -> Iterator[Decoded]:
        """Decode the file; the accounts come last. Raises SourceError."""
        tables = _tables(body)
        conventions = _clues_of(tables).settle(answers)
        currency = _Currency(answers.get(CURRENCY, ""))
        register = ynab_entries.RegisterReader(conventions)
        for table in tables:
            for stretch in table.stretches:
                code = currency.of(table.layout.symbols(stretch))
                yield _decoded(table.layout, stretch, register, conventions, code)
        yield register.accounts()


class _Currency:
    """The currency of a file: answered, or settled by symbols that may not contradict each other."""

    def __init__(self, answer: str) -> None:
        if answer and not re.fullmatch(CURRENCY_PATTERN, answer):
            raise SourceError(f"The answer currency={answer!r} is not a three-letter code such as USD.")
        self._is_answered, self._code = bool(answer), answer

    def of(self, symbols: set[str]) -> str:
        """The currency of a stretch with these symbols; must be that of the stretches before."""
        if self._is_answered:
            return self._code
        now = sure_currency(symbols) if symbols else self._code
        if not now or (self._code and now != self._code):
            raise SourceError(
                "The file leaves open which currency its amounts are in; answer currency, for example currency=USD."
            )
        self._code = now
        return now


def _decoded(
    layout: _Layout, stretch: Stretch, register: ynab_entries.RegisterReader, conventions: Conventions, currency: str
) -> Decoded:
    if layout.kind == BUDGETS.name:
        return ynab_plan.decoded(stretch, conventions, currency)
    return register.decoded(stretch, currency)


def _layout_of(head: bytes) -> _Layout | None:
    names = set(header_of(head)[0])
    return next((layout for layout in _LAYOUTS if names >= layout.needed), None)


def _tables(body: BinaryIO) -> list[_Table]:
    """The tables of a file: a CSV has one, a ZIP up to two. Raises SourceError."""
    head = body.read(len(_ZIP))
    rest = cast("BinaryIO", _Rejoined(head, body))
    return _members(rest) if head == _ZIP else [_looked_at(rest)]


def _members(body: BinaryIO) -> list[_Table]:
    archive = open_archive(whole_file(body))
    found = []
    for form in (_REGISTER, _PLAN):
        names = [name for name in archive.namelist() if form.search(name)]
        if len(names) > 1:
            raise SourceError("The archive holds several plans; unpack it and import each with a party of its own.")
        found += [_looked_at(cast("BinaryIO", archive.open(name))) for name in names]
    if not found:
        raise SourceError("The archive holds neither a register nor a plan of YNAB; export it again.")
    return found


def _looked_at(body: BinaryIO) -> _Table:
    stream = open_table(body)
    layout = _layout_of(stream.head) or _LAYOUTS[0]
    clues, stretches = look_ahead(layout.stretches(stream), layout.clues)
    first = next(stretches)
    return _Table(layout, clues, chain([first], stretches), layout.symbols(first))


def _clues_of(tables: list[_Table]) -> Clues:
    return sum((table.clues for table in tables), Clues())


class _Rejoined:
    """A file whose first bytes were read, from its beginning."""

    def __init__(self, head: bytes, body: BinaryIO) -> None:
        self._head, self._body = head, body

    def read(self, size: int = -1) -> bytes:
        head, self._head = self._head, b""
        return head + self._body.read(size if size < 0 else max(size - len(head), 0))


FORMAT = YnabRegisterFormat()
