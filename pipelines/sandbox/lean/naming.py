"""Ids, account numbers, instants and amounts as Lean writes them, each following from the seed."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
import uuid
from random import Random

from pipelines.sandbox.lean.regions import Bank, Region

_DIGITS = {"JPY": 0, "KWD": 3}


def pretend_id(*parts: object) -> str:
    """A UUID that follows from its parts."""
    digest = hashlib.blake2b("/".join(map(str, parts)).encode(), digest_size=16).digest()
    return str(uuid.UUID(bytes=digest, version=4))


def iban(region: Region, bank: Bank, chance: Random) -> str:
    """An IBAN of the bank with right check digits."""
    inner = bank.number + "".join(chance.choices("0123456789", k=region.iban_digits))
    turned = "".join(str(int(letter, 36)) for letter in inner + region.iban_country + "00")
    return f"{region.iban_country}{98 - int(turned) % 97:02}{inner}"


def number_inside(iban_text: str, bank: Bank) -> str:
    """The account number (BBAN) an IBAN ends with."""
    return iban_text[4 + len(bank.number) :]


def instant(moment: dt.datetime) -> str:
    """RFC 3339 in UTC with microseconds."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def told_at() -> str:
    """The present instant with nanoseconds, as Lean stamps its answers and events."""
    now = time.time_ns()
    return f"{dt.datetime.fromtimestamp(now // 10**9, dt.UTC):%Y-%m-%dT%H:%M:%S}.{now % 10**9:09}Z"


def midnight(day: dt.date) -> str:
    """The start of a day, as banks date what has no time."""
    return f"{day}T00:00:00Z"


def money(units: int, currency: str) -> dict[str, object]:
    """An unsigned amount from the currency's smallest units: a JSON integer when whole, else a decimal number.

    Amounts are kept as integers; the division only chooses the digits. Lean sends doubles, and the shortest form of a
    double of so few digits is the exact decimal again.
    """
    scale = smallest_units(currency)
    number = abs(units)
    return {"currency": currency, "amount": number // scale if number % scale == 0 else number / scale}


def smallest_units(currency: str) -> int:
    """How many of the currency's smallest units make one."""
    return int(10 ** _DIGITS.get(currency, 2))
