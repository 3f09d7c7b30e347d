"""A bank's table of exchange rates in CSV: a row per pair, a row per currency, or a column per currency.

Put here what such a table leaves open and how the answers complete it. Nothing is taken for granted: which way round
a rate is, whose it is and of which day are asked where no column says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from pipelines.sources.conventions import Clues, look_ahead
from pipelines.sources.date_text import OrderClues, date_order_clues
from pipelines.sources.delimited import Stretch, header_of
from pipelines.sources.money_text import MarkClues, decimal_mark_clues
from pipelines.sources.rates import ecb
from pipelines.sources.rates.rate_columns import PRICES, RateColumns, needed_columns, rate_columns
from pipelines.sources.rates.rate_table import PriceColumn, decoded_rates, plain_days, rate_table
from pipelines.sources.source import Decoded, Question, SourceError
from warehouse.fields import CURRENCY_PATTERN

HOME_CURRENCY, DIRECTION, RATE_DATE, RATE_SOURCE, RATE_KIND = (
    "home_currency",
    "direction",
    "rate_date",
    "rate_source",
    "rate_kind",
)
"""Names of the questions."""
ONE_FOREIGN, ONE_HOME = "one-foreign", "one-home"
_KINDS = ("reference", "mid", "buying", "selling", "by_hand")
_QUESTIONS = {
    HOME_CURRENCY: Question(
        HOME_CURRENCY,
        "Which currency are the listed ones priced against (three letters, such as BDT)?",
        pattern=CURRENCY_PATTERN,
    ),
    DIRECTION: Question(
        DIRECTION,
        "Is a rate the price of one unit of the listed currency (one-foreign: 1 USD = 121.50) or what one unit of the "
        "home currency buys (one-home: 1 BDT = 0.0082)?",
        (ONE_FOREIGN, ONE_HOME),
    ),
    RATE_DATE: Question(RATE_DATE, "Of which day are the rates (YYYY-MM-DD)?", pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    RATE_SOURCE: Question(RATE_SOURCE, "Who published the rates, such as Bangladesh Bank?", pattern=r"^\s*\S.*$"),
    RATE_KIND: Question(RATE_KIND, "What sort of rates are these?", _KINDS),
}


class RatesCsvFormat:
    """Reads long, two-way and wide tables; see docs/currencies.md."""

    source = "fx_rates_csv"
    title = "Exchange rates (CSV)"
    kinds = ("fx_rates",)

    def sniff(self, head: bytes) -> bool:
        """Whether the header names currencies and rates, and nothing about money that moved."""
        return rate_columns(header_of(head)[0]) is not None and not ecb.FORMAT.sniff(head)

    def questions(self, body: BinaryIO) -> list[Question]:
        """Whatever no column says, and the decimal mark or date order where they are open. Raises SourceError."""
        names, stretches = rate_table(body)
        columns = needed_columns(names)
        clues, _ = look_ahead(stretches, lambda stretch: _clues(stretch, columns))
        return [_QUESTIONS[name] for name in _open(columns)] + clues.questions()

    def read(self, body: BinaryIO, answers: Mapping[str, str]) -> Iterator[Decoded]:
        """Decode the file. Raises SourceError."""
        names, stretches = rate_table(body)
        columns = needed_columns(names)
        for name in _open(columns):
            _require(name, answers)
        clues, stretches = look_ahead(stretches, lambda stretch: _clues(stretch, columns))
        conventions = clues.settle(answers)
        prices = list(_prices(columns, answers))
        for stretch in stretches:
            yield decoded_rates(stretch, prices, conventions)


FORMAT = RatesCsvFormat()


def _open(columns: RateColumns) -> list[str]:
    """Names of what the table leaves to the person."""
    roles, found = columns.roles, []
    has_sides = bool({"buying", "selling"} & set(roles))
    if not columns.names_a_pair:
        found.append(HOME_CURRENCY)
        if not has_sides:  # a bank's two prices are always those of the foreign currency
            found.append(DIRECTION)
    if "date" not in roles:
        found.append(RATE_DATE)
    if (columns.is_wide or "rate" in roles) and "kind" not in roles:
        found.append(RATE_KIND)
    if "source" not in roles:
        found.append(RATE_SOURCE)
    return found


def _require(name: str, answers: Mapping[str, str]) -> None:
    question, answer = _QUESTIONS[name], answers.get(name, "")
    if not answer:
        raise SourceError(f"The file leaves something open. {question.text} Answer {name}.")
    if (question.choices and answer not in question.choices) or (
        question.pattern and not re.match(question.pattern, answer)
    ):
        allowed = ", ".join(question.choices) or question.pattern
        raise SourceError(f"The answer to {name} does not fit; it is one of: {allowed}.")


def _prices(columns: RateColumns, answers: Mapping[str, str]) -> Iterator[PriceColumn]:
    """Every column of prices with what is known about it."""
    roles = columns.roles
    said = {"date": RATE_DATE, "source": RATE_SOURCE, "kind": RATE_KIND}
    settled = {role: answers[name] for role, name in said.items() if role not in roles and name in answers}
    shared = {role: roles[role] for role in ("date", "unit", "kind", "source", "base", "quote") if role in roles}
    foreign, home = "base", "quote"
    if not columns.names_a_pair:
        if answers.get(DIRECTION) == ONE_HOME:
            foreign, home = home, foreign
        settled[home] = answers[HOME_CURRENCY]
    if columns.is_wide:
        for code in columns.codes:
            if code != answers[HOME_CURRENCY]:  # a table may list its own currency as 1
                yield PriceColumn(code, shared, {**settled, foreign: code})
        return
    if "currency" in roles:
        shared[foreign] = roles["currency"]
    for price in PRICES:
        if price == "rate" and price in roles:
            yield PriceColumn(roles[price], shared, settled)
        elif price in roles:
            sided = {role: name for role, name in shared.items() if role != "kind"}
            yield PriceColumn(roles[price], sided, {**settled, "kind": price})


def _clues(stretch: Stretch, columns: RateColumns) -> Clues:
    frame = stretch.frame
    prices = columns.codes or [columns.roles[price] for price in PRICES if price in columns.roles]
    marks = [decimal_mark_clues(frame[name]) for name in prices]
    orders = date_order_clues(plain_days(frame[columns.roles["date"]])) if "date" in columns.roles else OrderClues()
    return Clues(sum(marks, MarkClues()), orders)
