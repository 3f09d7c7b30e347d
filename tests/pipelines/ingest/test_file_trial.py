"""Trying files: what is said of them, judged by the totals they state themselves."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.commands.trying import try_paths
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
    assert (trial.verdict, trial.source, trial.rows, trial.reason) == (Verdict.AGREES, "mt940", 2, "")
    assert trial.sums == {"EUR": Decimal("-150.50")}


def test_a_missing_transaction_shows_by_its_exact_amount(decoder: Decoder, tmp_path: Path) -> None:
    torn = WHOLE.replace(":61:2604030403C100,00NTRFNONREF\n:86:Refund\n", "")
    trial = tried(decoder, tmp_path / "torn.sta", torn)
    assert trial.verdict is Verdict.CONTRADICTS
    assert trial.reason == "its totals and its rows differ by -100"


def test_what_is_set_aside_refused_or_states_nothing_is_told_apart(decoder: Decoder, tmp_path: Path) -> None:
    broken = WHOLE.replace("2604020402D250,50", "2613400402D250,50")
    aside = tried(decoder, tmp_path / "broken.sta", broken)
    assert (aside.verdict, aside.rows) == (Verdict.SET_ASIDE, 1)
    assert aside.reason == "row 1 (:61: value day): there is no such day in the calendar"
    letter = tried(decoder, tmp_path / "letter.sta", "Dear customer\n")
    assert (letter.verdict, letter.source) == (Verdict.REFUSED, "")
    assert letter.reason == "the file is in none of the forms understood"
    headless = tried(decoder, tmp_path / "headless.sta", WHOLE.replace(":25:12345678/0012345678\n", ""))
    assert headless.reason == "The file looks like MT940 but names no account (:25:)"
    assert tried(decoder, tmp_path / "empty.sta", "").reason == "The file is empty"
    unstated = "\n".join(line for line in WHOLE.splitlines() if not line.startswith((":60", ":62"))) + "\n"
    assert tried(decoder, tmp_path / "unstated.sta", unstated).verdict is Verdict.STATES_NOTHING


def test_a_question_of_the_file_does_not_stop_a_trial(decoder: Decoder, tmp_path: Path) -> None:
    register = (
        '"Account","Flag","Date","Payee","Category Group/Category","Category Group","Category","Memo","Outflow",'
        '"Inflow","Cleared"\n"Cash","","13/04/2026","Agora","A: B","A","B","",$5.00,$0.00,"Cleared"\n'
    )
    trial = tried(decoder, tmp_path / "register.csv", register)
    assert (trial.verdict, trial.rows) == (Verdict.STATES_NOTHING, 1)


def test_a_table_of_an_unknown_layout_is_read_as_it_would_be_proposed(decoder: Decoder, tmp_path: Path) -> None:
    table = "Giorno;Causale;Entrate;Uscite\n13.04.2026;Affitto;;250,50\n14.04.2026;Rimborso;100,00;\n"
    trial = tried(decoder, tmp_path / "unknown.csv", table)
    assert (trial.source, trial.rows, trial.sums) == ("proposal", 2, {"XXX": Decimal("-150.50")})


def test_families_are_the_folders_that_were_named_or_lie_in_the_one_that_was(tmp_path: Path) -> None:
    nested, plain = tmp_path / "mt940" / "bank" / "a.sta", tmp_path / "b.csv"
    named = [tmp_path / "mt940", tmp_path / "qif"]
    assert families(named, [nested, named[1] / "b.qif"]) == [("mt940", nested), ("qif", named[1] / "b.qif")]
    assert families([tmp_path], [nested, plain]) == [("mt940", nested), (tmp_path.name, plain)]
    assert families([plain], [plain]) == [(tmp_path.name, plain)]


def test_the_table_counts_by_family_and_names_what_needs_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder, text in {
        "bank": WHOLE,
        "torn": WHOLE.replace("849,50", "850,50"),
        "letters": "Dear customer\n",
    }.items():
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "april.sta").write_text(text, encoding="utf-8")
    assert try_paths([tmp_path / "bank"], []) == 0
    assert try_paths([tmp_path], []) == 1
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    head = lines.index("Family Read as Files Agree State nothing Contradict themselves Rows set aside Refused Rows", 1)
    assert lines[head + 1 :] == [
        *("bank mt940 1 1 0 0 0 0 2", "letters – 1 0 0 0 0 1 0", "torn mt940 1 0 0 1 0 0 2", ""),
        *("Contradict themselves", "torn/april.sta: its totals and its rows differ by -1", ""),
        *("Refused", "letters/april.sta: the file is in none of the forms understood"),
    ]


def test_a_path_may_be_told_from_the_folder_one_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "april.sta").write_text(WHOLE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert try_paths([Path()], []) == 0
    assert try_paths([Path("april.sta")], []) == 0
