"""A profile proposed for a table of an unknown layout, with its reasons, its doubts and the first rows as understood.

Put here how shape and roles become a profile. What the person has settled (`fixed`) goes before everything; the same
names are the fields people see and may change.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

import polars as pl
from pydantic import ValidationError

from pipelines.sources.bank_csv.column_roles import (
    PROOF_PAIRS,
    TWO_COLUMNS,
    Facts,
    Money,
    exclusive_pair,
    facts_of,
    mark_of,
    named,
    proven,
    which_are_days,
)
from pipelines.sources.bank_csv.column_words import likeness
from pipelines.sources.bank_csv.ledger_csv import LedgerCsvFormat
from pipelines.sources.bank_csv.matching import plain
from pipelines.sources.bank_csv.profile import (
    POSITION,
    Columns,
    Preamble,
    Profile,
    RowRule,
    Words,
    first_problem,
    profile_text,
)
from pipelines.sources.bank_csv.profile_format import PROFILE
from pipelines.sources.bank_csv.proposal_draft import COLUMN_FIELDS, FIELDS, JOINED_FIELDS, SIGN_NEEDS, Draft
from pipelines.sources.bank_csv.proposal_rows import row_rules
from pipelines.sources.bank_csv.proposal_texts import ACCOUNT_LABEL, category_separator, settle_family, settle_texts
from pipelines.sources.bank_csv.statement_csv import BankCsvFormat
from pipelines.sources.bank_csv.table_shape import TableShape, table_shape
from pipelines.sources.bank_csv.written_days import plain_days
from pipelines.sources.byte_stream import in_code_page, refuse_what_is_no_text
from pipelines.sources.currency_words import ISO_CODES
from pipelines.sources.date_text import date_order_clues
from pipelines.sources.money_text import DecimalMark
from pipelines.sources.source import Question, SourceError

SAMPLE_BYTES = 1 << 20
SHOWN_ROWS = 8
_SHOWN = {
    "bank": ("booked_date", "payee_name", "description", "transaction_amount", "currency_code"),
    "ledger": ("entry_date", "payee_name", "category_group", "category_name", "note", "entry_amount", "currency_code"),
}
"""What of the first rows is shown."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a profile could be.

    Attributes:
        text: The profile as TOML.
        fields: Each field that is settled, as people see it.
        why: For fields that were inferred, by what.
        doubts: What neither values nor names settle; the name of a question is the field's.
        rows: The first rows as understood, texts in the order of `shown`.
        columns: What the table's columns can be called.
        shown: Names of the record's columns that `rows` show.
    """

    text: str
    fields: Mapping[str, str]
    why: Mapping[str, str]
    doubts: tuple[Question, ...]
    rows: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]
    shown: tuple[str, ...]


def proposed(body: BinaryIO, fixed: Mapping[str, str]) -> Proposal:
    """Propose a profile for a file. Raises SourceError when it holds no table, or `fixed` does not fit it."""
    head = body.read(SAMPLE_BYTES)
    refuse_what_is_no_text(head)
    unknown = set(fixed) - set(FIELDS)
    if unknown:
        raise SourceError(f"A proposal has no field {min(unknown)}; its fields are {', '.join(FIELDS)}.")
    shape = table_shape(head, fixed, is_cut=len(head) == SAMPLE_BYTES)
    draft = Draft(shape, _references(shape), fixed)
    for name in ("encoding", "delimiter"):
        draft.settle(name, getattr(shape, name), "by its bytes" if name == "encoding" else "it cuts the rows evenly")
    is_unicode = not in_code_page(head, shape.encoding)
    unseen = {"encoding"} if is_unicode and "encoding" not in fixed else set()
    is_day = _settle_values(draft)
    profile = _profile(draft, row_rules(draft, is_day))
    return Proposal(
        profile_text(profile),
        {name: draft.fields[name] for name in FIELDS if draft.fields.get(name) and name not in unseen},
        draft.why,
        tuple(draft.doubts),
        _first_rows(head, profile) if not draft.doubts else (),
        tuple(draft.references),
        _SHOWN[profile.family],
    )


def _references(shape: TableShape) -> list[str]:
    """What a profile calls each column: its name, or its place where the name is empty, doubled or reads otherwise."""
    names = [shape.header[place] if place < len(shape.header) else "" for place in range(shape.width)]
    heard = [plain(name) for name in names]
    made = []
    for place, name in enumerate(names):
        special = " | " in name or name.endswith("?") or "{" in name or POSITION.fullmatch(name) or " + " in name
        alone = heard.count(heard[place]) == 1 and heard[place]
        made.append(name.strip() if alone and not special else f"#{place + 1}")
    return made


def _settle_values(draft: Draft) -> pl.Series:
    """Settle every field; gives for each row whether its booked date is a day."""
    shape = draft.shape
    names = [shape.header[place] if place < len(shape.header) else "" for place in range(shape.width)]
    open_form = Profile(title="x", columns=Columns(booked_date="x", amount="x"))
    form = draft.fixed.get("date_form", "")
    dated = open_form.model_copy(update={"date_form": form}) if form else open_form
    days = shape.frame.select(plain_days(shape.frame[name], dated).alias(name) for name in shape.frame.columns)
    mark = DecimalMark(draft.fixed["decimal_mark"]) if _is_mark(draft.fixed) else mark_of(shape.frame)
    facts = facts_of(shape.frame, days, names, mark or DecimalMark.POINT)
    if not facts.days or not facts.money:
        raise SourceError("The file holds no table with days and amounts, so no profile can be proposed.")
    _settle_days(draft, facts, days)
    draft.settle(
        "decimal_mark", mark.value if mark else "point", "the amounts prove it" if mark else "no amount has cents"
    )
    _settle_money(draft, facts)
    settle_texts(draft, facts)
    if draft.fixed.get("title"):
        draft.fields["title"] = draft.fixed["title"]
    return which_are_days(days[:, draft.references.index(draft.fields["booked_date"])])


def _is_mark(fixed: Mapping[str, str]) -> bool:
    if "decimal_mark" in fixed and fixed["decimal_mark"] not in {mark.value for mark in DecimalMark}:
        raise SourceError("decimal_mark must be point or comma.")
    return "decimal_mark" in fixed


def _settle_days(draft: Draft, facts: Facts, days: pl.DataFrame) -> None:
    heard = facts.by_name("booked_date", facts.days)
    value = [
        place for place in facts.by_name("value_date", facts.days) if place not in heard[:1] or len(facts.days) > 1
    ]
    booked = next((place for place in heard if place not in value[:1]), None)
    value = [place for place in value if place != booked]
    if booked is None:
        booked = next((place for place in facts.days if place not in value[:1]), facts.days[0])
    draft.settle("booked_date", draft.references[booked], "its cells are days")
    draft.settle("value_date", draft.references[value[0]] if value and value[0] != booked else "", "its name")
    clues = date_order_clues(days[:, booked])
    if clues.day_first and not clues.month_first:
        draft.settle("date_form", "day-first", "a day above 12 proves it")
    elif clues.month_first and not clues.day_first:
        draft.settle("date_form", "month-first", "a day above 12 proves it")
    elif _with_dots(draft.shape.frame[:, booked]):
        draft.settle("date_form", "day-first", "days with dots begin with the day")
    elif clues.unsure or clues.day_first:
        draft.settle("date_form", "", "")
        text = "Do the dates begin with the day (31/12/2025), the month (12/31/2025) or the year?"
        draft.ask("date_form", text, ("day-first", "month-first", "year-first"))
    else:
        draft.settle("date_form", "year-first" if _year_first(days[:, booked]) else "day-first", "its cells are days")


def _with_dots(cells: pl.Series) -> bool:
    return bool(cells.drop_nulls().str.contains(r"^[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{2}").all())


def _year_first(days: pl.Series) -> bool:
    return bool(days.drop_nulls().str.contains(r"^[0-9]{4}").any())


def _settle_money(draft: Draft, facts: Facts) -> None:
    chosen = proven(facts, draft.shape.frame)
    sure = chosen is not None and chosen.pairs >= PROOF_PAIRS
    why = f"the running balance follows in {chosen.pairs} pairs of rows" if chosen else "its name"
    money = chosen or named(facts)
    if money is None:
        raise SourceError("The file holds no column of amounts, so no profile can be proposed.")
    settle_family(draft, facts, is_proven=sure)
    pair = exclusive_pair(facts)
    if not sure and pair and money.sign not in TWO_COLUMNS:
        money, why = Money("columns", {"debit": pair[0], "credit": pair[1]}), "every row fills exactly one of the two"
        draft.ask("debit", "Which column holds money that went out?", tuple(draft.references[place] for place in pair))
        other = {draft.references[pair[0]]: pair[1], draft.references[pair[1]]: pair[0]}
        said = draft.fixed.get("debit", "")
        if said in other:
            money = Money("columns", {"debit": pair[0] if other[said] == pair[1] else pair[1], "credit": other[said]})
    # What the person said of the sign rule says which columns there can be.
    rule = draft.fixed.get("sign") or ("columns" if draft.fixed.get("debit") else "") or money.sign
    if rule not in SIGN_NEEDS:
        raise SourceError(f"sign must be one of {', '.join(SIGN_NEEDS)}.")
    draft.settle("sign", rule, why)
    for name in (each for each in SIGN_NEEDS[rule] if each in COLUMN_FIELDS):
        place = money.columns.get(name)
        draft.settle(name, draft.references[place] if place is not None else "", why)
    if rule == "indicator":
        draft.settle("debit_words", ", ".join(money.debit), why)
        draft.settle("credit_words", ", ".join(money.credit), why)
    balance = "" if money.balance is None else draft.references[money.balance]
    draft.settle("balance", balance, why if chosen else "its name")
    if not sure and rule == money.sign == "signed" and not draft.fixed.get("sign"):
        _ask_sign(draft, facts.money[money.columns["amount"]])


def _ask_sign(draft: Draft, values: pl.Series) -> None:
    """An amount without any minus may be money in, or all a card's spending."""
    if not (values < 0).any():
        text = "No amount has a minus. Is an amount without one money that came in (signed) or went out (inverted)?"
        draft.ask("sign", text, ("signed", "inverted"))


def _profile(draft: Draft, rows: tuple[RowRule, ...]) -> Profile:
    """The draft as a profile. Raises SourceError when what the person settled does not fit together."""
    fields, shape = draft.fields, draft.shape
    columns: dict[str, object] = {
        {"currency_column": "currency"}.get(name, name): tuple(value.split(" + ")) if name in JOINED_FIELDS else value
        for name in COLUMN_FIELDS
        if (value := fields.get(name, ""))
    }
    used = {part for name in COLUMN_FIELDS for part in fields.get(name, "").split(" + ")}
    columns["other"] = tuple(each for each in draft.references if each not in used)
    if not fields.get("currency_column") and not fields.get("currency"):
        for name in ("amount", "debit", "credit", "balance"):
            if name in columns:
                columns[name] = _with_currency(str(columns[name]))
    split = {name: tuple(word.strip() for word in fields.get(name, "").split(",") if word.strip()) for name in _WORDS}
    account = next((match[1] for line in shape.above if (match := ACCOUNT_LABEL.match(line))), "")
    try:
        return Profile(
            title=fields.get("title", "") or "Learned layout",
            family="ledger" if fields.get("family") == "ledger" else "bank",
            # An app's name is part of what names an account, and a learned layout is called by it.
            institution=fields.get("title", "") if fields.get("family") == "ledger" else "",
            category_separator=category_separator(draft),
            delimiter=fields["delimiter"],
            encoding=fields["encoding"],
            width=0 if shape.header else shape.width,
            decimal_mark=fields.get("decimal_mark", ""),
            date_form=fields.get("date_form", ""),
            currency=fields.get("currency", ""),
            sign=fields["sign"],
            columns=Columns(**columns),
            preamble=Preamble(account="" if fields.get("account") else account),
            words=Words(debit=split["debit_words"], credit=split["credit_words"]),
            rows=rows,
        )
    except ValidationError as error:
        raise SourceError(f"What was settled does not fit together: {first_problem(error)}.") from None


_WORDS = ("debit_words", "credit_words")


def _with_currency(name: str) -> str:
    """A header's name with the currency code in it left open, so that it says the currency of each file."""
    for code in re.findall(r"\b[A-Z]{3}\b", name):
        if code in ISO_CODES and likeness("amount", name) + likeness("debit", name) + likeness("credit", name):
            return name.replace(code, "{currency}", 1)
    return name


def _first_rows(head: bytes, profile: Profile) -> tuple[tuple[str, ...], ...]:
    """The first rows as the profile reads them. Raises SourceError when it reads none."""
    sample = head[: head.rfind(b"\n") + 1] if len(head) == SAMPLE_BYTES else head
    answers = {PROFILE: profile_text(profile), "account": "?", "currency": "XXX"}
    order = {"date_order": "day-first", "decimal_mark": "point"}
    open_answers = {name: value for name, value in order.items() if not getattr(profile, _FIXED_BY[name])}
    format_of = {"bank": BankCsvFormat, "ledger": LedgerCsvFormat}
    stretches = format_of[profile.family]().read(io.BytesIO(sample), answers | open_answers)
    batches = (batch for decoded in stretches for batch in decoded.batches)
    frames = [batch.frame for batch in islice(batches, 2) if batch.kind == profile.kind]
    if not frames:
        return ()
    columns = pl.col(_SHOWN[profile.family]).cast(pl.String).fill_null("")
    shown = pl.concat(frames).sort("row_no").head(SHOWN_ROWS).select(columns)
    return tuple(tuple(row) for row in shown.with_columns(pl.col("currency_code").replace("XXX", "")).iter_rows())


_FIXED_BY = {"date_order": "date_form", "decimal_mark": "decimal_mark"}
