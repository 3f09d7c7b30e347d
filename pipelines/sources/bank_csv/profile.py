"""A profile: how one bank or app lays out its CSV, as a small TOML file that people can write.

Put here the keys of a profile, what they may hold, and how TOML becomes one and back. Keep out how a file is matched
against a profile (`matching`) and how its values are read (`values`). `docs/bank-csv.md` describes every key.

A file that landed carries the whole text of the profile it was read with among its answers, for shipped profiles and
a person's own alike: editing a profile, or a new version of Hisab, changes how the next file is read and never what
an earlier one said. So keys are added and never taken away or given another meaning.
"""

from __future__ import annotations

import codecs
import json
import re
import tomllib
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from pipelines.sources.source import SourceError
from warehouse.fields import CURRENCY_PATTERN
from warehouse.record_kinds import ACCOUNT_KINDS, BANK_TRANSACTIONS, LEDGER_ENTRIES

POSITION = re.compile(r"#([1-9][0-9]{0,3})")
"""A column named by its place, the first being #1."""

_UNICODE = {"utf-8", "utf-16", "utf-16-le", "utf-16-be"}


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) and value else value or ()


Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
"""One text or several."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Columns(_Part):
    """What the header calls each field.

    A name may give alternatives (`"Datum | Date"`), may be missing in some files (`"Balance?"`), may hold the
    currency (`"Amount ({currency})"`) and may be a place instead (`"#3"`). Lists are joined into one text.
    """

    booked_date: str = Field(min_length=1)
    value_date: str = ""
    amount: str = ""
    debit: str = ""
    credit: str = ""
    indicator: str = ""
    less: Names = ()
    """Amounts that are taken off the amount, such as a fee the bank books in the same row."""
    balance: str = ""
    currency: str = ""
    account: str = ""
    account_name: str = ""
    payee: Names = ()
    description: Names = ()
    reference: str = ""
    id: str = ""
    """The bank's own id of a transaction, which never changes; it becomes the reference and names the row."""
    type: str = ""
    category: Names = ()
    category_group: str = ""
    """What stands above the category; of a ledger only, like the four below."""
    subcategory: str = ""
    """What stands below the category, which is then the group above it."""
    transfer_account: str = ""
    note: Names = ()
    labels: str = ""
    merchant_code: str = ""
    original_amount: str = ""
    original_currency: str = ""
    numbers: Names = ()
    """Columns that hold account numbers: only their last four characters are kept."""
    other: Names = ()
    """Columns without a field; they may be missing, and are kept in `extra`."""

    def fields(self) -> dict[str, tuple[str, ...]]:
        """Every field that is given, with its names in the header."""
        return {name: value for name in type(self).model_fields if (value := _as_tuple(getattr(self, name)))}


class Preamble(_Part):
    """Labels of the lines above the header, written `Label: value` or in two cells."""

    account: str = ""
    account_name: str = ""
    currency: str = ""
    period: str = ""


class Words(_Part):
    """What the indicator column says; an empty word stands for an empty cell."""

    debit: tuple[str, ...] = ()
    credit: tuple[str, ...] = ()


class RowRule(_Part):
    """Rows that are no plain booked transaction, told by the text in one column.

    Attributes:
        column: The column, named as in `Columns`.
        words: Whole cells, without regard to case; an empty word stands for an empty cell.
        begins: Beginnings of cells.
        are: `footer` rows are no rows; `opening` and `closing` rows state a balance; `pending` rows are not booked
            yet; `skipped` rows are set aside; `booked` rows are plain, and any text no rule names is then refused.
            Of a ledger, `transfer` rows are legs of transfers, `opening_balance` rows say what an account began with,
            and `excluded` rows are left out of the app's own totals.
        reason: Why a row is skipped.
    """

    column: str = Field(min_length=1)
    words: Names = ()
    begins: Names = ()
    are: Literal[
        "footer", "opening", "closing", "pending", "skipped", "booked", "transfer", "opening_balance", "excluded"
    ]
    reason: str = "the bank marks it as not booked"


class Profile(_Part):
    """One layout. Texts left empty are found in the file or asked."""

    title: str = Field(min_length=1)
    family: Literal["bank", "ledger"] = "bank"
    """Whether a bank states the rows, or a person wrote them down in an app."""
    institution: str = ""
    """The bank, or the app."""
    account_kind: str = "current"
    delimiter: str = ","
    encoding: str = "cp1252"
    """What the bytes of a file that is no Unicode are."""
    width: int = Field(default=0, ge=0, le=1000)
    """Number of columns of a file without a header; 0 where there is one."""
    decimal_mark: Literal["", "point", "comma"] = ""
    date_form: Literal["", "day-first", "month-first", "year-first"] = ""
    language: str = ""
    """Language of the month names, where two languages use one name for two months."""
    currency: str = Field(default="", pattern=rf"^$|{CURRENCY_PATTERN}")
    sign: Literal["signed", "inverted", "columns", "signed columns", "inverted columns", "indicator"] = "signed"
    category_separator: str = ""
    """What stands between group and category where one text holds both, as in `Parent:Child`."""
    wrapped: bool = False
    """Whether a row without date and amount goes on with the description of the row above."""
    columns: Columns
    preamble: Preamble = Preamble()
    words: Words = Words()
    rows: tuple[RowRule, ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for key, problem in (
            *_sign_problems(self),
            *_form_problems(self),
            *_width_problems(self),
            *_family_problems(self),
        ):
            raise PydanticCustomError("profile", "{key}: {problem}", {"key": key, "problem": problem})
        return self

    @property
    def kind(self) -> str:
        """The record kind of its rows."""
        return LEDGER_ENTRIES.name if self.family == "ledger" else BANK_TRANSACTIONS.name


def _sign_problems(profile: Profile) -> list[tuple[str, str]]:
    columns, words = profile.columns, profile.words
    needed = {
        "columns": ("debit", "credit"),
        "signed columns": ("debit", "credit"),
        "inverted columns": ("debit", "credit"),
        "indicator": ("amount", "indicator"),
    }.get(profile.sign, ("amount",))
    given = [name for name in ("amount", "debit", "credit", "indicator") if getattr(columns, name)]
    problems = [(f"columns.{name}", f'the sign rule "{profile.sign}" needs it') for name in needed if name not in given]
    extra = [name for name in given if name not in needed]
    problems += [(f"columns.{name}", f'the sign rule "{profile.sign}" does not use it') for name in extra]
    if (profile.sign == "indicator") != bool(words.debit and words.credit):
        problems.append(("words", "debit and credit words are needed where, and only where, sign is indicator"))
    return problems


def _form_problems(profile: Profile) -> list[tuple[str, str]]:
    problems = []
    if len(profile.delimiter) != 1 or profile.delimiter in '"\r\n':
        problems.append(("delimiter", "it must be one character"))
    if profile.account_kind not in ACCOUNT_KINDS:
        problems.append(("account_kind", f"it must be one of {', '.join(ACCOUNT_KINDS)}"))
    if not _is_code_page(profile.encoding):
        problems.append(("encoding", "it must be a code page of single bytes that Python knows, such as cp1252"))
    for number, rule in enumerate(profile.rows, start=1):
        if not rule.words and not rule.begins:
            problems.append((f"rows {number}", "words or begins must say which rows it means"))
    return problems


def _is_code_page(name: str) -> bool:
    if name.lower() in _UNICODE:
        return True
    try:
        return len(codecs.lookup(name).decode(b"ab\xc1", "replace")[0]) == 3  # noqa: PLR2004 - a character a byte
    except (LookupError, TypeError, ValueError):
        return False


def _width_problems(profile: Profile) -> list[tuple[str, str]]:
    if not profile.width:
        return []
    problems = []
    for field, names in profile.columns.fields().items():
        for name in names:
            place = POSITION.fullmatch(name)
            if not place or int(place[1]) > profile.width:
                problems.append((f"columns.{field}", f"without a header it must be #1 to #{profile.width}"))
    return problems


_OF_LEDGERS = ("category_group", "subcategory", "transfer_account", "note", "labels")
_ROWS_OF = {
    "bank": ("opening", "closing", "pending"),
    "ledger": ("transfer", "opening_balance", "excluded"),
}
"""What rows can be in one family only."""


def _family_problems(profile: Profile) -> list[tuple[str, str]]:
    other = "bank" if profile.family == "ledger" else "ledger"
    problems = [
        (f"rows {number}", f"rows are {rule.are} in a profile of family {other} only")
        for number, rule in enumerate(profile.rows, start=1)
        if rule.are in _ROWS_OF[other]
    ]
    if profile.family == "bank":
        given = [name for name in _OF_LEDGERS if getattr(profile.columns, name)]
        problems += [(f"columns.{name}", "it is of a profile of family ledger only") for name in given]
        if profile.category_separator:
            problems.append(("category_separator", "it is of a profile of family ledger only"))
    return problems


def read_profile(text: str, name: str) -> Profile:
    """The profile a TOML text holds. Raises SourceError with one line that names it and the key that is wrong."""
    try:
        return Profile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SourceError(f"The profile {name} is not valid TOML: {error}. Mend that line.") from None
    except ValidationError as error:
        raise SourceError(f"The profile {name} cannot be used: {first_problem(error)}.") from None


def first_problem(error: ValidationError) -> str:
    """Key and cause of the first thing that is wrong with a profile."""
    first = error.errors()[0]
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"])
    said = {"extra_forbidden": "there is no such key", "missing": "it is missing"}.get(first["type"], first["msg"])
    return f"{key}: {said}" if key else said


def profile_text(profile: Profile) -> str:
    """The profile as TOML; reading it back gives an equal one."""
    whole = profile.model_dump(exclude_defaults=True, mode="json")
    plain = {key: value for key, value in whole.items() if not isinstance(value, dict) and key != "rows"}
    lines = [f"{key} = {_value(value)}" for key, value in plain.items()]
    for table, keys in whole.items():
        if isinstance(keys, dict):
            lines += ["", f"[{table}]", *(f"{key} = {_value(value)}" for key, value in keys.items())]
    for rule in whole.get("rows", ()):
        lines += ["", "[[rows]]", *(f"{key} = {_value(value)}" for key, value in rule.items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_value(each) for each in value)}]"
    # JSON's strings, numbers and truths are TOML's, but for one character that TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
