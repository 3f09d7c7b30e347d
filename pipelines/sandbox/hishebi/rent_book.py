"""What tenants of the pretend landlords are charged and what they pay, month by month.

Rent is due on the 5th. Most pay by the 10th; some pay late, some in two parts, some only with the next month's rent.
Whoever has not paid in full by the 10th is charged a late fee on the 11th. A payment never comes before its charge.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from random import Random

from pipelines.sandbox.hishebi.months import first_of, number_of, worded
from pipelines.sandbox.hishebi.naming import pretend_id
from pipelines.sandbox.hishebi.rent_houses import Tenancy

Wire = dict[str, object]
_DUE_DAY, _GRACE_DAY, _FEE_DAY = 5, 10, 11
_LATE_FEE = Decimal(500)
_WAYS = ("in time", "late", "in parts", "next month")
_OFTEN = (78, 12, 6, 4)


class RentBook:
    """One tenancy's charges and payments up to a day."""

    def __init__(self, tenancy: Tenancy, today: dt.date) -> None:
        """Write every month up to today."""
        self.tenancy = tenancy
        self.dues: list[Wire] = []
        self.payments: list[Wire] = []
        last = min(tenancy.last_month, number_of(today))
        self._charge("deposit", tenancy.deposit, tenancy.start_date, tenancy.first_month)
        self._pay(tenancy.deposit, tenancy.start_date, tenancy.first_month, "deposit")
        for month in range(tenancy.first_month, last + 1):
            self._write(month)
        self.dues = [due for due in self.dues if str(due["due_date"]) <= today.isoformat()]
        self.payments = [payment for payment in self.payments if str(payment["date"]) <= today.isoformat()]

    @property
    def owed(self) -> Decimal:
        """What the tenant owes on the day the book ends."""
        charged = sum((Decimal(str(due["amount"])) for due in self.dues), Decimal(0))
        return charged - sum((Decimal(str(payment["amount"])) for payment in self.payments), Decimal(0))

    def tenant(self, today: dt.date) -> Wire:
        """The tenant as the API sends it."""
        return self.tenancy.wire(today, self.owed)

    def _write(self, month: int) -> None:
        chance = Random(f"{self.tenancy.tenant_id}/{month}")
        due_on = first_of(month).replace(day=_DUE_DAY)
        whole = sum(
            (self._charge(kind, amount, due_on, month) for kind, amount in self._owing(month, chance)), Decimal(0)
        )
        (way,) = chance.choices(_WAYS, _OFTEN)
        if way == "in time":
            self._pay(whole, due_on.replace(day=chance.randint(_DUE_DAY, _GRACE_DAY)), month)
            return
        whole += self._charge("late_fee", _LATE_FEE, due_on.replace(day=_FEE_DAY), month)
        paid_on = due_on.replace(day=chance.randint(_FEE_DAY + 1, 28))
        if way == "late":
            self._pay(whole, paid_on, month)
        elif way == "in parts":
            part = (whole / 2).quantize(Decimal(1))
            self._pay(part, due_on.replace(day=chance.randint(_DUE_DAY, _GRACE_DAY)), month)
            self._pay(whole - part, paid_on, month)
        elif month < self.tenancy.last_month:  # who leaves without paying stays in the book
            self._pay(whole, first_of(month + 1).replace(day=chance.randint(_DUE_DAY, 20)), month)

    def _owing(self, month: int, chance: Random) -> Iterator[tuple[str, Decimal]]:
        yield "rent", self.tenancy.rent_in(month)
        if self.tenancy.service:
            yield "service", Decimal(self.tenancy.service)
        if chance.random() < 0.15:
            yield "utility", Decimal(chance.randint(20_000, 180_000)).scaleb(-2)

    def _charge(self, kind: str, amount: Decimal, due_on: dt.date, month: int) -> Decimal:
        self.dues.append(
            {
                "id": pretend_id("du", self.tenancy.tenant_id, kind, month),
                "tenant_id": self.tenancy.tenant_id,
                "kind": kind,
                "amount": amount,
                "due_date": due_on.isoformat(),
                "month": worded(month),
                "note": "Paid after the 10th" if kind == "late_fee" else "",
            }
        )
        return amount

    def _pay(self, amount: Decimal, paid_on: dt.date, month: int, note: str = "") -> None:
        self.payments.append(
            {
                "id": pretend_id("rp", self.tenancy.tenant_id, month, paid_on, note),
                "tenant_id": self.tenancy.tenant_id,
                "amount": amount,
                "date": paid_on.isoformat(),
                "month": worded(month),
                "method": self.tenancy.method,
                "note": note,
            }
        )
