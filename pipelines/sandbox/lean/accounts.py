"""The accounts an entity has: kinds, numbers and what they open with."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random

from pipelines.sandbox.lean.naming import iban, midnight, number_inside, pretend_id
from pipelines.sandbox.lean.people import Person
from pipelines.sandbox.lean.regions import Bank, Region

_NICKNAMES = {
    "CURRENT": "Current Account",
    "SAVINGS": "Savings Account",
    "USD_SAVINGS": "Dollar Savings Account",
    "CREDIT": "Credit Card",
    "PERSONAL_LOAN": "Personal Loan",
}


@dataclass(frozen=True, slots=True)
class Account:
    """One account of an entity. Amounts are in the smallest unit of its currency.

    Attributes:
        account_id: Lean's id.
        product: What it is to the bank; `USD_SAVINGS` is a savings account in dollars.
        currency: ISO 4217.
        iban: Its number; a card's is that of its card account.
        masked_pan: The end of a card's number, or empty.
        opened_on: When it was opened.
        matures_on: When a loan ends.
        opening: What it holds before its first transaction; below zero is owed.
        credit_line: A card's limit or an overdraft, 0 without.
        numbers: IBAN, card number and number inside the bank, with their schemes and names.
        wire: The account as Lean sends it.
    """

    account_id: str
    product: str
    currency: str
    iban: str
    masked_pan: str
    opened_on: dt.date
    matures_on: dt.date | None
    opening: int
    credit_line: int
    numbers: list[dict[str, str]]
    wire: dict[str, object]


def accounts_of(
    place: str, region: Region, bank: Bank, person: Person, entity_id: str, first_day: dt.date
) -> list[Account]:
    """The accounts a person has at a bank, whose story starts on `first_day`.

    Their numbers follow from `place`, which stands for seed, person and bank; their ids from the entity, so that a
    bank connected anew has new ids and the old numbers.
    """
    chance = Random(f"{place}/accounts")
    return [_account(region, bank, person, entity_id, product, first_day, chance) for product in bank.products]


def _account(
    region: Region, bank: Bank, person: Person, entity_id: str, product: str, first_day: dt.date, chance: Random
) -> Account:
    number = iban(region, bank, chance)
    pan = f"************{chance.randint(1000, 9999)}" if product == "CREDIT" else ""
    opened_on = first_day - dt.timedelta(days=chance.randint(30, 2_000))
    matures_on = dt.date(first_day.year + 4, first_day.month, 12) if product == "PERSONAL_LOAN" else None
    opening, credit_line = _start(product, person, chance)
    account_id = pretend_id(entity_id, product)
    nickname = _NICKNAMES[product]
    named = f"{person.name} {nickname}"
    numbers = [{"scheme_name": "IBAN", "identification": number, "name": named}]
    if pan:
        numbers.append({"scheme_name": "PAN", "identification": pan, "name": named})
    numbers.append({"scheme_name": "BBAN", "identification": number_inside(number, bank), "name": named})
    currency = "USD" if product == "USD_SAVINGS" else region.currency
    wire: dict[str, object] = {
        "entity_id": entity_id,
        "account_id": account_id,
        "account_holder_name": person.name,
        "account_holder_short_name": person.name.split()[0] + " " + person.name.split()[-1],
        "status": "ENABLED",
        "status_update_date_time": midnight(opened_on),
        "currency": currency,
        "account_type": "PERSONAL",
        "account_sub_type": product.removeprefix("USD_"),
        "nickname": nickname,
        "description": named,
        "opening_date": opened_on.isoformat(),
        "maturity_date": midnight(matures_on) if matures_on else None,
        "account": numbers,
        "servicer": {"scheme_name": "BICFI", "identification": bank.swift_code},
        "regional_data": None,
    }
    return Account(
        account_id, product, currency, number, pan, opened_on, matures_on, opening, credit_line, numbers, wire
    )


def _start(product: str, person: Person, chance: Random) -> tuple[int, int]:
    """What an account opens with, and its credit line."""
    match product:
        case "CURRENT":
            return chance.randrange(5_000, 40_000) * 100 + chance.randint(0, 99), person.salary // 2
        case "CREDIT":
            return 0, person.salary * 2
        case "PERSONAL_LOAN":
            return -chance.randrange(60_000, 140_000, 1_000) * 100, 0
        case _:
            return chance.randrange(1_000, 60_000) * 100, 0
