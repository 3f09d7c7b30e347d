"""What QIF records mean: accounts, opening balances and transactions, as plain text rows.

Put here which letter belongs to which column. Keep out lines (`qif_records`) and how dates and amounts are read
(`qif`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pipelines.sources.statements.qif_records import Record
from pipelines.sources.statements.statement_frames import ROWS_PER_STRETCH, Account, Row, extra_text, reject

SOURCE = "qif"

_INVESTMENT = "investment"
_KINDS = {
    "bank": "current",
    "ccard": "card",
    "cash": "cash",
    "oth a": "other",
    "oth l": "loan",
    "invst": _INVESTMENT,
    "port": _INVESTMENT,
    "401(k)/403(b)": _INVESTMENT,
}
_LISTS = {
    *("cat", "class", "security", "prices", "budget", "memorized", "tag", "template", "invitem", "trip", "bill"),
    *("tax", "payee"),
}
"""Sections that hold lists of the person's program, and no movement of an account."""
_OPENING = re.compile(
    r"^(?:opening balance|starting balance|anfangsbestand|anfangssaldo|eröffnungssaldo|saldo iniziale|saldo inicial"
    r"|solde initial|solde d'ouverture|beginsaldo|openingssaldo|saldo początkowe|الرصيد الافتتاحي)$",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"^\[(.+)\](?:/.*)?$")
_LONG_NUMBER = re.compile(r"\d(?:[\s-]?\d){7,}")
_TRADE = (
    "it moves securities; Hisab reads an investment account's cash only",
    "nothing to mend; keep the broker's statement for the securities",
)
_UNKNOWN = (
    "the record stands in a section Hisab does not know",
    "export the file again as bank, card or cash transactions",
)


@dataclass(slots=True)
class Section:
    """Records of one account that stand together: what makes one statement."""

    number: int
    account: Account
    opening: Record | None = None
    count: int = 0


@dataclass(slots=True)
class Part:
    """Rows of one stretch of a file."""

    accounts: list[tuple[int, Account]] = field(default_factory=list)
    transactions: list[tuple[int, Section, Record]] = field(default_factory=list)
    balances: list[tuple[int, Account, str, str, str]] = field(default_factory=list)
    """Row number, account, kind, amount and day."""
    sections: list[Section] = field(default_factory=list)
    rejects: list[Row] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Rows it holds."""
        return len(self.accounts) + len(self.transactions) + len(self.balances) + len(self.rejects)


class StatementReader:
    """Collects rows from records."""

    def __init__(self) -> None:
        """Begin before the first record."""
        self._part = Part()
        self._accounts: dict[tuple[str, str], Account] = {}
        self._declared: Account | None = None
        self._section: Section | None = None
        self._name = ""
        self._counts = {"accounts": 0, "transactions": 0, "balances": 0, "sections": 0}

    def parts(self, records: Iterable[Record]) -> Iterator[Part]:
        """Rows in stretches of bounded size; the last one may be empty."""
        for record in records:
            if self._part.size >= ROWS_PER_STRETCH:
                yield self._part
                self._part = Part()
            self._take(record)
        self._end()
        yield self._part

    def _take(self, record: Record) -> None:
        if record.section == "account":
            self._declare(record)
        elif record.section in _KINDS:
            self._transaction(record)
        elif record.section not in _LISTS:
            self._reject(record, *_UNKNOWN)

    def _declare(self, record: Record) -> None:
        """An account of the list; the section that follows is about the last one."""
        self._end()
        name = record.get("N")
        if not name:
            return
        self._declared = self._account(name, _KINDS.get(record.get("T").casefold(), "other"))
        if record.get("$") and record.get("/"):
            self._counts["balances"] += 1
            row = (self._counts["balances"], self._declared, "ledger", record.get("$"), record.get("/"))
            self._part.balances.append(row)

    def _account(self, name: str, kind: str) -> Account:
        key = (name, kind)
        if key not in self._accounts:
            account = Account(SOURCE, kind=kind)
            name_account(account, name)
            self._accounts[key] = account
            if name:
                self._list(account)
        return self._accounts[key]

    def _list(self, account: Account) -> None:
        self._counts["accounts"] += 1
        self._part.accounts.append((self._counts["accounts"], account))

    def _transaction(self, record: Record) -> None:
        section = self._section
        kind = _KINDS[record.section]
        if kind == _INVESTMENT and record.get("N").casefold() not in {"", "cash"}:
            self._reject(record, *_TRADE)
            return
        if section is None or (self._declared is None and section.account.kind != kind):
            section = self._begin(record, kind)
        if section.count == 0 and section.opening is None and _opens(record, section.account):
            section.opening = record
            self._counts["balances"] += 1
            row = (self._counts["balances"], section.account, "opening", amount_of(record), record.get("D"))
            self._part.balances.append(row)
            return
        section.count += 1
        self._counts["transactions"] += 1
        self._part.transactions.append((self._counts["transactions"], section, record))

    def _begin(self, record: Record, kind: str) -> Section:
        """A section; its account is the one declared before it, or the one its opening balance names."""
        self._end()
        account = self._declared
        if account is None:
            named = _BRACKETED.match(record.get("L"))
            name = named[1] if named and _OPENING.match(record.get("P")) else ""
            account = self._account(name, kind)
            if not name and not any(account is listed for _, listed in self._part.accounts):
                self._list(account)
        self._counts["sections"] += 1
        self._section = Section(self._counts["sections"], account)
        return self._section

    def _end(self) -> None:
        section, self._section = self._section, None
        if section and (section.count or section.opening):
            self._part.sections.append(section)

    def _reject(self, record: Record, reason: str, cure: str) -> None:
        self._counts["transactions"] += 1
        shown = record.get("N") or record.section
        self._part.rejects.append(
            reject("bank_transactions", self._counts["transactions"], "N", shown[:200], reason, cure)
        )


def name_account(account: Account, name: str) -> None:
    """Give an account its name; one that is or holds an account number is not shown whole."""
    if name:
        account.naming = (name, account.kind)
    if _LONG_NUMBER.search(name):
        account.number, account.label = name, ""
    else:
        account.label = name


def _opens(record: Record, account: Account) -> bool:
    """Whether a record is the opening balance: it says so, and it moves money from the account to itself."""
    target = _BRACKETED.match(record.get("L"))
    return bool(target and (_OPENING.match(record.get("P")) or target[1] == account.label))


def amount_of(record: Record) -> str:
    """The record's amount as written."""
    return record.get("T") or record.get("U")


def transaction_row(number: int, section: Section, record: Record, currency: str) -> Row:
    """The row of one transaction; its splits, category and what else it says stand in `extra`."""
    category = record.get("L")
    transfer = _BRACKETED.match(category)
    return {
        "row_no": number,
        "statement": section.number,
        "account_id": section.account.record_id,
        "booked_date": record.get("D"),
        "transaction_amount": amount_of(record),
        "currency_code": currency,
        "booking_status": "booked",
        "payee_name": record.get("P"),
        "description": record.every("M"),
        "bank_reference": record.get("N"),
        "bank_category": "" if transfer else category,
        "extra": extra_text(
            {
                "transfer_account": transfer[1] if transfer else "",
                "cleared": record.get("C"),
                "address": record.every("A"),
                "splits": _splits(record),
            }
        ),
    }


def _splits(record: Record) -> list[dict[str, str]]:
    """Parts of a split transaction: category, memo and amount as written; each S begins one."""
    found: list[dict[str, str]] = []
    names = {"S": "category", "E": "memo", "$": "amount", "%": "percent"}
    for code, text in record.fields:
        if code == "S":
            found.append({})
        if code in names and found and text:
            found[-1][names[code]] = text
    return found
