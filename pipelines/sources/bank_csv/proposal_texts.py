"""Which columns of an unknown table hold its texts, and whether it is a bank's statement or a person's ledger."""

from __future__ import annotations

import re

from pipelines.sources.bank_csv.column_roles import Facts
from pipelines.sources.bank_csv.column_words import FOREIGN, likeness
from pipelines.sources.bank_csv.proposal_draft import COLUMN_FIELDS, FAMILIES, Draft
from pipelines.sources.bank_csv.table_shape import TableShape
from pipelines.sources.source import SourceError

_REPEATED = 3
"""How often an own account stands in a column at least, on the average."""
ACCOUNT_LABEL = re.compile(
    r"^\W*(account (?:number|no\.?)|a/c (?:number|no\.?)|iban|kontonummer|konto|rekeningnummer|número de cuenta|cuenta|"
    r"numéro de compte|compte|conto|card number|رقم الحساب|হিসাব (?:নম্বর|নং|নাম্বার))\W*[:;,=\t]",
    re.IGNORECASE,
)
"""A line above the table that says whose it is."""
_MOST_TEXTS = 3
"""Columns that may make the description."""


def settle_family(draft: Draft, facts: Facts, *, is_proven: bool) -> None:
    """Whether a bank states the rows or a person wrote them down; asked where a table has categories.

    Balances that follow from each other (`is_proven`) are a bank's.
    """
    said = draft.fixed.get("family", "")
    if said and said not in FAMILIES:
        raise SourceError(f"family must be one of {', '.join(FAMILIES)}.")
    sorted_out = [place for place in facts.texts if likeness("category", facts.names[place])]
    if sorted_out and not is_proven:
        draft.settle("family", "", "")
        text = "The rows have categories. Does a bank state them (bank), or did a person keep them in an app (ledger)?"
        draft.ask("family", text, FAMILIES)
    else:
        why = "the running balance follows" if is_proven else "its rows have no categories"
        draft.settle("family", "bank", why)


def settle_texts(draft: Draft, facts: Facts) -> None:
    """Which columns hold payee, description, account, reference and currency; of a ledger more than those."""
    if draft.fields.get("family") == "ledger":
        _settle_ledger(draft, facts)
    taken = {part for name in COLUMN_FIELDS for part in draft.fields.get(name, "").split(" + ")}
    free = [place for place in facts.texts if draft.references[place] not in taken]
    payee = facts.by_name("payee", free)
    described = [place for place in facts.by_name("description", free) if place not in payee[:1]][:_MOST_TEXTS]
    if not described:
        longest = sorted((place for place in free if place not in payee[:1]), key=lambda place: -facts.texts[place])
        is_long = facts.texts.get(longest[0] if longest else -1, 0) > 2  # noqa: PLR2004
        described = longest[:1] if is_long and draft.fields.get("family") != "ledger" else []
    draft.settle("payee", draft.references[payee[0]] if payee else "", "its name")
    joined = " + ".join(draft.references[place] for place in described)
    draft.settle("description", joined, "its name, or its longest texts")
    used = {part for name in COLUMN_FIELDS for part in draft.fields.get(name, "").split(" + ")}
    others = [place for place in range(draft.shape.width) if draft.references[place] not in used]
    account = [place for place in facts.by_name("account", others) if place not in facts.days]
    if draft.fields.get("family") != "ledger":
        account = [place for place in account if _is_own(draft.shape, place)]
    reference = [place for place in facts.by_name("reference", others) if place not in account[:1]]
    draft.settle("account", draft.references[account[0]] if account else "", "its name")
    draft.settle("reference", draft.references[reference[0]] if reference else "", "its name")
    codes = _currency_column(draft, facts)
    draft.settle(
        "currency_column", draft.references[codes] if codes is not None else "", "its cells are currency codes"
    )
    draft.settle("currency", "", "")


def _is_own(shape: TableShape, place: int) -> bool:
    """Whether a column of a bank's table can hold the account itself, and not the other side's.

    A file of one account says which above its table, or in every row; one of several repeats each.
    """
    if any(ACCOUNT_LABEL.match(line) for line in shape.above):
        return False
    filled = shape.frame[:, place].drop_nulls()
    different = filled.n_unique()
    return different == 1 or 0 < different * _REPEATED <= len(filled)


def _settle_ledger(draft: Draft, facts: Facts) -> None:
    """What a person's own book has beside a bank's statement."""
    taken = {draft.fields.get(name) for name in COLUMN_FIELDS}
    free = [place for place in facts.texts if draft.references[place] not in taken]
    account = facts.by_name("account", free)
    draft.settle("account", draft.references[account[0]] if account else "", "its name")
    free = [place for place in free if place not in account[:1]]
    # `Sub category` sounds like a category too.
    for name in ("subcategory", "category", "labels", "note"):
        heard = facts.by_name(name, free)
        draft.settle(name, draft.references[heard[0]] if heard else "", "its name")
        free = [place for place in free if place not in heard[:1]]


def category_separator(draft: Draft) -> str:
    """What stands between group and category in most cells of a ledger's category; empty when nothing does."""
    if draft.fields.get("family") != "ledger" or draft.fields.get("subcategory"):
        return ""
    column = draft.fields.get("category", "")
    if column not in draft.references:
        return ""
    cells = draft.shape.frame[:, draft.references.index(column)].drop_nulls()
    if cells.is_empty():
        return ""
    split = int(cells.str.contains(r"^[^:]*[^:\s][^:]*:[^:]*[^:\s][^:]*$").sum())
    return ":" if split * 2 >= len(cells) else ""


def _currency_column(draft: Draft, facts: Facts) -> int | None:
    """The column of the account's currency: by its name, else the one beside the amount."""
    own = [place for place in facts.codes if not FOREIGN.search(facts.names[place])]
    heard = facts.by_name("currency", own)
    if heard:
        return heard[0]
    amounts = [draft.fields.get(name) for name in ("amount", "debit", "credit")]
    places = [place for place, name in enumerate(draft.references) if name in amounts]
    beside = [place for place in facts.codes if place - 1 in places or place + 1 in places]
    return next(iter([*beside, *(own if len(own) == 1 else [])]), None)
