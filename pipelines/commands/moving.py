"""Moving data: import, sync, rebuild, and what people see of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.markup import escape
from rich.prompt import Confirm, Prompt

from pipelines.commands.proposing import LAYOUT, learn_layout
from pipelines.commands.screen import amount, asking, console, following, table
from pipelines.ingest import importing
from pipelines.ingest.decoding import Decoder
from pipelines.ingest.importing import Candidate
from pipelines.ingest.merging import merge_packs
from pipelines.ingest.rebuild import rebuild as rebuild_warehouse
from pipelines.ingest.road import LoadOutcome
from pipelines.ingest.understanding import MONEY_COLUMNS, Understanding
from pipelines.nightly import NightResult, run_night
from pipelines.sources.bank_csv.proposal_draft import FIELDS
from pipelines.sources.source import Question, SourceError, UnknownForm
from pipelines.workplace import Workplace, open_workplace

NOT_SHOWN = {"parties", "consents"}
"""Kinds the road adds to every load; people asked for the others."""


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What the person asked for: whose files, which answers, and whether to go on without asking."""

    party: str
    answers: Mapping[str, str]
    yes: bool
    used: set[str] = field(default_factory=set)
    """Answers that some file asked for."""


def import_files(paths: list[Path], party: str, answers: list[str], *, yes: bool, refresh: bool) -> int:
    """Import files one by one; one that cannot be read does not stop the rest. 1 when any could not."""
    workplace = open_workplace()
    order = ImportOrder(party, _given(answers), yes)
    files = importing.files_under(paths)
    if not files:
        raise SourceError(f"There is no file in {', '.join(map(str, paths))}.")
    problems: list[str] = []
    with Decoder() as decoder, following("importing") as warnings:
        known = importing.known_files(workplace)
        for path in files:
            try:
                _import_one(workplace, decoder, path, order, known)
            except SourceError as error:
                problems.append(str(error))
        warnings.extend(problems)
        if not problems and (unasked := sorted(set(order.answers) - order.used - {LAYOUT})):
            warnings.append(f"--answer {', '.join(unasked)}: no file asked for it; what a file says itself is taken.")
    if refresh:
        return max(sync(full=False, accept_deletions=False), 1 if problems else 0)
    if len(problems) < len(files):
        console.print("Next: [bold]hisab sync[/] refreshes the marts and the page.")
    return 1 if problems else 0


def sync(*, full: bool, accept_deletions: bool) -> int:
    """Run the night now; 1 when something did not go through."""
    workplace = open_workplace()
    with following("sync") as warnings:
        result = run_night(workplace, full=full, accept_deletions=accept_deletions)
        warnings.extend([] if warnings else result.problems)
    _show_night(result, is_whole=not warnings)
    return 0 if result.ok and not warnings else 1


def rebuild() -> int:
    """Make the warehouse anew from landing, then the marts."""
    workplace = open_workplace()
    with Decoder() as decoder, following("rebuild"):
        rebuilt = rebuild_warehouse(workplace, decoder)
    erased = f", {rebuilt.erased} of erased people left out" if rebuilt.erased else ""
    console.print(f"Merged {rebuilt.loads} loads from landing{erased}.")
    return sync(full=False, accept_deletions=False)


def _given(answers: list[str]) -> dict[str, str]:
    given = {}
    for answer in answers:
        name, separator, value = answer.partition("=")
        if not separator:
            raise SourceError(f"--answer {answer}: write it as name=value, for example currency=BDT.")
        given[name.strip()] = value.strip()
    return given


def _import_one(
    workplace: Workplace, decoder: Decoder, path: Path, order: ImportOrder, known: set[tuple[str, str]]
) -> None:
    candidate = _prepared(workplace, decoder, path, order, known)
    if candidate is None:
        console.print(f"{escape(path.name)}: left alone.")
        return
    order.used.update(candidate.answers)
    name = escape(candidate.path.name)
    if candidate.is_known:
        console.print(f"{name}: imported before, nothing to add.")
        return
    decoder.warm()  # it imports its libraries while the file is shown or sealed
    if not order.yes:
        _show_understanding(candidate, importing.show(decoder, candidate))
        if not _confirmed(candidate.path.name):
            console.print(f"{name}: left alone.")
            return
    pack = importing.land(workplace, candidate)
    known.add((candidate.connection_id, candidate.sha256))
    outcome = merge_packs(workplace, decoder, [pack])[0]
    if outcome.problem:
        raise SourceError(f"{candidate.path.name}: {outcome.problem}")
    _show_outcome(candidate, outcome)


def _prepared(
    workplace: Workplace, decoder: Decoder, path: Path, order: ImportOrder, known: set[tuple[str, str]]
) -> Candidate | None:
    """The file ready to be shown; a table of an unknown layout is learned first, None when the person declines it."""

    def prepare() -> Candidate:
        return importing.prepare(
            workplace, decoder, path, party_label=order.party, given=order.answers, ask=_ask, known=known
        )

    try:
        return prepare()
    except UnknownForm as unknown:
        learned = learn_layout(workplace.home, decoder, path, order.answers, unknown)
        order.used.update(FIELDS)
    if learned is None:
        return None
    try:
        candidate = prepare()
    except SourceError:
        learned.unlink()
        raise
    console.print(
        f"Saved this layout as [bold]{escape(str(learned))}[/]; files like this one are recognised from now on."
    )
    return candidate


def _ask(path: Path, question: Question) -> str | None:
    if not sys.stdin.isatty():
        return None
    text = f"{escape(path.name)}: {escape(question.text)}"
    with asking():
        while problem := importing.problem_with(
            question, said := Prompt.ask(text, choices=list(question.choices) or None, console=console).strip()
        ):
            console.print(f"[yellow]![/] {escape(problem)}")
    return said


def _confirmed(name: str) -> bool:
    if not sys.stdin.isatty():
        raise SourceError(f"{name}: nobody can be asked here: add --yes to merge without asking")
    with asking():
        return Confirm.ask("Merge it?", console=console, default=True)


def _show_understanding(candidate: Candidate, found: Understanding) -> None:
    answered = ", ".join(f"{name} = {value}" for name, value in candidate.said.items())
    told = f" ({answered})" if answered else ""
    console.print(f"[bold]{escape(candidate.path.name)}[/]: {escape(_form_of(candidate))}{escape(told)}")
    shown = table(
        "Account", "Currency", "From", "To", "Rows", "Money in", "Money out", right=("Rows", "Money in", "Money out")
    )
    for (account, currency), money in sorted(found.accounts.items()):
        shown.add_row(
            escape(found.names.get(account, account)),
            currency,
            str(money.first),
            str(money.last),
            f"{money.rows:,}",
            amount(money.money_in),
            amount(-money.money_out),
        )
    console.print(shown)
    console.print(
        f"{found.rows_in:,} rows in the file, {found.rows_out:,} understood, {found.reject_count:,} set aside."
    )
    for row, column, value, reason, cure in found.rejects:
        console.print(f"  row {row}, column {escape(column)}: {escape(value)!r}: {reason}; {cure}.", soft_wrap=True)


def _form_of(candidate: Candidate) -> str:
    """The format, and the layout where it has several."""
    layout = candidate.recognised.layout
    return f"{candidate.recognised.title}, {layout.title}" if layout.name else candidate.recognised.title


def _show_outcome(candidate: Candidate, outcome: LoadOutcome) -> None:
    moved = [count for kind, count in outcome.counts.items() if kind in MONEY_COLUMNS and count.read]
    others = [count for kind, count in outcome.counts.items() if kind not in NOT_SHOWN]
    told = moved or others  # as in the preview: balances and accounts beside the movements are not counted
    merged = sum(count.merged for count in told)
    unchanged = sum(count.unchanged for count in told)
    aside = sum(count.quarantined for count in others)
    console.print(
        f"[green]✓[/] {escape(candidate.path.name)}: {escape(_form_of(candidate))}, {merged:,} new or changed, "
        f"{unchanged:,} known already, {aside:,} set aside" + (" (`hisab quarantine` says why)." if aside else ".")
    )


def _show_night(result: NightResult, *, is_whole: bool) -> None:
    shown = table("Source", "Records", "Read", "New or changed", "Known", "Set aside", "Gone", right=tuple(_NUMBERS))
    for (source, kind), numbers in sorted(result.counts.items()):
        if numbers["read"] or numbers["deleted"]:
            shown.add_row(source, kind, *(f"{numbers[name]:,}" for name in _NUMBERS.values()))
    if shown.row_count:
        console.print(shown)
    if result.published:
        console.print("Published a new version of the marts.")
        for page in result.pages:
            console.print(f"Page: [bold]{page}[/]")
    elif result.ok and is_whole:
        console.print("Nothing changed since the last publication.")
    elif result.ok:
        console.print("Nothing new was read; what was published last is still served.")


_NUMBERS = {
    "Read": "read",
    "New or changed": "merged",
    "Known": "unchanged",
    "Set aside": "quarantined",
    "Gone": "deleted",
}
