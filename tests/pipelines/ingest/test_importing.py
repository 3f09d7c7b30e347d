"""A file is shown before it is kept; what was answered once is remembered."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.ingest import importing
from pipelines.ingest.decoding import Decoder
from pipelines.ingest.importing import Ask, Candidate
from pipelines.ingest.merging import merge_packs
from pipelines.sources.source import Question, SourceError
from pipelines.workplace import Workplace

REGISTER = (
    '"Account","Flag","Date","Payee","Category Group/Category","Category Group","Category","Memo","Outflow","Inflow",'
    '"Cleared"\n"Checking","","06/25/2026","Shop","Needs: Food","Needs","Food","",$1.00,$0.00,"Cleared"\n'
    '"Checking","","06/26/2026","Employer","Inflow: Ready to Assign","Inflow","Ready to Assign","",'
    '$0.00,$7.50,"Cleared"\n'
)


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder() as made:
        yield made


def nobody(_path: Path, question: Question) -> str | None:
    pytest.fail(f"asked for {question.name}")


def prepared(workplace: Workplace, decoder: Decoder, path: Path, ask: Ask = nobody) -> Candidate:
    known = importing.known_files(workplace)
    return importing.prepare(workplace, decoder, path, party_label="Amina", given={}, ask=ask, known=known)


def test_a_file_that_is_only_looked_at_leaves_no_trace(workplace: Workplace, decoder: Decoder, tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text(REGISTER)
    candidate = prepared(workplace, decoder, path, lambda _path, _question: "AED")
    shown = importing.show(decoder, candidate)
    assert (shown.rows_in, shown.rows_out, shown.reject_count) == (2, 2, 0)
    totals = shown.accounts["Checking", "AED"]
    assert (totals.money_in, totals.money_out) == (Decimal("7.5000"), Decimal("-1.0000"))
    assert list(workplace.home.connections.iterdir()) == []
    assert list(workplace.home.landing.iterdir()) == []


def test_an_answer_is_asked_for_once(workplace: Workplace, decoder: Decoder, tmp_path: Path) -> None:
    first, second = tmp_path / "register.csv", tmp_path / "later.csv"
    first.write_text(REGISTER)
    second.write_text(REGISTER.replace("06/25", "06/27"))
    candidate = prepared(workplace, decoder, first, lambda _path, _question: "AED")
    merge_packs(workplace, decoder, [importing.land(workplace, candidate)])
    again = prepared(workplace, decoder, second)
    assert again.answers == {"currency": "AED"}
    assert not again.is_known
    assert prepared(workplace, decoder, first).is_known


def test_files_are_found_in_folders_and_a_missing_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("b.csv", "a.csv", ".hidden.csv"):
        (tmp_path / "in" / name).touch()
    assert [path.name for path in importing.files_under([tmp_path / "in"])] == ["a.csv", "b.csv"]
    with pytest.raises(SourceError, match=r"missing\.csv"):
        importing.files_under([tmp_path / "missing.csv"])
