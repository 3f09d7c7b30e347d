"""Learning the layout of a bank's or an app's file with the person: what Hisab proposes is shown, corrected and saved.

Put here the talk. Keep out how a profile is inferred (`pipelines.sources.bank_csv.proposal`).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from rich.markup import escape
from rich.prompt import Prompt

from pipelines.commands.screen import amount, asking, console, table
from pipelines.ingest.decoding import Decoder
from pipelines.ingest.importing import how_to_answer
from pipelines.sources.bank_csv.profile import read_profile
from pipelines.sources.bank_csv.proposal import Proposal
from pipelines.sources.bank_csv.proposal_draft import COLUMN_FIELDS, FIELDS, NONE, SIGN_NEEDS
from pipelines.sources.source import Question, SourceError, UnknownForm
from warehouse.home import PRIVATE_FOLDER, Home, write_whole

LAYOUT, AS_PROPOSED = "layout", "proposed"
"""The answer by which a proposal is taken where nobody can be asked."""

_QUESTIONS_OF_FILES = {"currency", "account"}
"""Answers that speak of the file, though a field of the profile is called the same."""


def learn_layout(
    home: Home, decoder: Decoder, path: Path, given: Mapping[str, str], unknown: UnknownForm
) -> Path | None:
    """Settle a profile for a table of an unknown layout and save it in the home; its file, None when declined.

    Raises:
        UnknownForm: the file holds no such table; it is `unknown` again.
        SourceError: nobody can be asked, and the answers given do not settle it.
    """
    fixed = {name: value for name, value in given.items() if name in FIELDS and name not in _QUESTIONS_OF_FILES}
    if "date_order" in given:
        fixed.setdefault("date_form", given["date_order"])
    try:
        proposal = decoder.propose(path, fixed)
    except SourceError as error:
        if fixed:
            raise SourceError(f"{path.name}: {error}") from None
        raise unknown from None
    if given.get(LAYOUT) == AS_PROPOSED:
        _refuse_doubts(path, proposal)
    elif not sys.stdin.isatty():
        raise SourceError(
            f"{path.name}: it is a table, in a layout Hisab does not know. Run `hisab import` in a terminal to confirm "
            f"what Hisab proposes, or add --answer {LAYOUT}={AS_PROPOSED} to take that as it is."
        )
    else:
        with asking():
            talked = _talk(decoder, path, proposal, fixed)
        if talked is None:
            return None
        proposal = talked
    return _save(home, proposal)


def _refuse_doubts(path: Path, proposal: Proposal) -> None:
    if proposal.doubts:
        raise SourceError(f"{path.name}: {how_to_answer(proposal.doubts)}")


def _talk(decoder: Decoder, path: Path, proposal: Proposal, fixed: dict[str, str]) -> Proposal | None:
    """Ask what is open, show what is understood, change what is wrong, until the person is content; None to stop."""
    console.print(f"[bold]{escape(path.name)}[/] is a table in a layout Hisab does not know. This is how it looks:")
    while True:
        while proposal.doubts:
            fixed |= {proposal.doubts[0].name: _answered(proposal.doubts[0])}
            proposal = decoder.propose(path, fixed)
        _show(proposal)
        said = Prompt.ask(
            "Is this right? Say [bold]yes[/], [bold]no[/] to leave the file alone, or the field to change",
            choices=["yes", "y", "no", "n", *FIELDS],
            show_choices=False,
            default="yes",
            console=console,
        )
        if said in {"no", "n"}:
            return None
        if said in {"yes", "y"}:
            title = Prompt.ask("What shall this layout be called (bank and kind of account, or app)?", console=console)
            return decoder.propose(path, {**fixed, "title": title.strip() or "My bank"})
        changed = {**fixed, **_changes(said, proposal)}
        try:
            proposal = decoder.propose(path, changed)
        except SourceError as error:
            console.print(f"[yellow]![/] {escape(str(error))}")
        else:
            fixed = changed


def _answered(doubt: Question) -> str:
    return Prompt.ask(escape(doubt.text), choices=list(doubt.choices) or None, console=console)


def _changes(field: str, proposal: Proposal) -> dict[str, str]:
    """What the person wants instead; a sign rule brings the columns it is read by."""
    value = _asked(field, proposal)
    changes = {field: value}
    if field == "sign":
        changes |= {name: _asked(name, proposal) for name in SIGN_NEEDS.get(value, ())}
    return changes


def _asked(field: str, proposal: Proposal) -> str:
    if field in COLUMN_FIELDS:
        hint = f"one of {', '.join(proposal.columns)}; {NONE} for none, A + B to join two"
    else:
        hint = {
            "family": "bank or ledger",
            "sign": f"one of {', '.join(SIGN_NEEDS)}",
            "date_form": "day-first, month-first or year-first",
            "decimal_mark": "point or comma",
            "debit_words": "what the indicator says for money out, with commas between",
            "credit_words": "what the indicator says for money in, with commas between",
        }.get(field, "")
    shown = f" ({escape(hint)})" if hint else ""
    return Prompt.ask(f"{field}{shown}", default=proposal.fields.get(field, NONE), show_default=True, console=console)


def _show(proposal: Proposal) -> None:
    fields = table("Field", "In this file", "Because")
    for name, value in proposal.fields.items():
        fields.add_row(name, escape(repr(value) if value == "\t" else value), escape(proposal.why.get(name, "")))
    console.print(fields)
    filled = [place for place in range(len(proposal.shown)) if any(row[place] for row in proposal.rows)]
    names = [proposal.shown[place] for place in filled]
    headings = (name.replace("_", " ").capitalize() for name in names)
    rows = table(*headings, right=("Transaction amount", "Entry amount"))
    for row in proposal.rows:
        cells = zip(names, (row[place] for place in filled), strict=True)
        rows.add_row(
            *(amount(Decimal(cell)) if cell and name.endswith("_amount") else escape(cell) for name, cell in cells)
        )
    console.print("\nThe first rows, as understood (money out has a minus):")
    console.print(rows)
    for rule in read_profile(proposal.text, "proposed").rows:
        beginnings = ", ".join(f"“{word}”" for word in rule.begins)
        console.print(escape(f"Where {rule.column} begins with {beginnings}: {_ROWS_ARE[rule.are]}."))


_ROWS_ARE = {
    "footer": "no transaction, left out",
    "opening": "no transaction, it states the balance before",
    "closing": "no transaction, it states the balance after",
}
"""What a proposal makes of rows that are no transactions."""


def _save(home: Home, proposal: Proposal) -> Path:
    """Write the profile under a free name made of its title."""
    title = proposal.fields.get("title", "")
    stem = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "layout"
    home.profiles.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    names = (f"{stem}-{number}.toml" if number else f"{stem}.toml" for number in range(1000))
    path = next(each for name in names if not (each := home.profiles / name).exists())
    write_whole(path, proposal.text.encode())
    return path
