"""What comes every month: salary, rent, bills, the card's payment, savings, the loan, money sent home."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from random import Random

from pipelines.sandbox.lean.accounts import Account
from pipelines.sandbox.lean.events import Event, Exchange, Party, month_before, months_between, transfer
from pipelines.sandbox.lean.habits import worth
from pipelines.sandbox.lean.people import Person
from pipelines.sandbox.lean.regions import Bank, Region

SAVED = 20_000
INSTALMENT = 185_000
CARD_DAY, SAVINGS_DAY, LOAN_DAY = 20, 3, 12
_BILLS = (
    (8, "ELECTRICITY AND WATER", "فاتورة الكهرباء والماء", 9_000, 62_000),
    (10, "MOBILE AND INTERNET", "فاتورة الجوال والإنترنت", 36_750, 36_750),
)


class Regular:
    """The monthly events of an entity's accounts."""

    def __init__(self, place: str, region: Region, bank: Bank, person: Person, products: dict[str, Account]) -> None:
        """Know whose months they are."""
        self._place, self._region, self._bank, self._person = place, region, bank, person
        self._products = products

    def current(self, first: dt.date, last: dt.date, owed: dict[dt.date, int]) -> Iterator[Event]:
        """Events of the current account; `owed` is what the card has to be paid in a month."""
        for month in months_between(first, last):
            chance = Random(f"{self._place}/regular/{month}")
            events = [*self._income(month), *self._dues(month, chance), *self._own_transfers(month, owed)]
            yield from (event for event in events if first <= event.day <= last)

    def card(self, first: dt.date, last: dt.date, owed: dict[dt.date, int]) -> Iterator[Event]:
        """The payments of what was spent in the month before."""
        text = self._say("PAYMENT RECEIVED - THANK YOU", "سداد البطاقة - شكرا لكم")
        for month in months_between(first, last):
            day = month.replace(day=CARD_DAY)
            if first <= day <= last and owed.get(month, 0) > 0:
                yield transfer(f"paid/{month}", day, owed[month], text, "SAME_BANK_TRANSFER", "TRANSFER")

    def savings(self, account: Account, first: dt.date, last: dt.date) -> Iterator[Event]:
        """What is put aside, and the profit it brings."""
        for month in months_between(first, last):
            chance = Random(f"{self._place}/{account.product}/{month}")
            put, profit = month.replace(day=SAVINGS_DAY), month.replace(day=28)
            gain = chance.randint(120, 4_200)
            if account.product == "SAVINGS" and first <= put <= last:
                text = self._say("TRANSFER FROM CURRENT ACCOUNT", "تحويل من الحساب الجاري")
                yield transfer(f"saved/{month}", put, SAVED, text, "SAME_BANK_TRANSFER", "TRANSFER")
            if first <= profit <= last:
                text = self._say("PROFIT PAID", "أرباح مدفوعة")
                yield transfer(f"profit/{month}", profit, gain, text, "OTHER", "SALARY_AND_REVENUE")

    def loan(self, first: dt.date, last: dt.date) -> Iterator[Event]:
        """The month's charge and the instalment."""
        for month in months_between(first, last):
            charge, day = month.replace(day=1), month.replace(day=LOAN_DAY)
            if first <= charge <= last:
                text = self._say("PROFIT CHARGE", "ربح مستحق")
                yield transfer(f"charge/{month}", charge, -31_250, text, "OTHER", "LOANS_AND_INVESTMENT")
            if first <= day <= last:
                text = self._say("INSTALMENT RECEIVED", "قسط مدفوع")
                yield transfer(
                    f"instalment/{month}", day, INSTALMENT, text, "SAME_BANK_TRANSFER", "LOANS_AND_INVESTMENT"
                )

    def _income(self, month: dt.date) -> Iterator[Event]:
        person = self._person
        employer, arabic_employer = person.employer
        name = calendar.month_abbr[month.month].upper()
        text = self._say(f"SALARY {name} {month.year} {employer}", f"راتب شهر {month:%m/%Y} - {arabic_employer}")
        party = Party(self._say(employer, arabic_employer), self._far_number(employer))
        day = month.replace(day=person.salary_day)
        yield transfer(f"salary/{month}", day, person.salary, text, "LOCAL_BANK_TRANSFER", "SALARY_AND_REVENUE", party)

    def _dues(self, month: dt.date, chance: Random) -> Iterator[Event]:
        person = self._person
        landlord = Party(self._say("AL NOOR REAL ESTATE", "النور العقارية"), self._far_number("landlord"))
        text = self._say("RENT PAYMENT", "إيجار الشقة")
        day = month.replace(day=5)
        yield transfer(f"rent/{month}", day, -person.rent, text, "LOCAL_BANK_TRANSFER", "RENT_AND_SERVICES", landlord)
        for due, english, arabic, least, most in _BILLS:
            text, amount = self._say(english, arabic), -chance.randint(least, most)
            day = month.replace(day=due)
            yield transfer(f"bill/{due}/{month}", day, amount, text, "BILL_PAYMENTS", "RENT_AND_SERVICES")
        if person.sends_home:
            yield self._sent_home(month, chance)

    def _sent_home(self, month: dt.date, chance: Random) -> Event:
        currency = self._person.sends_home
        units = chance.randrange(5_000, 30_000, 500) * 100
        value = worth(self._region.name, currency)
        home = units * value // 10_000
        text = self._say(f"REMITTANCE {currency}", f"حوالة خارجية {currency}")
        party = Party("FAMILY", f"PK{pretend_number(self._place)}")
        event = transfer(
            f"home/{month}", month.replace(day=27), -home, text, "INTERNATIONAL_TRANSFER", "TRANSFER", party
        )
        return event._replace(exchange=Exchange(currency, units, value))

    def _own_transfers(self, month: dt.date, owed: dict[dt.date, int]) -> Iterator[Event]:
        to_savings = self._say("TRANSFER TO SAVINGS", "تحويل إلى حساب التوفير")
        for_card = self._say("CREDIT CARD PAYMENT", "سداد البطاقة الائتمانية")
        for_loan = self._say("LOAN INSTALMENT", "قسط القرض الشخصي")
        moves = (
            ("SAVINGS", SAVINGS_DAY, SAVED, to_savings, "TRANSFER"),
            ("CREDIT", CARD_DAY, owed.get(month, 0), for_card, "TRANSFER"),
            ("PERSONAL_LOAN", LOAN_DAY, INSTALMENT, for_loan, "LOANS_AND_INVESTMENT"),
        )
        for product, due, amount, text, category in moves:
            account = self._products.get(product)
            if account is not None and amount > 0:
                party = Party(self._person.name, account.iban)
                day = month.replace(day=due)
                yield transfer(f"own/{product}/{month}", day, -amount, text, "SAME_BANK_TRANSFER", category, party)

    def _far_number(self, whose: str) -> str:
        return f"{self._region.iban_country}07{pretend_number(whose)}"

    def _say(self, english: str, arabic: str) -> str:
        return arabic if self._bank.writes_arabic else english


def pretend_number(whose: str) -> str:
    """A number of 16 digits for an account elsewhere."""
    return str(Random(whose).randrange(10**15, 10**16))


def owed_by_month(spent: list[Event]) -> dict[dt.date, int]:
    """What has to be paid in each month for the card purchases booked in the month before."""
    owed: dict[dt.date, int] = {}
    for event in spent:
        month = month_before(event.booked_on, -1)
        owed[month] = owed.get(month, 0) - event.amount
    return owed
