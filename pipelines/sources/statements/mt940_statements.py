"""What MT940 and MT942 fields mean: statements, their accounts, balances and transactions, as plain text.

Put here which field belongs to which record, and how a statement line is cut into its parts. Keep out lines and
blocks (`mt940_fields`), the purpose text (`mt940_remittance`) and typed values (`statement_frames`).
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pipelines.sources.currency_words import ISO_CODES
from pipelines.sources.statements.mt940_fields import Field
from pipelines.sources.statements.mt940_remittance import own_lines
from pipelines.sources.statements.statement_frames import ROWS_PER_STRETCH, Account, Row, reject
from pipelines.sources.statements.statement_text import single_spaced

SOURCE = "mt940"

_LINE = re.compile(
    r"^\s*(?P<value>\d{6})(?P<entry>\d{4}| {4})?\s*(?P<mark>[RE]?[CD])(?P<funds>[A-Z])?\s*(?P<amount>\d[\d.,' ]*|,\d+)"
    r"(?P<type>[A-Z][A-Z0-9]{0,3})?(?P<references>.*)$",
    re.DOTALL,
)
_BALANCE = re.compile(r"^(?P<mark>[CD])\s*(?P<day>\d{6})\s*(?P<currency>[A-Z]{3})?\s*(?P<amount>[\d.,' ]+)$")
_CONTROL = re.compile(r"^(?P<count>\d*)\s*(?P<currency>[A-Z]{3})(?P<amount>[\d.,' ]+)$")
_FLOOR = re.compile(r"^([A-Z]{3})")
_LAST_CURRENCY = re.compile(r"(?<=[\d/ ])/?([A-Z]{3})$")
_GERMAN = re.compile(r"^\d{8}/(\d{1,10})$")
_SEPARATORS = re.compile(r"[.,' ]")
_CENTURY_TURNS = 70
"""Two-digit years from here on are of the last century."""

_NO_LINE = (
    "the statement line is not a date, C or D, and an amount",
    "download the file again; if it stays so, ask the bank for a correct MT940",
)
_NO_BALANCE = (
    "the balance is not C or D, a date, a currency and an amount",
    "download the file again; if it stays so, ask the bank for a correct MT940",
)


@dataclass(slots=True)
class Line:
    """One transaction: the parts of its field 61, and the lines of the fields that follow it."""

    row: int
    statement: int
    account: Account
    parts: dict[str, str]
    more: list[str]
    info: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Message:
    """One statement: its account, its balances (sign, amount and day as text) and what else it says."""

    number: int
    account: Account = field(default_factory=lambda: Account(SOURCE, kind="current"))
    tags: set[str] = field(default_factory=set)
    balances: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Amount and day by tag; the last one where a tag repeats."""
    stated: dict[str, str] = field(default_factory=dict)
    page: str = ""
    made: str = ""
    """Day and time of an interim report (field 13D), as written."""
    left: dict[str, str] = field(default_factory=dict)
    ahead: list[str] = field(default_factory=list)
    """Days and amounts of balances available later (field 65)."""
    texts: list[str] = field(default_factory=list)
    """What the bank tells of the statement itself (field 86 behind no line)."""

    @property
    def ended(self) -> bool:
        """Whether its closing balance was read."""
        return bool(self.tags & {"62F", "62M"})


@dataclass(slots=True)
class Part:
    """Rows of one stretch of a file."""

    accounts: list[tuple[int, Account]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    rejects: list[Row] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Rows it holds."""
        return len(self.lines) + len(self.messages) + len(self.rejects)


class StatementReader:
    """Collects rows from fields."""

    def __init__(self) -> None:
        """Begin before the first field."""
        self._part = Part()
        self._message: Message | None = None
        self._line: Line | None = None
        self._counts = {"messages": 0, "lines": 0, "accounts": 0, "balances": 0}
        self.found = False
        """Whether any balance or transaction of a named account was read."""

    def parts(self, fields: Iterable[Field]) -> Iterator[Part]:
        """Rows in stretches of bounded size; the last one may be empty."""
        for each in fields:
            if self._part.size >= ROWS_PER_STRETCH and each.tag not in {"86", "NS"}:
                yield self._part
                self._part = Part()
            self._take(each)
        self._end()
        yield self._part

    def _take(self, each: Field) -> None:
        message = self._message
        if not each.tag:
            self._end()
            return
        if message is None or self._begins(each.tag, message):
            message = self._begin(each.tag)
        if each.tag == "25" and message.tags & {"25", "25P"}:
            # A second account inside a message is text behind a mistaken tag.
            each = Field("86", each.lines)
        message.tags.add(each.tag)
        if each.tag not in {"86", "NS"}:
            self._line = None
        self._use(each, message)

    def _begins(self, tag: str, message: Message) -> bool:
        if tag == "20":
            return "20" not in message.tags or bool(message.tags - {"20"})
        return message.ended and tag in {"25", "25P", "28", "28C", "60F", "60M", "61"}

    def _begin(self, tag: str) -> Message:
        """A new message; one that names no account of its own goes on with the account before it."""
        before = self._message
        self._end()
        self._counts["messages"] += 1
        self._message = Message(self._counts["messages"])
        if before and tag in {"28", "28C", "60F", "60M"}:
            known = before.account
            self._message.account = Account(SOURCE, known.naming, known.number, known.currency, known.kind)
            self._message.tags.add("25")
        return self._message

    def _use(self, each: Field, message: Message) -> None:
        match each.tag:
            case "20" | "21":
                message.left["reference" if each.tag == "20" else "related reference"] = each.text
            case "13" | "13D":
                message.made = message.left["made at"] = each.text
            case "25" | "25P":
                self._name_account(each, message)
            case "28" | "28C":
                message.page = each.text
            case "34F":
                floor = _FLOOR.match(each.text)
                message.account.currency = message.account.currency or (floor[1] if floor else "")
            case "60F" | "60M" | "62F" | "62M" | "64" | "65":
                self._balance(each, message)
            case "90C" | "90D":
                self._control(each, message)
            case "61":
                self._transaction(each, message)
            case _:
                self._information(each, message)

    def _name_account(self, each: Field, message: Message) -> None:
        message.account.number = "".join(each.text.split())
        if message.account.number:
            self._counts["accounts"] += 1
            self._part.accounts.append((self._counts["accounts"], message.account))

    def _balance(self, each: Field, message: Message) -> None:
        self._counts["balances"] += 1
        match = _BALANCE.match(each.text)
        if not match or not message.account.number:
            reason = _NO_BALANCE if message.account.number else NO_ACCOUNT
            self._part.rejects.append(
                reject("balances", self._counts["balances"], f":{each.tag}:", each.text[:200], *reason)
            )
            return
        self.found = True
        message.account.currency = message.account.currency or match["currency"] or ""
        amount = signed(match["mark"], match["amount"])
        day = day_text(match["day"])
        if each.tag == "65":
            message.ahead.append(f"{day} {amount}")
        else:
            message.balances[each.tag] = (amount, day)

    def _control(self, each: Field, message: Message) -> None:
        match = _CONTROL.match(each.text)
        if match:
            message.account.currency = message.account.currency or match["currency"]
            message.stated[each.tag] = plain_amount(match["amount"])
            message.left[f"stated count {each.tag}"] = match["count"]
        else:
            message.left[f":{each.tag}:"] = each.text

    def _transaction(self, each: Field, message: Message) -> None:
        self._counts["lines"] += 1
        row = self._counts["lines"]
        match, more = _LINE.match(each.lines[0]), each.lines[1:]
        if not match and more:
            match, more = _LINE.match("".join(each.lines[:2])), each.lines[2:]
        if not match or not message.account.number:
            reason = _NO_LINE if message.account.number else NO_ACCOUNT
            self._part.rejects.append(reject("bank_transactions", row, ":61:", each.text[:200], *reason))
            return
        self.found = True
        parts = {name: text or "" for name, text in match.groupdict().items()}
        self._line = Line(row, message.number, message.account, parts, more)
        self._part.lines.append(self._line)

    def _information(self, each: Field, message: Message) -> None:
        """Fields 86 and NS belong to the line before them, or to the statement."""
        if self._line is not None:
            (self._line.own if each.tag == "NS" else self._line.info).extend(each.lines)
        elif each.tag == "NS":
            own = own_lines(each.lines)
            message.account.label = own.pop("NS 23", "")
            message.left |= own
        else:
            message.texts.append(single_spaced("\n".join(each.lines)))

    def _end(self) -> None:
        message, self._message, self._line = self._message, None, None
        if message and message.account.number and (message.balances or message.made or "61" in message.tags):
            self._part.messages.append(message)


NO_ACCOUNT = ("the statement names no account (:25:)", "download the file again with its account number")


def settle_account(account: Account, answer: str) -> None:
    """Name an account by number and currency, once both are known; `answer` is the person's currency."""
    bare = account.number
    last = _LAST_CURRENCY.search(bare)
    if last and (last[1] == account.currency or (not account.currency and _is_code(bare, last[1]))):
        account.currency = last[1]
        bare = bare[: last.start()]
    account.currency = account.currency or answer.upper()
    account.naming = (bare, account.currency)
    # German local numbers stand in the IBAN with ten digits.
    german = _GERMAN.match(bare)
    account.number = german[1].zfill(10) if german else bare.rpartition("/")[2] or bare


def _is_code(number: str, code: str) -> bool:
    return code in ISO_CODES and any(character.isdigit() for character in number)


def signed(mark: str, amount: str) -> str:
    """The amount with its sign: C and RD bring money in, D and RC take it out (R turns the mark round)."""
    out = mark in {"D", "ED", "RC"}
    return f"-{plain_amount(amount)}" if out else plain_amount(amount)


def plain_amount(text: str) -> str:
    """An amount whose only separator is its decimal mark, with a point; any other text as it is."""
    bare = text.strip()
    if len(_SEPARATORS.findall(bare)) > 1:
        return bare
    return bare.replace(",", ".").rstrip(".") if not bare.startswith((",", ".")) else f"0{bare.replace(',', '.')}"


def day_text(text: str) -> str:
    """A day YYMMDD as ISO text. 30 February, where banks count thirty days a month, is the month's last day."""
    year, month, day = int(text[:2]), text[2:4], text[4:6]
    year += 1900 if year >= _CENTURY_TURNS else 2000
    if month == "02" and day in {"29", "30"}:
        day = f"{min(int(day), calendar.monthrange(year, 2)[1]):02}"
    return f"{year}-{month}-{day}"


def entry_day(entry: str, value: str) -> str:
    """The entry day MMDD in the year that brings it nearest to the value day (ISO text); else as it stands."""
    try:
        near = dt.date.fromisoformat(value)
    except ValueError:
        return f"{value[:4]}-{entry[:2]}-{entry[2:]}"
    days = []
    for year in (near.year - 1, near.year, near.year + 1):
        try:
            days.append(dt.date(year, int(entry[:2]), int(entry[2:])))
        except ValueError:
            continue
    if not days:
        return day_text(f"{near:%y}{entry}")
    return min(days, key=lambda day: abs(day - near)).isoformat()
