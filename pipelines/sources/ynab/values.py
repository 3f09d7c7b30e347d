"""Single values of YNAB's JSON: texts, days and milliunits, and how an unreadable one sets its row aside."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from pipelines.sources.exact_json import json_text
from pipelines.sources.json_rows import Unreadable
from warehouse.fields import CURRENCY_PATTERN, EARLIEST, LATEST, MOST

MILLI = Decimal(1000)
"""Amounts are whole thousandths of the currency's unit, whatever its number of decimals."""

_SMALLEST = Decimal("0.0001")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TWICE_TOLD = ("_formatted", "_currency")
"""Ends of fields that repeat an amount in another writing."""


def text(row: Mapping[str, Any], name: str) -> str | None:
    """A text, None when it is missing or empty. Raises Unreadable."""
    value = row.get(name)
    if value is None or isinstance(value, str):
        return value or None
    raise Unreadable(name, "it is not text", "report it to YNAB")


def required(row: Mapping[str, Any], name: str) -> str:
    """A text that must be there. Raises Unreadable."""
    value = text(row, name)
    if value is None:
        raise Unreadable(name, f"the {name} is missing", "report it to YNAB")
    return value


def milliunits(row: Mapping[str, Any], name: str) -> Decimal:
    """An amount in units of its currency, from whole milliunits. Raises Unreadable."""
    value = row.get(name)
    if value is None:
        raise Unreadable(name, "the amount is missing", "report it to YNAB")
    if not isinstance(value, Decimal) or value != value.to_integral_value():
        raise Unreadable(name, "the amount is not a whole number of milliunits", "report it to YNAB")
    if abs(value) > Decimal(MOST) * MILLI:
        raise Unreadable(name, "the amount is too large", "correct it in YNAB")
    return (value / MILLI).quantize(_SMALLEST)


def some_milliunits(row: Mapping[str, Any], name: str) -> Decimal | None:
    """An amount that may be missing. Raises Unreadable."""
    return None if row.get(name) is None else milliunits(row, name)


def day(row: Mapping[str, Any], name: str) -> dt.date:
    """A day that must be there. Raises Unreadable."""
    found = some_day(row, name)
    if found is None:
        raise Unreadable(name, "the date is missing", "fill it in in YNAB")
    return found


def some_day(row: Mapping[str, Any], name: str) -> dt.date | None:
    """A day that may be missing. Raises Unreadable."""
    value = row.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str) and _DAY.fullmatch(value) and EARLIEST <= value <= LATEST:
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    raise Unreadable(name, "it is no day of the calendar", "correct the date in YNAB")


def currency(code: str) -> str:
    """The plan's currency. Raises Unreadable when its settings name none."""
    if not re.fullmatch(CURRENCY_PATTERN, code):
        raise Unreadable("iso_code", "the plan has no currency", "choose one in the plan's settings in YNAB")
    return code


def is_deleted(row: Any) -> bool:
    """Whether a row tells only that it is gone."""
    return isinstance(row, dict) and row.get("deleted") is True


def left_over(row: Mapping[str, Any], known: Iterable[str]) -> dict[str, Any]:
    """What no column names and is not empty; amounts told a second time in another writing are left out."""
    taken = {*known, "deleted"}
    return {
        name: value
        for name, value in row.items()
        if name not in taken and value not in (None, "", [], {}) and not name.endswith(_TWICE_TOLD)
    }


def extra_text(values: Mapping[str, Any]) -> str | None:
    """The values as JSON text, None when there are none. Raises Unreadable for text that is no Unicode."""
    if not values:
        return None
    written = json_text(dict(values))
    _require_unicode(written)
    return written


def _require_unicode(written: str) -> None:
    try:
        written.encode()
    except UnicodeEncodeError:
        raise Unreadable("", "the text is not valid Unicode", "write the entry again in YNAB") from None


def readable_row(row: Any) -> dict[str, Any]:
    """The row, if it is a JSON object of valid Unicode. Raises Unreadable."""
    if not isinstance(row, dict):
        raise Unreadable("", "it is not a JSON object", "report it to YNAB")
    _require_unicode(json_text(row))
    return row
