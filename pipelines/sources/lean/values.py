"""Single values as Lean writes them: amounts with a direction, days in the bank's own time zone, account numbers.

Each reader raises Unreadable with the column, the reason and the cure; a row that holds such a value is set aside.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Any

from pipelines.sources import json_rows
from pipelines.sources.account_numbers import masked_number
from warehouse.fields import CURRENCY_PATTERN, MOST
from warehouse.kinds import AMOUNT_SCALE

_ASK_LEAN = "ask Lean about it; the landed answer holds the row as it came"
_EXACT = Context(prec=40, traps=[Inexact, InvalidOperation])
_SMALLEST = Decimal(1).scaleb(-AMOUNT_SCALE)
_PLAIN_NUMBER = re.compile(r"[0-9]{1,40}(\.[0-9]{1,40})?")
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])([0-9]{1,2}):?([0-9]{2})?")
_DIRECTIONS = {"CREDIT": 1, "DEBIT": -1}
_ONLY_A_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T00:00(:00(\.0+)?)?Z)?")
_MIDNIGHT = dt.time(0, 0)
_NUMBER_NAMES = frozenset({"identification", "secondary_identification", "iban", "account_number"})


class Unreadable(json_rows.Unreadable):
    """Why a row is set aside; where nothing better is known, the cure is to ask Lean."""

    def __init__(self, column: str, reason: str, cure: str = _ASK_LEAN) -> None:
        """Keep the three."""
        super().__init__(column, reason, cure)


def text_of(row: Mapping[str, Any], name: str) -> str | None:
    """A text, None when it is missing or blank; a number becomes its digits."""
    value = row.get(name)
    if isinstance(value, Decimal):
        return str(value)
    if value is None or isinstance(value, str):
        return value if value and value.strip() else None
    raise Unreadable(name, "it is not text")


def objects_in(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list; nothing of what is no list."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def required_text(row: Mapping[str, Any], name: str) -> str:
    """A text that must be there."""
    value = text_of(row, name)
    if value is None:
        raise Unreadable(name, "it is missing")
    return value


def signed(row: Mapping[str, Any], name: str = "amount") -> tuple[Decimal, str]:
    """The amount of a row with the sign of its `credit_debit_indicator`, and its currency: credit is money in."""
    word = text_of(row, "credit_debit_indicator")
    if word not in _DIRECTIONS:
        reason = f"Lean does not say whether it is money in or out ({word})" if word == "UNSUPPORTED" else None
        raise Unreadable("credit_debit_indicator", reason or "it is neither CREDIT nor DEBIT")
    amount, currency = money(row.get(name), name)
    return _DIRECTIONS[word] * amount + 0, currency  # plus zero: nothing is not minus nothing


def money(value: Any, name: str = "amount") -> tuple[Decimal, str]:
    """An amount without a sign and its currency, of `{"amount": …, "currency": …}`; exact or refused."""
    if not isinstance(value, Mapping):
        raise Unreadable(name, "the amount is missing")
    return _magnitude(value.get("amount"), name), currency_of(value.get("currency"), name)


def currency_of(value: Any, name: str) -> str:
    """An ISO 4217 code."""
    text = value.strip().upper() if isinstance(value, str) else ""
    if not re.fullmatch(CURRENCY_PATTERN, text):
        raise Unreadable(name, "the currency is not a three-letter code")
    return text


def exact(number: Decimal, name: str) -> Decimal:
    """The number with four decimals, none of them made up or lost."""
    if number.copy_abs() > Decimal(MOST):  # abs() itself overflows on 1e999999999
        raise Unreadable(name, "the amount is too large")
    try:
        return number.quantize(_SMALLEST, context=_EXACT)
    except (Inexact, InvalidOperation):
        raise Unreadable(name, "the amount has more than four decimals") from None


def _magnitude(value: Any, name: str) -> Decimal:
    if isinstance(value, str) and _PLAIN_NUMBER.fullmatch(value.strip()):
        value = Decimal(value.strip())
    if not isinstance(value, Decimal):
        raise Unreadable(name, "the amount is not a number")
    if value < 0:
        raise Unreadable(name, "the amount has a minus sign beside its direction")
    return exact(value, name)


def local_day(row: Mapping[str, Any], name: str, zone: str) -> dt.date | None:
    """The day of an instant in a zone such as UTC+03:00; None when it is missing.

    A bank that knows only the day writes midnight UTC: that is the day itself, whatever the zone.
    """
    value = row.get(name)
    if value is None or value == "":
        return None
    try:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return dt.date.fromisoformat(value)
        moment = dt.datetime.fromisoformat(value)
        if moment.tzinfo is None:
            return moment.date()
        moment = moment.astimezone(dt.UTC)
        return moment.date() if moment.time() == _MIDNIGHT else (moment + _offset(zone)).date()
    except (TypeError, ValueError, OverflowError):
        raise Unreadable(name, "it is not an instant such as 2026-04-05T00:00:00Z") from None


def only_days(row: Mapping[str, Any], *names: str) -> set[str]:
    """Names of instants that say no more than a day, so that a DATE holds them whole."""
    return {name for name in names if isinstance(row.get(name), str) and _ONLY_A_DAY.fullmatch(row[name])}


def _offset(zone: str) -> dt.timedelta:
    found = _OFFSET.fullmatch(zone.strip())
    if not found:
        return dt.timedelta()
    hours, minutes = int(found[2]), int(found[3] or 0)
    return dt.timedelta(hours=hours, minutes=minutes) * (-1 if found[1] == "-" else 1)


def is_zone(value: Any) -> bool:
    """Whether a time zone is written as an offset that can be used; `UTC` and `Z` count."""
    return isinstance(value, str) and (value.strip() in {"UTC", "GMT", "Z"} or bool(_OFFSET.fullmatch(value.strip())))


def without_numbers(value: Any) -> Any:
    """The value with every account and card number cut to its last four characters; a bank's own code stays."""
    if isinstance(value, Mapping):
        is_bank = value.get("scheme_name") in ("BICFI", "BIC")
        return {
            name: _masked(item) if name in _NUMBER_NAMES and not is_bank else without_numbers(item)
            for name, item in value.items()
        }
    return [without_numbers(item) for item in value] if isinstance(value, list) else value


def _masked(value: Any) -> Any:
    if isinstance(value, str | Decimal):
        return f"*{masked_number(str(value))}"
    return without_numbers(value)
