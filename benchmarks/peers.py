"""The programs a person would pick instead: hledger, ledger and beancount, and the two answers asked of each.

An `Answers` holds what a program said, in one form, so that answers can be compared cent by cent. Put here how each
program is asked and read; keep out timing.
"""

from __future__ import annotations

import csv
import importlib.util
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from benchmarks.journals import category_account
from benchmarks.measure import Command
from benchmarks.vocabulary import CATEGORIES

_BEANCOUNT_REPORT = Path(__file__).with_name("beancount_report.py")
_NOT_OWN = "^Expenses|^Income|^Equity"


@dataclass(slots=True)
class Answers:
    """Monthly totals per category and balances per account.

    Attributes:
        monthly: (month as YYYY-MM, category's journal account, currency) to what was posted to it; zero sums are
            left out, since some programs do not print them.
        balances: (account such as "P000123 Bank", currency) to its balance; zero ones are left out likewise.
    """

    monthly: dict[tuple[str, str, str], Decimal] = field(default_factory=dict)
    balances: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def add_month(self, month: str, category: str, currency: str, amount: Decimal) -> None:
        """Take one monthly total."""
        if amount:
            self.monthly[month, category, currency] = amount

    def add_balance(self, account: str, currency: str, amount: Decimal) -> None:
        """Take one balance; `account` may be written as in a journal."""
        if amount:
            self.balances[account.removeprefix("Assets:").replace(":", " "), currency] = amount


def hledger_command(journal: Path, monthly: Path, balances: Path) -> Command:
    """Both reports of hledger, two processes."""
    file = shlex.quote(str(journal))
    script = (
        f"hledger -f {file} balance --monthly --layout=tidy -O csv '{_NOT_OWN}' > {shlex.quote(str(monthly))} && "
        f"hledger -f {file} balance --layout=bare -N -O csv '^Assets' > {shlex.quote(str(balances))}"
    )
    return Command("hledger", ("/bin/sh", "-c", script))


def hledger_answers(monthly: Path, balances: Path) -> Answers:
    """Read what `hledger_command` wrote."""
    answers = Answers()
    for row in _rows(monthly):
        answers.add_month(row["period"], row["account"], row["commodity"], Decimal(row["value"]))
    for row in _rows(balances):
        answers.add_balance(row["account"], row["commodity"], Decimal(row["balance"]))
    return answers


def ledger_command(journal: Path, monthly: Path, balances: Path) -> Command:
    """Both reports of ledger, two processes."""
    file = shlex.quote(str(journal))
    by_month = r'%(format_date(date, "%Y-%m"))|%(account)|%(amount)\n'
    by_account = r"%(account)|%(display_total)\n"
    script = (
        f"ledger -f {file} register --monthly --register-format {shlex.quote(by_month)} '^Expenses' '^Income' "
        f"'^Equity' > {shlex.quote(str(monthly))} && "
        f"ledger -f {file} balance --flat --no-total --balance-format {shlex.quote(by_account)} '^Assets' "
        f"> {shlex.quote(str(balances))}"
    )
    return Command("ledger", ("/bin/sh", "-c", script))


def ledger_answers(monthly: Path, balances: Path) -> Answers:
    """Read what `ledger_command` wrote; an amount of several currencies goes on over the next lines."""
    answers = Answers()
    for *place, amount, currency in _ledger_lines(monthly):
        answers.add_month(place[0], place[1], currency, Decimal(amount))
    for *place, amount, currency in _ledger_lines(balances):
        answers.add_balance(place[0], currency, Decimal(amount))
    return answers


def beancount_command(journal: Path, monthly: Path, balances: Path) -> Command:
    """Both questions to beancount, through beanquery, on one load of the journal without its cache."""
    return Command(
        "beancount",
        (sys.executable, str(_BEANCOUNT_REPORT), str(journal), str(monthly), str(balances)),
        environment={"BEANCOUNT_DISABLE_LOAD_CACHE": "1"},
    )


def beancount_answers(monthly: Path, balances: Path) -> Answers:
    """Read what `benchmarks.beancount_report` wrote."""
    answers = Answers()
    for row in _rows(monthly):
        answers.add_month(row["month"], row["account"], row["currency"], Decimal(row["amount"]))
    for row in _rows(balances):
        answers.add_balance(row["account"], row["currency"], Decimal(row["amount"]))
    return answers


HISAB_MONTHLY = """
select strftime(month_date, '%Y-%m') as month, source_category, transaction_kind, currency_code,
    -sum(transaction_amount) as amount
from core.fct_transactions group by all
"""
HISAB_BALANCES = """
select a.account_name, t.currency_code, sum(t.transaction_amount) as amount
from core.fct_transactions as t inner join core.dim_accounts as a using (account_key) group by all
"""


def hisab_answers(monthly: Path, balances: Path) -> Answers:
    """Read the CSV that `hisab query` prints for the two queries above."""
    slugs = {one.name: category_account(one.slug, one.kind) for one in CATEGORIES}
    answers = Answers()
    for row in _rows(monthly):
        amount = Decimal(row["amount"])
        answers.add_month(row["month"], slugs[row["source_category"]], row["currency_code"], amount)
    for row in _rows(balances):
        answers.add_balance(row["account_name"], row["currency_code"], Decimal(row["amount"]))
    return answers


def missing(program: str) -> str:
    """Why a peer cannot be measured here, or nothing."""
    if program == "beancount":
        return "" if importlib.util.find_spec("beanquery") else "beancount is not installed"
    return "" if shutil.which(program) else f"{program} is not installed"


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _ledger_lines(path: Path) -> Iterator[list[str]]:
    place: list[str] = []
    with path.open(encoding="utf-8") as file:
        for line in file:
            *before, money = line.strip().split("|")
            place = before or place
            amount, _, currency = money.strip().partition(" ")
            yield [*place, amount, currency or "-"]
