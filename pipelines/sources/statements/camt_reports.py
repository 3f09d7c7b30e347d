"""Account reports put together: the account, its balances and entries, and the statement they make.

Put here the order of parts and what they share. Keep out XML (`camt_elements`) and what a path holds
(`camt_entries`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pipelines.sources.source import SourceError
from pipelines.sources.statements.camt_elements import REPORTS, Leaves, Piece
from pipelines.sources.statements.camt_entries import (
    SOURCE,
    account_of,
    day_of,
    masked,
    signed,
    status_of,
    transactions_of,
)
from pipelines.sources.statements.statement_frames import (
    KINDS,
    ROWS_PER_STRETCH,
    Account,
    Found,
    Row,
    extra_text,
    reject,
)

_DAY = len("2025-07-31")
_BALANCE_KINDS = {"OPBD": "opening", "CLBD": "ledger", "CLAV": "available"}
_NO_MARK = ("it says neither credit nor debit (CdtDbtInd)", "download the file again; if it stays so, ask the bank")
_NO_ACCOUNT = ("the report names no account", "download the file again with its account number")


@dataclass(slots=True)
class Stretch(Found):
    """A stretch under way: its transactions are rows."""

    transactions: list[dict[str, Any]] = field(default_factory=list)  # type: ignore[assignment]

    @property
    def size(self) -> int:
        """Rows it holds."""
        return len(self.transactions) + len(self.statements) + len(self.rejects)


@dataclass(slots=True)
class _Balance:
    """One balance: its type, whether it stands between two pages only, its signed amount and its day."""

    code: str
    between_pages: bool
    amount: str
    day: str
    currency: str


@dataclass(slots=True)
class _Report:
    """What was read of the report under way."""

    account: Account = field(default_factory=lambda: Account(SOURCE))
    owner: str = ""
    heads: Leaves = field(default_factory=dict)
    balances: list[_Balance] = field(default_factory=list)
    last_booked: str = ""

    def day(self) -> str:
        """The last day the report says it is about; else the day it was made."""
        ends = (self.heads.get("FrToDt/ToDtTm"), self.heads.get("FrToDt/ToDt"), self.heads.get("CreDtTm"))
        return next((text[:_DAY] for text in ends if text), "")

    def bounds(self) -> tuple[_Balance | None, _Balance | None]:
        """Booked balance before and after the report's entries.

        A page in the middle of a statement ends or begins with an interim balance (ITBD); an account report of the
        day that has one such balance ends with it.
        """
        by_code: dict[str, list[_Balance]] = {}
        for balance in self.balances:
            by_code.setdefault(balance.code, []).append(balance)
        interim = by_code.get("ITBD", [])
        opening = next((by_code[code][0] for code in ("OPBD", "PRCD") if code in by_code), None)
        closing = by_code["CLBD"][-1] if "CLBD" in by_code else None
        if interim and closing is None:
            closing = interim.pop()
        if interim and opening is None:
            opening = interim[0]
        return opening, closing


class ReportReader:
    """Collects rows from parts."""

    def __init__(self, answer: str) -> None:
        """Begin before the first part; `answer` is the person's currency."""
        self._answer = answer
        self._stretch = Stretch()
        self._report = _Report()
        self._counts = dict.fromkeys(KINDS, 0)

    def stretches(self, parts: Iterator[Piece]) -> Iterator[Stretch]:
        """Rows in stretches of bounded size. Raises SourceError when the file holds no report."""
        ended = 0
        for piece in parts:
            self._take(piece)
            ended += piece.tag == piece.report
            if self._stretch.size >= ROWS_PER_STRETCH:
                yield self._stretch
                self._stretch = Stretch()
        if not ended:
            raise SourceError(
                "The file is camt but holds no statement; choose an account and a period at the bank and download it."
            )
        yield self._stretch

    def _take(self, piece: Piece) -> None:
        match piece.tag:
            case "Acct":
                self._report.account = account_of(piece.leaves)
                self._report.owner = piece.leaves.get("Ownr/Nm", "")
            case "Bal":
                self._balance(piece.leaves)
            case "Ntry":
                self._entry(piece)
            case tag if tag == piece.report:
                self._end(REPORTS[tag])
            case tag:
                heads = {f"{tag}/{path}" if path else tag: text for path, text in masked(piece.leaves).items()}
                self._report.heads |= heads

    def _settle(self, currency: str) -> Account:
        """Name the account by number and currency once both are known."""
        account = self._report.account
        if not account.naming and account.number:
            balances = (balance.currency for balance in self._report.balances)
            account.currency = account.currency or next(filter(None, balances), "") or currency or self._answer
            account.naming = (account.number, account.currency)
            self._stretch.accounts.append((self._count("accounts"), account))
        return account

    def _balance(self, leaves: Leaves) -> None:
        code = leaves.get("Tp/CdOrPrtry/Cd") or leaves.get("Tp/Cd") or leaves.get("Tp/CdOrPrtry/Prtry") or "unnamed"
        amount = signed(leaves)
        if amount is None:
            self._reject("balances", "Bal/CdtDbtInd", _NO_MARK)
            return
        between = leaves.get("Tp/SubTp/Cd", "") == "INTM"
        self._report.balances.append(_Balance(code, between, amount, day_of(leaves, "Dt"), leaves.get("Amt@Ccy", "")))

    def _entry(self, piece: Piece) -> None:
        report = self._report
        account = self._settle(piece.leaves.get("Amt@Ccy", ""))
        status = status_of(piece.leaves, REPORTS[piece.report])
        for row in transactions_of(piece, report.owner):
            if not account.number:
                self._reject("bank_transactions", "Acct", _NO_ACCOUNT)
                continue
            if row["transaction_amount"] is None:
                self._reject("bank_transactions", "Ntry/CdtDbtInd", _NO_MARK)
                continue
            row |= {
                "row_no": self._count("bank_transactions"),
                "statement": self._counts["statements"] + 1,
                "account_id": account.record_id,
                "booking_status": status,
                "currency_code": row["currency_code"] or account.currency,
                "booked_date": row["booked_date"] or row["value_date"] or report.day(),
            }
            report.last_booked = max(report.last_booked, row["booked_date"])
            self._stretch.transactions.append(row)

    def _end(self, message: str) -> None:
        account = self._settle("")
        report, self._report = self._report, _Report()
        if not account.number:
            self._reject("accounts", "Acct", _NO_ACCOUNT)
            return
        opening, closing = report.bounds()
        for balance in report.balances:
            kind = "opening" if balance is opening and balance.code == "PRCD" else _BALANCE_KINDS.get(balance.code)
            if kind and not balance.between_pages:
                row: Row = {
                    "row_no": self._count("balances"),
                    "account_id": account.record_id,
                    "balance_kind": kind,
                    "balance_amount": balance.amount,
                    "balance_date": balance.day or report.day(),
                    "currency_code": balance.currency or account.currency,
                }
                self._stretch.balances.append(row)
        number = self._count("statements")
        # A notification tells of single movements; it covers no days and has no balances.
        if message != "054":
            whole = _statement(report, account, opening, closing)
            self._stretch.statements.append(whole | {"row_no": number, "statement": number})

    def _count(self, kind: str) -> int:
        self._counts[kind] += 1
        return self._counts[kind]

    def _reject(self, kind: str, column: str, reason: tuple[str, str]) -> None:
        self._stretch.rejects.append(reject(kind, self._count(kind), column, None, *reason))


def _statement(report: _Report, account: Account, opening: _Balance | None, closing: _Balance | None) -> dict[str, Any]:
    heads = report.heads
    began = next((heads[path] for path in ("FrToDt/FrDtTm", "FrToDt/FrDt") if heads.get(path)), "")[:_DAY]
    ended = next((heads[path] for path in ("FrToDt/ToDtTm", "FrToDt/ToDt") if heads.get(path)), "")[:_DAY]
    # Without a period, a closing balance or an entry, the day it was made is all there is.
    ended = ended or (closing.day if closing else "") or report.last_booked or report.day()
    named = next((heads[tag] for tag in ("ElctrncSeqNb", "LglSeqNb", "Id") if tag in heads), "")
    page = heads.get("StmtPgntn/PgNb") or heads.get("RptPgntn/PgNb") or ""
    others = {
        f"balance {balance.code} {balance.day}": f"{balance.amount} {balance.currency}"
        for balance in report.balances
        if balance not in (opening, closing) and balance.code not in _BALANCE_KINDS
    }
    return {
        "account_id": account.record_id,
        "statement_number": "/".join(filter(None, (named, page))),
        "first_date": began or (opening.day if opening else ""),
        "last_date": ended,
        "opening_amount": opening.amount if opening else "",
        "closing_amount": closing.amount if closing else "",
        "stated_credit_amount": heads.get("TxsSummry/TtlCdtNtries/Sum"),
        # A few banks write a minus before what went out.
        "stated_debit_amount": heads.get("TxsSummry/TtlDbtNtries/Sum", "").removeprefix("-"),
        "currency_code": account.currency,
        "extra": extra_text({path: text for path, text in heads.items() if "PerBkTxCd" not in path} | others),
    }
