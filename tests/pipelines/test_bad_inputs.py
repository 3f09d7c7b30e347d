"""Bad input ends in one clear line, the bad row is set aside, and the rest goes on."""

from __future__ import annotations

import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from written_files import ROOT, WALLET_HEAD, Hisab, wallet_row

from pipelines.workplace import Workplace
from warehouse.lock import writer_lock


def one_line_of(done: subprocess.CompletedProcess[str]) -> str:
    """The command's complaint: no traceback, one line beside the progress."""
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith(("hisab:", "! "))]
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_an_empty_file_is_named_with_its_cure(workplace: Workplace, hisab: Hisab, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    assert "empty.csv: the file is empty" in one_line_of(hisab("import", "--yes", str(tmp_path / "empty.csv")))


def test_a_zip_bomb_named_csv_is_refused_by_its_content(workplace: Workplace, hisab: Hisab, tmp_path: Path) -> None:
    bomb = tmp_path / "records.csv"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("records.csv", b"0" * 50_000_000)
    line = one_line_of(hisab("import", "--yes", str(bomb)))
    assert "records.csv" in line
    assert "archive" in line or "zip" in line.lower()


def test_bad_rows_are_set_aside_by_row_and_column_and_good_ones_go_on(
    workplace: Workplace, hisab: Hisab, tmp_path: Path
) -> None:
    rows = [
        wallet_row("1,23,456.78"),
        wallet_row("১২৩.৪৫"),
        wallet_row("(45.00)"),
        wallet_row("1e3"),
        wallet_row("10", date="2026-02-31T10:00:00.000Z"),
        wallet_row("20", note="fine"),
    ]
    path = tmp_path / "rows.csv"
    path.write_bytes(WALLET_HEAD.encode() + "".join(rows).encode() + wallet_row("30", note="bad\xff").encode("latin-1"))
    done = hisab("import", "--yes", str(path))
    assert done.returncode == 0, done.stderr
    with workplace.warehouse("test") as con:
        merged = con.execute("select entry_amount::varchar, note from raw.ledger_entries order by 1").fetchall()
        aside = con.execute("select row_no, column_name, reason, cure from raw.quarantine order by row_no").fetchall()
    assert [row_no for row_no, *_ in aside] == [5, 6, 8]
    assert [column for _, column, *_ in aside] == ["amount", "date", "note"]
    assert all(reason and cure for *_, reason, cure in aside)
    assert sorted(amount for amount, _ in merged) == ["-123.4500", "-123456.7800", "-20.0000", "-45.0000"]
    shown = hisab("quarantine")
    assert "rows.csv" in shown.stdout
    assert "1e3" in shown.stdout


def test_a_second_writer_is_told_who_holds_the_lock(workplace: Workplace, hisab: Hisab, tmp_path: Path) -> None:
    with writer_lock(workplace.home, "a long night"):
        line = one_line_of(hisab("quarantine"))
    assert "a long night" in line
    assert "process" in line


def test_a_lost_key_says_what_is_lost_and_what_helps(workplace: Workplace, hisab: Hisab) -> None:
    (workplace.home.keys / "home.key").unlink()
    line = one_line_of(hisab("sync"))
    assert "key" in line
    assert "backup" in line


def test_no_home_says_how_to_make_one(hisab: Hisab) -> None:
    assert "hisab init" in one_line_of(hisab("sync"))


def test_a_time_zone_that_is_none_makes_no_home(hisab: Hisab, tmp_path: Path) -> None:
    for name in ("Asia/Nowhere", "Asia", "../etc", ""):
        assert "is not a time zone; use an IANA name" in one_line_of(hisab("init", "--time-zone", name))
    assert not (tmp_path / "home").exists()
    assert hisab("init", "--time-zone", "Asia/Dubai").returncode == 0
    assert "already" in one_line_of(hisab("init", "--time-zone", "Asia/Dubai"))


def register(folder: Path, date: str, amounts: str) -> Path:
    """A YNAB register of one row; `amounts` is its outflow and inflow."""
    path = folder / "register.csv"
    path.write_text(
        '"Account","Flag","Date","Payee","Category Group/Category","Category Group","Category","Memo","Outflow",'
        f'"Inflow","Cleared"\n"Checking","","{date}","Shop","A: B","A","B","",{amounts},"Cleared"\n'
    )
    return path


def test_several_unanswered_questions_are_asked_in_one_line(workplace: Workplace, hisab: Hisab, tmp_path: Path) -> None:
    line = one_line_of(hisab("import", "--yes", str(register(tmp_path, "06/05/2026", "1.00,0.00"))))
    assert "--answer date_order=day-first|month-first --answer currency=… and try again." in line


def test_an_empty_folder_an_unknown_currency_and_an_answer_nobody_asked_for_are_told(
    workplace: Workplace, hisab: Hisab, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    assert "There is no file in" in one_line_of(hisab("import", "--yes", str(tmp_path / "empty")))
    path = tmp_path / "account.qif"
    path.write_text("!Type:Bank\nD31/12/2025\nT-10.00\nPShop\n^\n")
    line = one_line_of(hisab("import", "--yes", str(path), "--answer", "currency=XQZ", "--answer", "account=Mine"))
    assert "'XQZ' is no currency; write its code of three capitals" in line
    answers = ("currency=BDT", "account=Mine", "sign=inverted")
    done = hisab("import", "--yes", str(path), *(word for answer in answers for word in ("--answer", answer)))
    assert "account.qif: QIF" in done.stdout
    assert "--answer sign: no file asked for it; what a file says itself is taken." in done.stderr


def test_an_unanswered_question_names_the_option(workplace: Workplace, hisab: Hisab, tmp_path: Path) -> None:
    line = one_line_of(hisab("import", "--yes", str(register(tmp_path, "06/25/2026", "$1.00,$0.00"))))
    assert "register.csv" in line
    assert "--answer currency=" in line


def test_a_full_disk_loses_nothing_that_was_acknowledged(workplace: Workplace, hisab: Hisab, tmp_path: Path) -> None:
    first = tmp_path / "first.csv"
    first.write_text(WALLET_HEAD + wallet_row("10"))
    assert hisab("import", "--yes", str(first)).returncode == 0
    big = tmp_path / "big.csv"
    big.write_text(
        WALLET_HEAD + "".join(wallet_row(str(number), note=f"{number * 7919:x}") for number in range(60_000))
    )

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))

    full = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "import", "--yes", str(big)],
        cwd=ROOT,
        preexec_fn=limit,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert "full" in one_line_of(full)
    assert hisab("import", "--yes", str(big)).returncode == 0
    with workplace.warehouse("test") as con:
        assert con.execute("select count(*) from raw.ledger_entries").fetchone() == (60_001,)


@pytest.mark.parametrize("answer", ["currency", "currency=bdt", "currency=$"])
def test_a_wrong_answer_is_refused(workplace: Workplace, hisab: Hisab, tmp_path: Path, answer: str) -> None:
    path = tmp_path / "register.csv"
    path.write_text(
        '"Account","Flag","Date","Payee","Category Group/Category","Category Group","Category","Memo","Outflow",'
        '"Inflow","Cleared"\n"Checking","","06/25/2026","Shop","A: B","A","B","",$1.00,$0.00,"Cleared"\n'
    )
    assert "currency" in one_line_of(hisab("import", "--yes", "--answer", answer, str(path)))
