"""What a pretend person owes and is owed, as their ledger says it: paid is the sum of the entries about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal
from random import Random

from pipelines.sandbox.hishebi.lending import LOAN_RETURNED, Loan, loan_on
from pipelines.sandbox.hishebi.months import first_of, months_between, number_of
from pipelines.sandbox.hishebi.naming import pretend_id
from pipelines.sandbox.hishebi.people import Person
from pipelines.sandbox.hishebi.story import Entry

Wire = dict[str, object]
_DUE_AFTER_MONTHS = 60


def debts_of(seed: int, person: Person, entries: Sequence[Entry], first_day: dt.date, today: dt.date) -> list[Wire]:
    """Every debt of a person since their first day, as the API sends it; `entries` is their whole ledger."""
    debts = [_borrowed(seed, person, entries, first_day)] if person.instalment else []
    told = (loan_on(seed, person, first_of(month).replace(day=28)) for month in months_between(first_day, today))
    loans = dict.fromkeys(told)  # several months lie in one loan
    started = [loan for loan in loans if loan is not None and first_day <= loan.lent_on <= today]
    return debts + [_lent(seed, person, loan, entries) for loan in started]


def _borrowed(seed: int, person: Person, entries: Sequence[Entry], first_day: dt.date) -> Wire:
    """The one debt that is paid every month; when it is paid off, as much is borrowed again."""
    paid = sum((entry.amount for entry in entries if entry.kind == "debt_payment"), Decimal(0))
    borrowed = Decimal(person.instalment * Random(f"{seed}/{person.user_id}/borrowed").randrange(30, 60, 6))
    times = (paid / borrowed).to_integral_value(ROUND_CEILING)
    principal = borrowed * max(Decimal(1), times)
    due_date = first_of(number_of(first_day) + _DUE_AFTER_MONTHS)
    name = pretend_id("d", seed, person.user_id, "borrowed")
    return _wire(name, person.lender, "borrowed", principal, paid, first_day, due_date, "")


def _lent(seed: int, person: Person, loan: Loan, entries: Sequence[Entry]) -> Wire:
    months = range(number_of(loan.lent_on), number_of(loan.due_date) + 1)
    returned = [
        entry.amount
        for entry in entries
        if entry.category == LOAN_RETURNED and entry.counterparty == loan.friend and number_of(entry.date) in months
    ]
    paid = sum(returned, Decimal(0))
    note = "হাওলাত" if person.writes_bangla else "No interest"
    name = pretend_id("d", seed, person.user_id, "lent", loan.lent_on)
    return _wire(name, loan.friend, "lent", max(loan.principal, paid), paid, loan.lent_on, loan.due_date, note)


def _wire(
    debt_id: str,
    counterparty: str,
    direction: str,
    principal: Decimal,
    paid: Decimal,
    start_date: dt.date,
    due_date: dt.date,
    note: str,
) -> Wire:
    return {
        "id": debt_id,
        "counterparty": counterparty,
        "direction": direction,
        "principal": principal,
        "paid": paid,
        "outstanding": principal - paid,
        "start_date": start_date.isoformat(),
        "due_date": due_date.isoformat(),
        "status": "settled" if principal == paid else "open",
        "note": note,
    }
