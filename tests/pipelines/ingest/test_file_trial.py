"""Trying files: what is said of them, judged by the totals they state themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.ingest.decoding import Decoder
from pipelines.ingest.file_trial import FileTrial, Verdict, families, try_files

WHOLE = """:20:T1
:25:12345678/0012345678
:28C:7/1
:60F:C260401EUR1000,00
:61:2604020402D250,50NTRFNONREF
:86:Rent, Dhanmondi
:61:2604030403C100,00NTRFNONREF
:86:Refund
:62F:C260430EUR849,50
-
"""


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder() as made:
        yield made


def tried(decoder: Decoder, path: Path, text: str) -> FileTrial:
    path.write_text(text, encoding="utf-8")
    (trial,) = try_files(decoder, [("family", path)], {})
    return trial


def test_a_statement_that_adds_up_agrees(decoder: Decoder, tmp_path: Path) -> None:
    trial = tried(decoder, tmp_path / "whole.sta", WHOLE)
    assert (trial.verdict, trial.rows, trial.reason) == (Verdict.AGREES, 2, "")


def test_a_missing_transaction_shows_by_its_exact_amount(decoder: Decoder, tmp_path: Path) -> None:
    torn = WHOLE.replace(":61:2604030403C100,00NTRFNONREF\n:86:Refund\n", "")
    trial = tried(decoder, tmp_path / "torn.sta", torn)
    assert trial.verdict is Verdict.DIFFERS
    assert "-100.00" in trial.reason


def test_what_is_set_aside_refused_or_states_nothing_is_told_apart(decoder: Decoder, tmp_path: Path) -> None:
    broken = WHOLE.replace("2604020402D250,50", "2613400402D250,50")
    assert tried(decoder, tmp_path / "broken.sta", broken).verdict is Verdict.DIFFERS
    assert tried(decoder, tmp_path / "letter.sta", "Dear customer\n").verdict is Verdict.REFUSED
    assert tried(decoder, tmp_path / "empty.sta", "").verdict is Verdict.REFUSED
    unstated = "\n".join(line for line in WHOLE.splitlines() if not line.startswith((":60", ":62"))) + "\n"
    assert tried(decoder, tmp_path / "unstated.sta", unstated).verdict is Verdict.STATES_NOTHING


def test_a_question_of_the_file_does_not_stop_a_trial(decoder: Decoder, tmp_path: Path) -> None:
    register = (
        '"Account","Flag","Date","Payee","Category Group/Category","Category Group","Category","Memo","Outflow",'
        '"Inflow","Cleared"\n"Cash","","13/04/2026","Agora","A: B","A","B","",$5.00,$0.00,"Cleared"\n'
    )
    trial = tried(decoder, tmp_path / "register.csv", register)
    assert (trial.verdict, trial.rows) == (Verdict.STATES_NOTHING, 1)


def test_families_are_the_folders_below_what_was_named(tmp_path: Path) -> None:
    nested, plain = tmp_path / "mt940" / "bank" / "a.sta", tmp_path / "b.csv"
    assert families([tmp_path], [nested, plain]) == [("mt940", nested), (tmp_path.name, plain)]
    assert families([plain], [plain]) == [(tmp_path.name, plain)]
