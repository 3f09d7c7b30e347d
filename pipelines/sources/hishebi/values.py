"""Single values as Hishebi writes them: text, amounts, days, months and instants.

Each reader raises Unreadable with the column, the reason and the cure; a row that holds such a value is set aside.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Any

from pipelines.sources.json_rows import Unreadable
from warehouse.fields import CURRENCY_PATTERN, MOST
from warehouse.kinds import AMOUNT_SCALE

Row = Mapping[str, Any]

_EXACT = Context(prec=40, traps=[Inexact, InvalidOperation])
_SMALLEST = Decimal(1).scaleb(-AMOUNT_SCALE)
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


def text_of(row: Row, name: str) -> str | None:
    """A text, None when it is missing or empty; a number becomes its digits."""
    value = row.get(name)
    if isinstance(value, Decimal):
        return str(value)
    if value is None or isinstance(value, str):
        return value or None
    raise Unreadable(name, "it is not text", "write the entry again in Hishebi")


def required_text(row: Row, name: str) -> str:
    """A text that must be there."""
    value = text_of(row, name)
    if value is None:
        raise Unreadable(name, f"the {name.replace('_', ' ')} is missing", "fill it in in Hishebi")
    return value


def id_of(row: Row, name: str = "id") -> str:
    """Hishebi's own id of a row, or of the one it belongs to."""
    value = text_of(row, name)
    if value is None:
        what = "the entry has no id" if name == "id" else f"the {name.replace('_', ' ')} is missing"
        raise Unreadable(name, what, "report it to Hishebi")
    return value


def amount_of(row: Row, name: str = "amount") -> Decimal | None:
    """An amount with the sign it came with, exact to four decimals; None when it is missing."""
    value = row.get(name)
    if value is None or value == "":
        return None
    what = f"the {name.replace('_', ' ')}"
    if isinstance(value, str) and _PLAIN_NUMBER.fullmatch(value.strip()):
        value = Decimal(value.strip())
    if not isinstance(value, Decimal):
        raise Unreadable(name, f"{what} is not a plain number such as 1850.50", "write it so in Hishebi")
    if value.copy_abs() > Decimal(MOST):  # abs() itself overflows on 1e999999999
        raise Unreadable(name, f"{what} is too large", "correct it in Hishebi")
    try:
        return value.quantize(_SMALLEST, context=_EXACT)
    except (Inexact, InvalidOperation):
        raise Unreadable(name, f"{what} has more than four decimals", "round it in Hishebi") from None


def magnitude_of(row: Row, name: str = "amount") -> Decimal | None:
    """An amount that has no sign; None when it is missing."""
    value = amount_of(row, name)
    if value is not None and value < 0:
        raise Unreadable(name, f"the {name.replace('_', ' ')} has a minus sign", "write it without a sign in Hishebi")
    return value


def required_amount(row: Row, name: str = "amount", *, signed: bool = False) -> Decimal:
    """An amount that must be there; without a sign unless `signed`."""
    value = amount_of(row, name) if signed else magnitude_of(row, name)
    if value is None:
        raise Unreadable(name, f"the {name.replace('_', ' ')} is missing", "fill it in in Hishebi")
    return value


def pieces_of(row: Row, name: str) -> int:
    """A whole number from zero on."""
    value = required_amount(row, name)
    if value != value.to_integral_value():
        raise Unreadable(name, f"the {name.replace('_', ' ')} are not a whole number", "correct it in Hishebi")
    return int(value)


def currency_of(row: Row, page_currency: Any) -> str:
    """The row's own currency, else that of its page."""
    value = row.get("currency", page_currency)
    text = value.strip().upper() if isinstance(value, str) else ""
    if not re.fullmatch(CURRENCY_PATTERN, text):
        raise Unreadable("currency", "the currency is not a three-letter code", "set the ledger's currency in Hishebi")
    return text


def currency_if_told(row: Row, page_currency: Any) -> str | None:
    """The currency of a row that may do without one."""
    return None if row.get("currency", page_currency) in (None, "") else currency_of(row, page_currency)


def day_of(row: Row, name: str = "date") -> dt.date | None:
    """A calendar day; None when it is missing."""
    value = row.get(name)
    if value is None or value == "":
        return None
    what = f"the {name.replace('_', ' ')}"
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return dt.date.fromisoformat(value)
    except ValueError:
        cure = "correct the date in Hishebi"
        raise Unreadable(name, f"{what}: there is no such day in the calendar", cure) from None
    raise Unreadable(name, f"{what} is not written as 2026-04-05", "correct the date in Hishebi")


def required_day(row: Row, name: str = "date") -> dt.date:
    """A calendar day that must be there."""
    value = day_of(row, name)
    if value is None:
        raise Unreadable(name, f"the {name.replace('_', ' ')} is missing", "fill it in in Hishebi")
    return value


def month_of(row: Row, name: str = "month") -> dt.date | None:
    """The first day of a month written as 2026-05, or as that day; None when it is missing."""
    value = row.get(name)
    if isinstance(value, str) and _MONTH.fullmatch(value):
        return day_of({name: f"{value}-01"}, name)
    day = day_of(row, name)
    if day is not None and day.day != 1:
        raise Unreadable(name, f"the {name} is not written as 2026-05", "correct the month in Hishebi")
    return day


def moment_of(row: Row, name: str) -> tuple[dt.date | None, dt.datetime | None]:
    """The day in the person's own calendar and the instant (UTC) of a moment such as 2026-05-09T18:30:00+06:00.

    The day is the one that is written. A moment without its offset from UTC gives the day alone.
    """
    value = row.get(name)
    if value is None or value == "":
        return None, None
    try:
        moment = dt.datetime.fromisoformat(value)
        return moment.date(), moment.astimezone(dt.UTC) if moment.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        what = f"the {name.replace('_', ' ')}"
        reason = f"{what} is not written as 2026-05-09T18:30:00+06:00"
        raise Unreadable(name, reason, "correct the time in Hishebi") from None
