"""What a text file leaves to convention: its decimal mark and its date order, decided once for the whole file.

Put here how clues become a decision or a question. Keep out how a cell is read (`money_text`, `date_text`).

The first stretches of a file (`LOOK_AHEAD`) decide. Clues that agree settle the matter; clues that contradict each
other, or values that can be read both ways without any clue, are a question to the person. Rows that do not fit the
decision are refused one by one; nothing is ever decided per row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeVar

from pipelines.sources.date_text import DateOrder, OrderClues
from pipelines.sources.money_text import DecimalMark, MarkClues
from pipelines.sources.source import Question, SourceError

LOOK_AHEAD = 4
"""Stretches that may be held in memory while the file has given no clue."""

DECIMAL_MARK, DATE_ORDER, CURRENCY = "decimal_mark", "date_order", "currency"
"""Names of the questions."""

Stretch = TypeVar("Stretch")


@dataclass(frozen=True, slots=True)
class Conventions:
    """How a file's amounts and days are read."""

    mark: DecimalMark
    order: DateOrder


@dataclass(frozen=True, slots=True)
class Clues:
    """What a file has said so far."""

    marks: MarkClues = field(default_factory=MarkClues)
    orders: OrderClues = field(default_factory=OrderClues)

    def __add__(self, other: Clues) -> Clues:
        """Clues of two stretches together."""
        return Clues(self.marks + other.marks, self.orders + other.orders)

    @property
    def settled(self) -> bool:
        """Whether both matters have a clue, so that no more of the file need be looked at."""
        return (self.marks.point + self.marks.comma > 0) and (
            self.orders.day_first + self.orders.month_first > 0 or self.orders.unsure == 0
        )

    def mark(self) -> DecimalMark | None:
        """The decimal mark, or None when the file leaves it open."""
        marks = self.marks
        if (marks.point and marks.comma) or (not marks.point and not marks.comma and marks.unsure):
            return None
        return DecimalMark.COMMA if marks.comma else DecimalMark.POINT

    def order(self) -> DateOrder | None:
        """The date order, or None when the file leaves it open."""
        orders = self.orders
        if (orders.day_first and orders.month_first) or (
            not orders.day_first and not orders.month_first and orders.unsure
        ):
            return None
        return DateOrder.MONTH_FIRST if orders.month_first else DateOrder.DAY_FIRST

    def questions(self) -> list[Question]:
        """What the person must say."""
        asked = []
        if self.mark() is None:
            text = "Is the decimal mark of the amounts a point (1,234.56) or a comma (1.234,56)?"
            asked.append(Question(DECIMAL_MARK, text, tuple(mark.value for mark in DecimalMark)))
        if self.order() is None:
            text = "Do the dates begin with the day (31/12/2025) or with the month (12/31/2025)?"
            asked.append(Question(DATE_ORDER, text, tuple(order.value for order in DateOrder)))
        return asked

    def settle(self, answers: Mapping[str, str]) -> Conventions:
        """Decide; an answer wins over clues. Raises SourceError when something is open or an answer is unknown."""
        mark = DecimalMark(_checked(answers, DECIMAL_MARK, DecimalMark)) if DECIMAL_MARK in answers else self.mark()
        order = DateOrder(_checked(answers, DATE_ORDER, DateOrder)) if DATE_ORDER in answers else self.order()
        if mark is None:
            raise SourceError(_still_open("whether the decimal mark is a point or a comma", DECIMAL_MARK, "point"))
        if order is None:
            raise SourceError(_still_open("whether dates begin with the day or the month", DATE_ORDER, "day-first"))
        return Conventions(mark, order)


def _checked(answers: Mapping[str, str], name: str, choices: type[DecimalMark | DateOrder]) -> str:
    allowed = [choice.value for choice in choices]
    if answers[name] not in allowed:
        raise SourceError(f"The answer {name}={answers[name]!r} is not one of {', '.join(allowed)}.")
    return answers[name]


def _still_open(what: str, name: str, example: str) -> str:
    return f"The file leaves open {what}; answer {name}, for example {name}={example}."


def look_ahead(stretches: Iterable[Stretch], clues_of: Callable[[Stretch], Clues]) -> tuple[Clues, Iterator[Stretch]]:
    """Read clues from the first stretches.

    Args:
        stretches: The file's stretches, in order.
        clues_of: What one stretch says.

    Returns:
        The clues, and all stretches from the first on. At most LOOK_AHEAD of them are held.
    """
    clues, held = Clues(), []
    source = iter(stretches)
    for stretch in source:
        held.append(stretch)
        clues += clues_of(stretch)
        if clues.settled or len(held) == LOOK_AHEAD:
            break
    return clues, chain(held, source)
