"""Trying files: what each would give and whether it agrees with the totals it states, keeping nothing.

A statement agrees when opening + read transactions = closing, and when the sums of money in and out that it states
are those that were read. Put here the judgement of one file and the sums over many; keep out how they are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from pipelines.ingest.decoding import Decoder, Rejects, Rows, Stretch
from pipelines.sources.source import Question, SourceError

NO_CURRENCY = "XXX"
"""ISO 4217's code for no currency: stands in where a file names none, since a trial keeps nothing."""


class Verdict(Enum):
    """What became of one file; the value is the heading people see."""

    AGREES = "agrees"
    STATES_NOTHING = "states no totals"
    DIFFERS = "differs"
    SET_ASIDE = "rows set aside"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FileTrial:
    """One file, tried.

    Attributes:
        path: The file.
        family: The folder or format it is counted under.
        verdict: What became of it.
        rows: Transactions or entries that would be merged.
        reason: Why it differs, was refused or lost rows; empty otherwise.
    """

    path: Path
    family: str
    verdict: Verdict
    rows: int = 0
    reason: str = ""


_ROW_KINDS = {"bank_transactions", "ledger_entries"}


def try_files(decoder: Decoder, found: Iterable[tuple[str, Path]], given: Mapping[str, str]) -> Iterator[FileTrial]:
    """Try each (family, file) in turn; no file stops the others."""
    for family, path in found:
        try:
            yield _tried(decoder, family, path, given)
        except SourceError as error:
            yield FileTrial(path, family, Verdict.REFUSED, reason=str(error))


def families(roots: list[Path], files: list[Path]) -> list[tuple[str, Path]]:
    """Each file with its family: the first folder below the root it lies under, else the root's own name."""
    named = []
    for path in files:
        root = next((each for each in roots if path != each and path.is_relative_to(each)), path.parent)
        inside = path.relative_to(root).parts
        named.append((inside[0] if len(inside) > 1 else root.name, path))
    return named


def _tried(decoder: Decoder, family: str, path: Path, given: Mapping[str, str]) -> FileTrial:
    if path.stat().st_size == 0:
        raise SourceError("the file is empty")
    recognised = decoder.inspect(path)
    answers = {question.name: given.get(question.name) or _stand_in(question) for question in recognised.questions}
    rows, reject_count, first_reject, judged = 0, 0, "", _Statements()
    for piece in decoder.preview(path, recognised.source, answers):
        match piece:
            case Rows(kind="statements"):
                judged.add(piece.table.to_pylist())
            case Rows(kind=kind) if kind in _ROW_KINDS:
                rows += len(piece.table)
            case Rejects():
                first_reject = first_reject or _in_words(piece.table.slice(0, 1).to_pylist()[0])
                reject_count += len(piece.table)
            case Rows() | Stretch():
                pass
    if judged.differences:
        return FileTrial(path, family, Verdict.DIFFERS, rows, judged.differences[0])
    if reject_count:
        return FileTrial(path, family, Verdict.SET_ASIDE, rows, f"{reject_count} rows, the first: {first_reject}")
    return FileTrial(path, family, Verdict.AGREES if judged.agreed else Verdict.STATES_NOTHING, rows)


def _stand_in(question: Question) -> str:
    if question.choices:
        return question.choices[0]
    return NO_CURRENCY if question.name == "currency" else question.name


def _in_words(reject: Mapping[str, Any]) -> str:
    return f"row {reject['row_no']}, column {reject['column']}: {reject['reason']}"


class _Statements:
    """The statements of one file against what they state themselves."""

    def __init__(self) -> None:
        self.agreed = 0
        self.differences: list[str] = []

    def add(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            opening, closing, total = (row[f"{name}_amount"] for name in ("opening", "closing", "transactions"))
            stated_in, stated_out = row["stated_credit_amount"], row["stated_debit_amount"]
            gaps: list[Decimal] = []
            if opening is not None and closing is not None:
                gaps.append(opening + total - closing)
            if stated_in is not None and stated_out is not None:
                gaps.append(total - (stated_in - stated_out))
            wrong = [gap for gap in gaps if gap]
            if wrong:
                self.differences.append(f"what was read and what the statement states differ by {wrong[0]:f}")
            elif gaps:
                self.agreed += 1
