"""What the parts of an account report mean: entries, their transactions and balances, as plain text rows.

Put here which path holds what. Keep out XML (`camt_elements`) and typed values (`statement_frames`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from pipelines.sources.account_numbers import masked_number
from pipelines.sources.statements.camt_elements import Leaves, Piece
from pipelines.sources.statements.statement_frames import Account, extra_text

SOURCE = "camt"

_KINDS = {"SVGS": "savings", "LOAN": "loan", "CARD": "card", "CISH": "cash"}
_PLAIN = re.compile(r"^\d{1,18}(?:\.\d{1,17})?$")
_NO_REFERENCE = frozenset({"NOTPROVIDED", "NONREF", "NOREF", "NOT PROVIDED", "NONE", "N/A", "0", "-"})
_NUMBER_PATH = re.compile(r"(?:^|/)(?:IBAN|BBAN|UPIC|PAN|PrtryAcct/Id|\w*Acct/Id/(?:.*/)?Id)$")
_MOST_DETAILS = 200
"""Transactions of one batch that are shown with it."""
_SHOWN_ELSEWHERE = frozenset({"Amt", "Amt@Ccy", "CdtDbtInd", "BookgDt/Dt", "ValDt/Dt", "AcctSvcrRef"})


def account_of(leaves: Leaves) -> Account:
    """The account a report is about; without a number it has no name either."""
    number = _first(leaves, "Id/IBAN", "Id/BBAN", "Id/Othr/Id", "Id/PrtryAcct/Id", "Id/UPIC", "Id/Prxy/Id")
    bank = ("Svcr/FinInstnId/Nm", "Svcr/FinInstnId/NmAndAdr/Nm", "Svcr/FinInstnId/BICFI", "Svcr/FinInstnId/BIC")
    return Account(
        SOURCE,
        number="".join(number.split()),
        currency=leaves.get("Ccy", ""),
        kind=_KINDS.get(leaves.get("Tp/Cd", ""), "current"),
        label=leaves.get("Nm", ""),
        institution=_first(leaves, *bank, "Svcr/FinInstnId/CmbndId/BIC", "Svcr/FinInstnId/CmbndId/Nm"),
    )


def day_of(leaves: Leaves, *paths: str) -> str:
    """The first of the paths that holds a day or a time, as the bank's own day."""
    for path in paths:
        for end in ("Dt", "DtTm"):
            if text := leaves.get(f"{path}/{end}" if path else end, ""):
                return text[: len("2025-07-31")]
    return ""


def signed(leaves: Leaves) -> str | None:
    """The amount of an entry, transaction or balance with its sign; None when it says neither credit nor debit.

    An amount that carries a sign of its own beside the indicator keeps a second one, so that it is refused.
    """
    amount, mark = leaves.get("Amt", ""), leaves.get("CdtDbtInd", "").upper()
    if mark not in {"CRDT", "DBIT"}:
        return None
    if amount.startswith(("-", "+")):
        return f"+{amount}"
    return f"-{amount}" if amount and mark == "DBIT" else amount


def status_of(leaves: Leaves, message: str) -> str:
    """Booked, or pending for whatever the account's balance does not hold yet: PDNG, FUTR, INFO.

    A notification (054) tells of a movement the account's statement will hold; it is pending, so that nothing
    counts it twice.
    """
    status = _first(leaves, "Sts", "Sts/Cd", "Sts/Prtry").upper()
    return "pending" if message == "054" or status not in {"", "BOOK", "BOOKED"} else "booked"


def transactions_of(entry: Piece, owner: str) -> list[dict[str, Any]]:
    """Rows of one entry: one per transaction when their amounts sum to the entry's, else the entry as one."""
    parts = _split(entry)
    if not parts:
        return [_row(entry.leaves, entry.details, signed(entry.leaves), owner)]
    return [_row(entry.leaves, [details], amount, owner) for details, amount in zip(entry.details, parts, strict=True)]


def _split(entry: Piece) -> list[str | None]:
    """The signed amounts of an entry's transactions; empty when they do not sum to its own amount."""
    if len(entry.details) == 1 or not entry.details:
        return []
    whole, currency = signed(entry.leaves), entry.leaves.get("Amt@Ccy")
    own_sign: list[str | None] = []
    marks: list[str | None] = []
    for details in entry.details:
        path = next((path for path in ("Amt", "AmtDtls/TxAmt/Amt") if details.get(f"{path}@Ccy") == currency), "")
        amount, mark = details.get(path, ""), entry.leaves.get("CdtDbtInd", "")
        if not path or not _PLAIN.match(amount):
            return []
        own_sign.append(signed({"Amt": amount, "CdtDbtInd": details.get("CdtDbtInd", mark)}))
        marks.append(signed({"Amt": amount, "CdtDbtInd": mark}))
    if not whole or not _PLAIN.match(whole.removeprefix("-")):
        return []
    # Some banks give a transaction's indicator from the other side's view; the sum shows which is meant.
    return next((amounts for amounts in (own_sign, marks) if _sum(amounts) == Decimal(whole)), [])


def _sum(amounts: Iterable[str | None]) -> Decimal:
    return sum((Decimal(amount) if amount else Decimal("NaN") for amount in amounts), Decimal(0))


def _row(entry: Leaves, details: list[Leaves], amount: str | None, owner: str) -> dict[str, Any]:
    """One row. `details` are the transactions it stands for: often one, none, or a whole batch."""
    own = details[0] if len(details) == 1 else {}
    out = bool(amount) and str(amount).startswith("-")
    original, original_currency = _original(own, entry)
    remittance = " ".join(text for path, text in own.items() if path == "RmtInf/Ustrd" or path.endswith("/AddtlRmtInf"))
    structured = _first(own, "RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/CdtrRefInf/CdtrRef")
    added = _first(own, "AddtlTxInf") or _first(entry, "AddtlNtryInf")
    description = " ".join(filter(None, (remittance, structured))) or added
    payee = _payee(own, owner, credit=not out)
    named = [own.get("Refs/AcctSvcrRef", ""), entry.get("AcctSvcrRef", ""), own.get("Refs/EndToEndId", "")]
    return {
        "transaction_amount": amount,
        "currency_code": entry.get("Amt@Ccy"),
        "booked_date": day_of(entry, "BookgDt"),
        "value_date": day_of(entry, "ValDt"),
        "transaction_type": _type(own) or _type(entry),
        "payee_name": payee,
        "description": description,
        "bank_reference": next((text for text in named if text and text.upper() not in _NO_REFERENCE), ""),
        "merchant_category_code": next((text for path, text in own.items() if path.endswith("MrchntCtgyCd")), ""),
        "original_amount": f"-{original}" if original and out else original,
        "original_currency_code": original_currency,
        "extra": _extra(entry, own, details, {payee, description, remittance}),
    }


def _original(own: Leaves, entry: Leaves) -> tuple[str, str]:
    """Amount and currency the payment was ordered in, where that is not the entry's currency."""
    paths = ("AmtDtls/InstdAmt/Amt", "AmtDtls/TxAmt/Amt", "Amt")
    candidates = [(own, path) for path in paths] + [(entry, path) for path in paths[:2]]
    for leaves, path in candidates:
        currency = leaves.get(f"{path}@Ccy", "")
        if currency and currency != entry.get("Amt@Ccy") and _PLAIN.match(leaves.get(path, "")):
            return leaves[path], currency
    return "", ""


def _type(leaves: Leaves) -> str:
    domain = [leaves.get(f"BkTxCd/Domn/{path}", "") for path in ("Cd", "Fmly/Cd", "Fmly/SubFmlyCd")]
    return "-".join(filter(None, domain)) or leaves.get("BkTxCd/Prtry/Cd", "")


def _payee(own: Leaves, owner: str, *, credit: bool) -> str:
    """The other side: who pays what comes in, who receives what goes out; never the account's owner."""
    for role in ("Dbtr", "Cdtr") if credit else ("Cdtr", "Dbtr"):
        party = f"RltdPties/{role}"
        paths = (f"{party}/Nm", f"{party}/Pty/Nm", f"RltdPties/Ultmt{role}/Nm", f"RltdPties/Ultmt{role}/Pty/Nm")
        name = _first(own, *paths, f"{party}/Agt/FinInstnId/Nm")
        if name and name != owner:
            return name
    return _first(own, "RltdPties/TradgPty/Nm", "RltdPties/Prtry/Pty/Nm", "RltdPties/Prtry/Pty/Pty/Nm")


def _extra(entry: Leaves, own: Leaves, details: list[Leaves], shown: set[str]) -> str | None:
    left: dict[str, Any] = masked(own)
    left |= {f"Ntry/{path}": text for path, text in masked(entry).items() if path not in _SHOWN_ELSEWHERE}
    left = {path: text for path, text in left.items() if text not in shown}
    if len(details) > 1:
        left["transactions in the batch"] = len(details)
        left["transactions"] = [masked(each) for each in details[:_MOST_DETAILS]]
    return extra_text(left)


def masked(leaves: Leaves) -> Leaves:
    """Texts for `extra`: account numbers keep their last characters."""
    return {path: f"…{masked_number(text)}" if _NUMBER_PATH.search(path) else text for path, text in leaves.items()}


def _first(leaves: Leaves, *paths: str) -> str:
    return next((leaves[path] for path in paths if leaves.get(path)), "")
