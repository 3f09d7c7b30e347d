"""Trying files: what each would give and whether it agrees with the totals it states, keeping nothing.

A statement agrees when opening + read transactions = closing, and when the sums of money in and out that it states
are those that were read. Put here the judgement of one file; keep out how many are shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from pipelines.ingest.decoding import Decoder, Recognised, Rejects, Rows, Stretch
from pipelines.sources.source import Question, SourceError, UnknownForm

NO_CURRENCY = "XXX"
"""ISO 4217's code for no currency: stands in where a file names none, since a trial keeps nothing."""
PROPOSED = "proposal"
"""What a table of an unknown layout counts as read by: the profile `hisab import` would propose."""


class Verdict(Enum):
    """What became of one file; the value is the heading people see."""

    AGREES = "agree"
    """Every row was read, and the totals the file states are those that were read."""
    STATES_NOTHING = "state nothing"
    """Every row was read; the file has no two balances and no sums to hold them against."""
    CONTRADICTS = "contradict themselves"
    """Every row was read; the totals the file states are not theirs."""
    SET_ASIDE = "rows set aside"
    """Some rows could not be read, or tell of something Hisab does not keep."""
    REFUSED = "refused"
    """Nothing of the file can be used."""


@dataclass(frozen=True, slots=True)
class FileTrial:
    """One file, tried.

    Attributes:
        path: The file.
        family: The folder it is counted under.
        verdict: What became of it.
        source: The format it was recognised as, or PROPOSED; empty when it was not.
        rows: Transactions or entries that would be merged.
        sums: Their signed amounts, summed by currency code.
        reason: Why it contradicts itself, lost rows or was refused, in a few words; empty otherwise.
    """

    path: Path
    family: str
    verdict: Verdict
    source: str = ""
    rows: int = 0
    sums: Mapping[str, Decimal] = field(default_factory=dict)
    reason: str = ""


_AMOUNTS = {"bank_transactions": "transaction_amount", "ledger_entries": "entry_amount"}


def try_files(decoder: Decoder, found: Iterable[tuple[str, Path]], given: Mapping[str, str]) -> Iterator[FileTrial]:
    """Try each (family, file) in turn; no file stops the others."""
    for family, path in found:
        source = ""
        try:
            form, is_proposed = _recognised(decoder, path, given)
            source = PROPOSED if is_proposed else form.source
            answers = {question.name: _answer(question, given) for question in form.questions}
            pieces = decoder.preview(path, form.source, {**answers, **form.layout.settled})
            yield _judged(FileTrial(path, family, Verdict.STATES_NOTHING, source), pieces)
        except SourceError as error:
            yield FileTrial(path, family, Verdict.REFUSED, source, reason=_cause(str(error)))


def _recognised(decoder: Decoder, path: Path, given: Mapping[str, str]) -> tuple[Recognised, bool]:
    """What a file is, and whether that is only a proposal. Raises SourceError."""
    try:
        return decoder.inspect(path), False
    except UnknownForm as unknown:
        settled: dict[str, str] = {}
        try:
            while doubts := (proposal := decoder.propose(path, settled)).doubts:
                settled |= {doubt.name: _answer(doubt, given) for doubt in doubts}
        except SourceError:
            raise unknown from None
        return decoder.inspect(path, {"proposal.toml": proposal.text}), True


def families(roots: list[Path], files: list[Path]) -> list[tuple[str, Path]]:
    """Each file with its family: of several folders that were named the folder, of a single one the folders in it.

    A file that was named itself, or lies in no such folder, is counted under the one it lies in.
    """
    named = []
    for path in files:
        root = next((each for each in roots if path != each and path.is_relative_to(each)), path.parent)
        inside = path.relative_to(root).parts
        named.append((inside[0] if len(inside) > 1 and len(roots) == 1 else root.resolve().name, path))
    return named


def _judged(trial: FileTrial, pieces: Iterable[Rows | Rejects | Stretch]) -> FileTrial:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    rows, reject_count, first_reject, statements = 0, 0, "", _Statements()
    for piece in pieces:
        match piece:
            case Rows(kind="statements"):
                statements.add(piece.table.to_pylist())
            case Rows(kind=kind) if kind in _AMOUNTS:
                rows += len(piece.table)
                summed = piece.table.group_by("currency_code").aggregate([(_AMOUNTS[kind], "sum")]).to_pylist()
                for each in summed:
                    sums[each["currency_code"]] += each[f"{_AMOUNTS[kind]}_sum"]
            case Rejects():
                first_reject = first_reject or _in_words(piece.table.slice(0, 1).to_pylist()[0])
                reject_count += len(piece.table)
            case Rows() | Stretch():
                pass
    verdict, reason = trial.verdict, ""
    if reject_count:
        more = f", and {reject_count - 1} more" if reject_count > 1 else ""
        verdict, reason = Verdict.SET_ASIDE, first_reject + more
    elif statements.gaps:
        verdict, reason = Verdict.CONTRADICTS, f"its totals and its rows differ by {statements.gaps[0]:f}"
    elif statements.agreed:
        verdict = Verdict.AGREES
    return replace(trial, verdict=verdict, rows=rows, sums=dict(sums), reason=reason)


def _answer(question: Question, given: Mapping[str, str]) -> str:
    """What the person said; else something that lets the trial go on, since it keeps nothing."""
    stand_in = NO_CURRENCY if question.name == "currency" else next(iter(question.choices), question.name)
    return given.get(question.name) or stand_in


def _in_words(reject: Mapping[str, Any]) -> str:
    return f"row {reject['row_no']} ({reject['column']}): {_cause(reject['reason'])}"


def _cause(message: str) -> str:
    """The cause alone; what follows the semicolon is for who mends or imports the file."""
    return message.partition(";")[0].rstrip(".")


class _Statements:
    """The statements of one file against what they state themselves."""

    def __init__(self) -> None:
        self.agreed = 0
        self.gaps: list[Decimal] = []

    def add(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            opening, closing, total = (row[f"{name}_amount"] for name in ("opening", "closing", "transactions"))
            stated_in, stated_out = row["stated_credit_amount"], row["stated_debit_amount"]
            gaps: list[Decimal] = []
            if opening is not None and closing is not None:
                gaps.append(opening + total - closing)
            if stated_in is not None and stated_out is not None:
                gaps.append(total - (stated_in - stated_out))
            self.agreed += bool(gaps) and not any(gaps)
            self.gaps += [gap.normalize() for gap in gaps if gap][:1]
