"""What debts, savings goals, counts of the till and notes mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from pipelines.sources.exact_json import json_text
from pipelines.sources.hishebi.rows import Around, Part, Taken
from pipelines.sources.hishebi.values import (
    Row,
    amount_of,
    currency_of,
    day_of,
    id_of,
    magnitude_of,
    moment_of,
    pieces_of,
    required_amount,
    required_text,
    text_of,
)
from pipelines.sources.json_rows import Unreadable
from warehouse.fields import MOST

_MOST_DIGITS = 40
"""A number written with an exponent beyond this is no denomination, and its digits would fill the memory."""
_DIRECTIONS = ("borrowed", "lent")
_COUNT_HELD = frozenset({"id", "till", "expected_total", "total", "denominations", "note", "currency"})


def debt(row: Row, _part: Part, around: Around) -> Taken:
    """One debt, as it stands now. Raises Unreadable."""
    direction = row.get("direction")
    if direction not in _DIRECTIONS:
        reason = "it says neither borrowed nor lent"
        raise Unreadable("direction", reason, "choose one of them in Hishebi")
    columns = {
        "record_id": id_of(row),
        "counterparty_name": required_text(row, "counterparty"),
        "debt_direction": direction,
        "principal_amount": magnitude_of(row, "principal"),
        "paid_amount": magnitude_of(row, "paid"),
        "outstanding_amount": required_amount(row, "outstanding"),
        "currency_code": currency_of(row, around.currency),
        "start_date": day_of(row, "start_date"),
        "due_date": day_of(row, "due_date"),
        "debt_status": text_of(row, "status"),
        "note": text_of(row, "note"),
    }
    held = {"id", "counterparty", "direction", "principal", "paid", "outstanding", "currency"}
    return Taken(columns, frozenset(held | {"start_date", "due_date", "status", "note"}))


def goal(row: Row, _part: Part, around: Around) -> Taken:
    """One savings goal, as it stands now. Raises Unreadable."""
    columns = {
        "record_id": id_of(row),
        "goal_name": required_text(row, "name"),
        "target_amount": magnitude_of(row, "target_amount"),
        "saved_amount": required_amount(row, "current_balance", signed=True),
        "currency_code": currency_of(row, around.currency),
        "start_date": day_of(row, "start_date"),
        "target_date": day_of(row, "target_date"),
        "goal_status": text_of(row, "status"),
        "note": text_of(row, "note"),
    }
    held = {"id", "name", "target_amount", "current_balance", "currency", "start_date", "target_date"}
    return Taken(columns, frozenset(held | {"status", "note"}))


def note(row: Row, _part: Part, _around: Around) -> Taken:
    """One note; the moment stays in `extra` as it was written, with its offset. Raises Unreadable."""
    day, instant = moment_of(row, "created_at")
    columns = {
        "record_id": id_of(row),
        "note_text": required_text(row, "text"),
        "noted_at": instant,
        "note_date": day,
        "entry_id": text_of(row, "entry_id"),
    }
    return Taken(columns, frozenset({"id", "text", "entry_id"}))


def count_lines(counts: list[Any]) -> Iterator[Part]:
    """For each count of a till its total, then each of its denominations."""
    for count in counts:
        yield Part(count)
        lines = count.get("denominations") if isinstance(count, dict) else None
        seen: Counter[str] = Counter()
        for line in lines if isinstance(lines, list) else ():
            value = _plain(line.get("value")) if isinstance(line, dict) else ""
            seen[value] += 1
            yield Part(line, count, seen[value])


def count_line(row: Row, part: Part, around: Around) -> Taken:
    """The total of a count of a till, or one denomination of it. Raises Unreadable.

    A count whose denominations do not come to its total stays as it was told: the two are kept side by side.
    """
    if part.parent is None:
        return Taken(_total(row, around), _COUNT_HELD)
    if not isinstance(part.parent, dict):  # pragma: no cover - only an object has denominations
        raise Unreadable("", "its count is not a JSON object", "report it to Hishebi")
    return Taken(_denomination(row, part, around), frozenset({"value", "pieces"}))


def _total(row: Row, around: Around) -> dict[str, Any]:
    if not isinstance(row.get("denominations"), list | None):
        raise Unreadable("denominations", "the denominations are no list", "report it to Hishebi")
    return {
        **_count(row, around),
        "record_id": id_of(row),
        "line_kind": "total",
        "counted_amount": required_amount(row, "total"),
        "expected_amount": amount_of(row, "expected_total"),
        "note": text_of(row, "note"),
    }


def _denomination(row: Row, part: Part, around: Around) -> dict[str, Any]:
    value, pieces = required_amount(row, "value"), pieces_of(row, "pieces")
    if value * pieces > Decimal(MOST):
        raise Unreadable("pieces", "so many pieces come to more than an amount can be", "correct it in Hishebi")
    count = _count(part.parent, around)
    again = f"/{part.number}" if part.number > 1 else ""
    return {
        **count,
        "record_id": f"{count['session_id']}/{_plain(row['value'])}{again}",
        "line_kind": "denomination",
        "denomination_amount": value,
        "pieces_count": pieces,
        "counted_amount": value * pieces,
    }


def _count(row: Row, around: Around) -> dict[str, Any]:
    """What all lines of a count share."""
    day, instant = moment_of(row, "counted_at")
    if day is None:
        raise Unreadable("counted_at", "the counted at is missing", "report it to Hishebi")
    return {
        "session_id": id_of(row),
        "count_date": day,
        "counted_at": instant,
        "till_name": text_of(row, "till"),
        "currency_code": currency_of(row, around.currency),
    }


def _plain(value: Any) -> str:
    """A denomination's value in plain digits, so that 10 and 10.00 name the same one."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, Decimal) and abs(value.adjusted()) < _MOST_DIGITS:
        return f"{value.normalize():f}"
    return json_text(value)
