"""What OFX elements mean: statements, their accounts, balances and transactions, as plain text rows.

Put here which element belongs to which record. Keep out tags and entities (`ofx_events`) and typed values (`ofx`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pipelines.sources.source import SourceError
from pipelines.sources.statements.ofx_events import Event, Step
from pipelines.sources.statements.statement_frames import ROWS_PER_STRETCH, Account, Row, reject

_SOURCE = "ofx"

_STATEMENTS = {"STMTRS": "current", "CCSTMTRS": "card", "INVSTMTRS": "investment"}
_ACCOUNTS = {"BANKACCTFROM", "CCACCTFROM", "INVACCTFROM"}
_LISTED = {"BANKACCTINFO": "current", "CCACCTINFO": "card", "INVACCTINFO": "investment"}
_ANSWERS = {"STMTTRNRS", "CCSTMTTRNRS", "INVSTMTTRNRS", "ACCTINFOTRNRS"}
_TRADE_NAMES = """
    BUYDEBT BUYMF BUYOPT BUYOTHER BUYSTOCK CLOSUREOPT INCOME INVEXPENSE JRNLFUND JRNLSEC MARGININTEREST REINVEST
    RETOFCAP SELLDEBT SELLMF SELLOPT SELLOTHER SELLSTOCK SPLIT TRANSFER
"""
_TRADES = frozenset(_TRADE_NAMES.split())
_POSITIONS = frozenset({"POSDEBT", "POSMF", "POSOPT", "POSOTHER", "POSSTOCK"})
_TRANSACTIONS = {"STMTTRN": "booked", "STMTTRNP": "pending"}
_INSIDE_TRANSACTION = frozenset({"CURRENCY", "ORIGCURRENCY", "PAYEE", "BANKACCTTO", "CCACCTTO"})
_BALANCES = {"LEDGERBAL": "ledger", "AVAILBAL": "available"}
_GROUPS = frozenset(
    {*_STATEMENTS, *_ACCOUNTS, *_LISTED, *_ANSWERS, *_TRADES, *_POSITIONS, *_TRANSACTIONS, *_INSIDE_TRANSACTION}
    | {*_BALANCES, "INVBAL", "BAL", "SONRS", "STATUS", "FI", "ACCTINFO", "SECINFO"}
)
"""Elements that hold others and matter here; all other holders are looked through."""

_ACCOUNT_KINDS = {
    "CHECKING": "current",
    "SAVINGS": "savings",
    "MONEYMRKT": "savings",
    "CD": "savings",
    "CREDITLINE": "loan",
}
_ERRORS = {"2000": "general error", "15500": "sign-on refused", "15501": "sign-on refused: account in use"}
_DEEPEST = 100
"""Levels of elements that hold others; more is no bank's file."""
_SHORTEST_NUMBER = 6
"""Digits from which a reference that holds the account number gives it away."""


_CUT = ("the file ends in the middle of the statement, so what came after is missing", "download the file again")


@dataclass(slots=True)
class Part:
    """Rows of one stretch of a file, each with its number, its account and the texts of its elements."""

    accounts: list[tuple[int, Account]] = field(default_factory=list)
    transactions: list[tuple[int, Account, int, str, dict[str, str]]] = field(default_factory=list)
    """The number of the statement and the booking status stand before the texts."""
    balances: list[tuple[int, Account, str, dict[str, str]]] = field(default_factory=list)
    statements: list[tuple[int, Account, dict[str, str]]] = field(default_factory=list)
    rejects: list[Row] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Rows it holds."""
        return len(self.transactions) + len(self.balances) + len(self.statements) + len(self.rejects)


@dataclass(slots=True)
class _Group:
    tag: str
    leaves: dict[str, str] = field(default_factory=dict)


class StatementReader:
    """Collects rows from events."""

    def __init__(self) -> None:
        """Begin before the first event."""
        self._open: list[_Group] = []
        self._part = Part()
        self._account = Account(_SOURCE)
        self._institution = ""
        self._counts = {"accounts": 0, "transactions": 0, "balances": 0, "statements": 0}
        self._closing: dict[str, str] = {}
        self._before = 0
        self._positions = 0
        self._error = ""
        self._found = False

    def parts(self, events: Iterable[Event]) -> Iterator[Part]:
        """Rows in stretches of bounded size. Raises SourceError when the file holds no statement and no account."""
        for event in events:
            self._take(event)
            if self._part.size >= ROWS_PER_STRETCH:
                yield self._part
                self._part = Part()
        is_cut = any(group.tag in _STATEMENTS for group in self._open)
        while self._open:
            self._end()
        if not self._found:
            raise SourceError(self._nothing_found())
        if is_cut:
            self._reject("statements", self._count("statements"), "STMTRS", None, *_CUT)
        yield self._part

    def _take(self, event: Event) -> None:
        group = event.tag in _GROUPS
        if group and (event.step is Step.OPEN or (event.step is Step.LEAF and event.text)):
            if event.tag in _TRANSACTIONS:
                self._close_through(event.tag)
            self._begin(event.tag)
        elif event.step is Step.LEAF and event.text and self._open:
            self._open[-1].leaves.setdefault(event.tag, event.text)
        elif event.step is Step.LEAF and event.text and event.tag == "ORG":
            self._institution = event.text
        elif event.step is Step.CLOSE and group:
            self._close_through(event.tag)

    def _begin(self, tag: str) -> None:
        if len(self._open) >= _DEEPEST:
            raise SourceError("The file's elements are nested deeper than any statement's; download it again.")
        self._open.append(_Group(tag))
        if tag in _STATEMENTS or tag in _LISTED:
            self._found = True
            kind = _STATEMENTS.get(tag) or _LISTED[tag]
            self._account = Account(_SOURCE, kind=kind, institution=self._institution)
            self._positions, self._closing, self._before = 0, {}, self._counts["transactions"]
            self._counts["statements"] += tag in _STATEMENTS

    def _close_through(self, tag: str) -> None:
        if any(group.tag == tag for group in self._open):
            while self._open[-1].tag != tag:
                self._end()
            self._end()

    def _end(self) -> None:
        """Close the innermost group and use what it held."""
        group = self._open.pop()
        parent = self._open[-1] if self._open else None
        if group.tag in _TRANSACTIONS:
            number = self._count("transactions")
            self._currency_of_statement()
            status, statement = _TRANSACTIONS[group.tag], self._counts["statements"]
            self._part.transactions.append((number, self._account, statement, status, group.leaves))
        elif group.tag in _TRADES:
            self._reject("bank_transactions", self._count("transactions"), group.tag, group.tag, *_TRADE_REASON)
        elif group.tag in _POSITIONS:
            self._positions += 1
        elif group.tag in _ACCOUNTS:
            self._name_account(group)
        elif group.tag in _BALANCES:
            self._balance(_BALANCES[group.tag], group.leaves.get("BALAMT", ""), group.leaves.get("DTASOF", ""))
        elif group.tag in _INSIDE_TRANSACTION and parent:
            parent.leaves.update({f"{group.tag}.{tag}": text for tag, text in group.leaves.items()})
        else:
            self._end_of_frame(group)

    def _end_of_frame(self, group: _Group) -> None:
        """The groups around rows: statements, answers, status, institution, listed accounts."""
        if group.tag == "STATUS":
            self._status(group.leaves)
        elif group.tag == "FI":
            self._institution = group.leaves.get("ORG", self._institution)
        elif group.tag == "INVBAL" and "AVAILCASH" in group.leaves:
            day = next((outer.leaves.get("DTASOF", "") for outer in self._open if outer.tag == "INVSTMTRS"), "")
            self._balance("available", group.leaves["AVAILCASH"], day)
        elif group.tag in _STATEMENTS:
            self._account.currency = self._account.currency or group.leaves.get("CURDEF", "")
            self._report_positions()
            self._state(group.leaves)
        elif group.tag == "ACCTINFO":
            self._account.label = group.leaves.get("DESC", "")

    def _count(self, what: str) -> int:
        self._counts[what] += 1
        return self._counts[what]

    def _currency_of_statement(self) -> None:
        if not self._account.currency:
            codes = (group.leaves.get("CURDEF", "") for group in self._open if group.tag in _STATEMENTS)
            self._account.currency = next(codes, "")

    def _name_account(self, group: _Group) -> None:
        leaves = group.leaves
        self._account.number = leaves.get("ACCTID", "")
        bank = leaves.get("BANKID") or leaves.get("BROKERID") or ""
        self._account.naming = (bank, self._account.number) if self._account.number else ()
        self._account.kind = _ACCOUNT_KINDS.get(leaves.get("ACCTTYPE", "").upper(), self._account.kind)
        self._currency_of_statement()
        if self._account.number:
            self._part.accounts.append((self._count("accounts"), self._account))
        else:
            self._reject("accounts", self._count("accounts"), "ACCTID", None, *_NO_ACCOUNT)

    def _balance(self, kind: str, amount: str, day: str) -> None:
        self._currency_of_statement()
        leaves = {"BALAMT": amount, "DTASOF": day}
        self._part.balances.append((self._count("balances"), self._account, kind, leaves))
        if kind == "ledger":
            self._closing = leaves

    def _state(self, leaves: dict[str, str]) -> None:
        """Close a statement: the period the bank states, and the balance it ends with."""
        texts = leaves | self._closing
        if texts.get("DTEND") or texts.get("DTASOF") or self._counts["transactions"] > self._before:
            self._part.statements.append((self._counts["statements"], self._account, texts))

    def _status(self, leaves: dict[str, str]) -> None:
        if leaves.get("SEVERITY", "").upper() != "ERROR":
            return
        self._error = leaves.get("CODE", "")[:5]
        if any(group.tag in _ANSWERS for group in self._open):
            what = f"the bank answered with error {self._error} instead of this account's statement"
            cure = "download that account's statement again"
            self._reject("accounts", self._count("accounts"), "STATUS", self._error, what, cure)

    def _report_positions(self) -> None:
        if self._positions:
            found = f"{self._positions} positions"
            self._reject("balances", self._count("balances"), "INVPOSLIST", found, *_POSITION_REASON)
            self._positions = 0

    def _reject(self, kind: str, row: int, column: str, value: str | None, reason: str, cure: str) -> None:
        self._part.rejects.append(reject(kind, row, column, value, reason, cure))

    def _nothing_found(self) -> str:
        if self._error:
            meaning = f" ({_ERRORS[self._error]})" if self._error in _ERRORS else ""
            return f"The file holds the bank's error {self._error}{meaning} and no statement; download it again."
        return (
            "The file is OFX but holds no statement; choose an account and a period at the bank and download it again."
        )


_TRADE_REASON = (
    "it moves securities; Hisab reads an investment account's cash only",
    "nothing to mend; keep the broker's statement for the securities",
)
_POSITION_REASON = (
    "positions in securities are not read; Hisab reads an investment account's cash only",
    "nothing to mend; keep the broker's statement for the securities",
)
_NO_ACCOUNT = ("the statement names no account", "download the file again with its account number")


def reference_of(account: Account, leaves: dict[str, str]) -> str:
    """The bank's id of a transaction (FITID); hashed when it holds the account number, empty when there is none."""
    fitid = leaves.get("FITID", "")
    digits = "".join(character for character in account.number if character.isdigit()).lstrip("0")
    if len(digits) >= _SHORTEST_NUMBER and digits in "".join(filter(str.isdigit, fitid)):
        return f"fit-{hashlib.sha256(fitid.encode()).hexdigest()[:24]}"
    return fitid


_USED = frozenset({"TRNTYPE", "TRNAMT", "FITID", "NAME", "MEMO", "PAYEE.NAME", "CHECKNUM", "DTAVAIL", "VALUEDATE"})
_MASKED = frozenset({"BANKACCTTO.ACCTID", "CCACCTTO.ACCTID", "ACCTID"})


def extra_of(leaves: dict[str, str]) -> str | None:
    """What of a transaction has no column, as JSON text; other people's account numbers keep their last four."""
    left = {
        tag: f"…{text[-min(4, len(text) // 2) :]}" if tag in _MASKED and len(text) > 1 else text
        for tag, text in leaves.items()
        if tag not in _USED and not (tag == "DTPOSTED" and len(text) == len("20250731"))
    }
    return json.dumps(left, ensure_ascii=False) if left else None
