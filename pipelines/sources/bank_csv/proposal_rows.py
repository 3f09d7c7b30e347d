"""Rows of an unknown table that are no transactions: lines of text around it, totals, and balances stated in rows.

Put here which rules a proposal makes for them. A rule is made only for a row that holds no amount beside its label, or
that calls itself a total; whatever else cannot be read stays a row, and is set aside by name.
"""

from __future__ import annotations

import re
from typing import Literal

import polars as pl

from pipelines.sources.bank_csv.profile import RowRule
from pipelines.sources.bank_csv.proposal_draft import Draft
from pipelines.sources.bank_csv.signs import NOTHING

_OPENING = """
    opening balance, beginning balance, starting balance, previous balance, balance brought forward, brought
    forward, balance forward, balance b/f, alter kontostand, anfangssaldo, anfangsbestand, saldo anterior, saldo
    inicial, solde précédent, ancien solde, solde initial, saldo iniziale, beginsaldo, vorig saldo, počáteční
    zůstatek, saldo początkowe, входящий остаток, начальный остаток, الرصيد الافتتاحي, الرصيد السابق, প্রারম্ভিক
    জের, প্রারম্ভিক স্থিতি, আগের জের
"""
_CLOSING = """
    closing balance, ending balance, balance carried forward, carried forward, balance c/f, neuer
    kontostand, endsaldo, endbestand, saldo final, nouveau solde, solde final, saldo finale, eindsaldo, nieuw
    saldo, konečný zůstatek, saldo końcowe, исходящий остаток, конечный остаток, الرصيد الختامي, সমাপনী জের,
    সমাপনী স্থিতি
"""
_TOTAL = "total, totals, grand total, summe, gesamt, suma, totaal, totale, итого, всего, المجموع, الإجمالي, মোট, সর্বমোট"
_MOST_RULES = 12
_LETTERS = 3
"""Letters a label has before its first digit; a mistyped day has none."""
_WORDS = 4
"""Words of a line by which it is known again."""
Are = Literal["footer", "opening", "closing"]


def _listed(words: str) -> tuple[str, ...]:
    return tuple(word for each in words.split(",") if (word := " ".join(each.split())))


_STATING: tuple[tuple[Are, tuple[str, ...]], ...] = (("opening", _listed(_OPENING)), ("closing", _listed(_CLOSING)))
_TOTALS = _listed(_TOTAL)


def row_rules(draft: Draft, is_day: pl.Series) -> tuple[RowRule, ...]:
    """The rules for a proposal whose columns are settled; `is_day` says of each row whether its booked date is one."""
    day = draft.fields["booked_date"]
    labels = [day, *draft.fields.get("description", "").split(" + "), *draft.fields.get("payee", "").split(" + ")]
    places = {name: draft.references.index(name) for name in labels if name in draft.references}
    rules: dict[tuple[str, str], Are] = {}
    notes = (cell for place, cell in draft.shape.notes if draft.references[place] == day)
    rules |= {(day, known): "footer" for cell in notes if (known := _beginning(cell))}
    moving: list[dict[str, str]] = []
    has_amount, has_balance = _filled(draft, ("amount", "debit", "credit")), _filled(draft, ("balance",))
    for row, dated, moves, states in zip(draft.shape.frame.iter_rows(), is_day, has_amount, has_balance, strict=True):
        cells = {name: " ".join((row[place] or "").split()).lower() for name, place in places.items()}
        if not dated and (known := next((word for word in _TOTALS if re.match(rf"{word}\b", cells[day])), "")):
            rules[day, known] = "footer"
        elif moves:
            moving.append(cells)
        elif found := (_stating(draft, cells) if states else None) or (None if dated else _note(day, cells[day])):
            rules.setdefault(found[:2], found[2])
    # A rule must not take a row that moves money for a line of text.
    sound = {
        rule: are for rule, are in rules.items() if not any(cells[rule[0]].startswith(rule[1]) for cells in moving)
    }
    made = [RowRule(column=name, begins=(known,), are=are) for (name, known), are in sound.items()]
    return tuple(made) if len(made) <= _MOST_RULES else ()


def _stating(draft: Draft, cells: dict[str, str]) -> tuple[str, str, Are] | None:
    """Column, beginning and meaning of the label of a row that states a balance; only a bank's does."""
    if draft.fields.get("family") != "bank":
        return None
    for name, cell in cells.items():
        for are, words in _STATING:
            if known := next((word for word in words if cell.startswith(word)), ""):
                return name, known, are
    return None


def _note(day: str, cell: str) -> tuple[str, str, Are] | None:
    known = _beginning(cell)
    return (day, known, "footer") if known else None


def _beginning(cell: str) -> str:
    """What a line of text is known again by: its first words, up to a digit; empty when it may be a mistyped day."""
    plain = " ".join(re.split(r"\d", cell.strip(), maxsplit=1)[0].split()[:_WORDS]).lower()
    return plain if sum(map(str.isalpha, plain)) >= _LETTERS else ""


def _filled(draft: Draft, fields: tuple[str, ...]) -> pl.Series:
    """Whether a row has something in one of the columns of these fields."""
    frame = draft.shape.frame
    names = [draft.fields[field] for field in fields if draft.fields.get(field)]
    columns = [frame.columns[draft.references.index(name)] for name in names if name in draft.references]
    cells = [~pl.col(name).fill_null("").str.contains(NOTHING) for name in columns]
    return frame.select(pl.any_horizontal(pl.repeat(value=False, n=pl.len()), *cells).alias("filled")).to_series()
