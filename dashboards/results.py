"""Running a dashboard's cards on the marts: every card for every choice of its filters, as exact values.

The page does no arithmetic: what it shows for a person and a currency is what the card's SQL answers for them. Put
here the running and the shape of results. Keep out drawing.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from dashboards.spec import Card, Dashboard, DashboardError, Param
from dashboards.sql_template import bound

MAX_CHOICES = 40
"""A page holds at most this many choices of one filter; it says so when there are more."""

Value = str | int | float | bool | None
"""Amounts and dates are strings (digits in full, ISO 8601), so that nothing is rounded on the way to the page."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of one filter as (value, label), in the order of its SQL; `has_more` when some were left off."""

    param: Param
    values: tuple[tuple[str, str], ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What one card's SQL answers: (name, kind) of its columns and its rows.

    A column's kind follows its name and type: amount, rate, count, month, date, flag, number or text.
    """

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True)
class Results:
    """Everything a page needs: choices, and per combination of chosen values one result per card.

    A combination is a tuple in the order of the filters, with None for "all"; one for which no card that draws has a
    row is not there.
    """

    choices: tuple[Choices, ...]
    by_selection: dict[tuple[str | None, ...], dict[str, Result]]


def run_cards(spec: Dashboard, con: duckdb.DuckDBPyConnection) -> Results:
    """Run every card for every combination of choices. Raises DashboardError naming the card whose SQL fails."""
    choices = tuple(_choices(spec, param, con) for param in spec.params)
    by_selection = {}
    for selection in itertools.product(*(_selectable(one) for one in choices)):
        values = dict(zip((param.key for param in spec.params), selection, strict=True))
        asked: dict[str, Result] = {}  # a chart, the table under it and the totals above may ask the same
        for card in spec.cards:
            if card.sql not in asked:
                asked[card.sql] = _run(spec, card, values, con)
        results = {card.key: asked[card.sql] for card in spec.cards}
        if any(results[card.key].rows for card in spec.cards if card.display != "scalar"):
            by_selection[selection] = results
    return Results(choices, by_selection)


def _selectable(choices: Choices) -> Iterator[str | None]:
    if not choices.param.required:
        yield None
    for value, _ in choices.values:
        yield value


def _choices(spec: Dashboard, param: Param, con: duckdb.DuckDBPyConnection) -> Choices:
    try:
        rows = con.execute(f"select value, label from ({param.sql}) as choices limit {MAX_CHOICES + 1}").fetchall()
    except duckdb.Error as error:
        raise DashboardError(f"{spec.key}.yaml, filter {param.key}: {_first_line(error)}") from None
    kept = tuple((str(value), str(label)) for value, label in rows[:MAX_CHOICES])
    return Choices(param, kept, has_more=len(rows) > MAX_CHOICES)


def _run(spec: Dashboard, card: Card, values: dict[str, str | None], con: duckdb.DuckDBPyConnection) -> Result:
    try:
        statement, parameters = bound(card.sql, values)
        cursor = con.execute(statement, parameters)
        described = cursor.description or []
        rows = cursor.fetchall()
    except (duckdb.Error, DashboardError) as error:
        raise DashboardError(f"{spec.key}.yaml, card {card.key}: {_first_line(error)}") from None
    columns = tuple((name, _kind(name, str(kind))) for name, kind, *_ in described)
    return Result(columns, tuple(tuple(_value(one) for one in row) for row in rows))


def _first_line(error: Exception) -> str:
    return str(error).split("\n", maxsplit=1)[0]


_KINDS_BY_ENDING = {"_amount": "amount", "_rate": "rate", "_count": "count", "month_date": "month"}
_KINDS_BY_TYPE = {"DATE": "date", "BOOLEAN": "flag", "VARCHAR": "text"}


def _kind(name: str, duckdb_type: str) -> str:
    for ending, kind in _KINDS_BY_ENDING.items():
        if name.endswith(ending):
            return kind
    return _KINDS_BY_TYPE.get(
        duckdb_type, "number" if duckdb_type.startswith(("DECIMAL", "DOUBLE", "BIG", "INT")) else "text"
    )


def _value(value: Any) -> Value:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if value is None or isinstance(value, (str, int, float)):
        return value
    return str(value)
