from __future__ import annotations

import csv
import io
import json
import re
import time
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines.outputs.query import QueryError, run_query
from warehouse.home import Home
from warehouse.keys import Keyring
from warehouse.publish import publish
from warehouse.working_file import working_file

PAYLOADS = (
    "=1+1",
    "+1",
    "-1+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1+1",
    '=HYPERLINK("http://x","y")',
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
)
BIG = Decimal("12345678901234.5678")


@pytest.fixture
def published(home: Home, keyring: Keyring) -> Home:
    with working_file(home, keyring, "test", "300MB") as con:
        con.execute("create schema wh.core")
        con.execute(
            "create table wh.core.notes (n integer, note varchar, paid_amount decimal(18, 4), paid_at timestamptz)"
        )
        rows = [(number, note, Decimal("-5.00"), None) for number, note in enumerate(PAYLOADS)]
        rows += [(90, "ভাড়া, 'মে'", BIG, "2026-03-31 20:00:00+06"), (91, None, None, None)]
        con.executemany("insert into wh.core.notes values (?, ?, ?, ?)", rows)
        publish(con, home, keyring, run_id="r1", facts={})
    return home


def ask(home: Home, keyring: Keyring, statement: str, form: str = "table", seconds: float = 60) -> str:
    out = io.StringIO()
    run_query(home, keyring, statement, form=form, stream=out, seconds=seconds)
    return out.getvalue()


def test_a_table_shows_exact_amounts_right_aligned_and_nulls(published: Home, keyring: Keyring) -> None:
    shown = ask(published, keyring, "select n, note, paid_amount from core.notes where n in (0, 90, 91) order by n")
    lines = [line.rstrip() for line in shown.splitlines()]
    assert next(line for line in lines if "90" in line).endswith("ভাড়া, 'মে'   12345678901234.5678")
    assert next(line for line in lines if " 0 " in line).endswith("            -5.0000")
    assert next(line for line in lines if "91" in line).split() == ["91", "null", "null"]
    assert lines[-1] == "3 rows"


def test_a_long_result_is_cut_with_a_word_about_it(published: Home, keyring: Keyring) -> None:
    shown = ask(published, keyring, "select * from range(201)")
    assert "The first 200 rows; there are more." in shown


def test_a_result_wider_than_the_screen_becomes_one_block_per_row(
    published: Home, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.delenv("TERM", raising=False)
    screen = Screen()
    run_query(
        published,
        keyring,
        "select n as first_number, paid_amount as a, paid_amount as b from core.notes where n = 90",
        stream=screen,
    )
    shown = re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue())
    assert "row 1" in shown
    assert max(len(line) for line in shown.splitlines()) <= 40
    assert str(BIG) in shown


def test_a_note_cannot_steer_the_terminal_and_joiners_survive(published: Home, keyring: Keyring) -> None:
    shown = ask(published, keyring, "select 'a' || chr(27) || '[31mb' as x, 'র' || chr(8205) || '্যাব' as y")
    assert "\x1b" not in shown
    assert "র\u200d্যাব" in shown


def test_csv_is_exact_and_no_text_of_it_is_a_formula(published: Home, keyring: Keyring) -> None:
    text = ask(published, keyring, "select * from core.notes order by n", "csv")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    for row, payload in zip(rows, PAYLOADS, strict=False):
        assert row["note"] == "'" + payload
        assert row["paid_amount"] == "-5.0000"
    assert rows[-2] == {"n": "90", "note": "ভাড়া, 'মে'", "paid_amount": str(BIG), "paid_at": "2026-03-31T14:00:00Z"}
    assert rows[-1] == {"n": "91", "note": "", "paid_amount": "", "paid_at": ""}


def test_a_column_name_cannot_be_a_formula_either(published: Home, keyring: Keyring) -> None:
    assert ask(published, keyring, 'select 1 as "=1+1"', "csv") == "'=1+1\n1\n"


def test_json_gives_amounts_as_strings_and_everything_else_as_it_is(published: Home, keyring: Keyring) -> None:
    rows = json.loads(ask(published, keyring, "select *, n > 90 as is_last from core.notes order by n", "json"))
    assert rows[0]["note"] == PAYLOADS[0]
    assert rows[-2]["paid_amount"] == str(BIG)
    assert rows[-2]["paid_at"] == "2026-03-31T14:00:00Z"
    assert rows[-1] == {"n": 91, "note": None, "paid_amount": None, "paid_at": None, "is_last": True}
    assert json.loads(ask(published, keyring, "select 1 as a where false", "json")) == []


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_a_file_is_written_whole_for_its_owner_only(
    published: Home, keyring: Keyring, tmp_path: Path, form: str
) -> None:
    target = tmp_path / f"out.{form}"
    target.write_text("old")
    assert run_query(published, keyring, "select * from core.notes order by n", form=form, output=target) == 15
    assert target.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    if form == "parquet":
        table = pq.read_table(target)
        assert str(table.schema.field("paid_amount").type) == "decimal128(18, 4)"
        assert table.column("paid_amount")[13].as_py() == BIG


def test_a_failing_query_leaves_the_old_file(published: Home, keyring: Keyring, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("old")
    with pytest.raises(QueryError):
        run_query(published, keyring, "select cast(note as integer) from core.notes", form="csv", output=target)
    assert target.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "out.csv"]


def test_a_folder_that_is_not_there_is_named(published: Home, keyring: Keyring, tmp_path: Path) -> None:
    with pytest.raises(QueryError, match=r"nowhere/out\.csv cannot be written: No such file or directory"):
        run_query(published, keyring, "select 1", form="csv", output=tmp_path / "nowhere" / "out.csv")


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("select paid_amoun from core.notes", r'"paid_amoun" not found.*Candidate bindings: "paid_amount"'),
        ("select * from core.note", r'Table with name note does not exist! Did you mean "notes"'),
        ("selec 1", "syntax error"),
        ("", "here are 0"),
        ("select 1; select 2", "here are 2"),
        ("drop table core.notes", "Only statements that read"),
        ("set threads = 1", "Only statements that read"),
        ("attach '/tmp/x' as x", "Only statements that read"),
        ("copy core.notes to '/tmp/x.csv'", "Only statements that read"),
        ("select * from read_csv('/etc/passwd')", "file system operations are disabled"),
    ],
)
def test_what_is_wrong_with_a_query_is_one_line(published: Home, keyring: Keyring, statement: str, says: str) -> None:
    with pytest.raises(QueryError, match=says) as caught:
        ask(published, keyring, statement)
    assert "\n" not in str(caught.value)


def test_parquet_to_the_screen_and_an_unknown_form_are_refused(published: Home, keyring: Keyring) -> None:
    with pytest.raises(QueryError, match="--output"):
        ask(published, keyring, "select 1", "parquet")
    with pytest.raises(QueryError, match="table, csv, json, parquet"):
        ask(published, keyring, "select 1", "xml")


def test_a_query_that_takes_too_long_is_stopped(published: Home, keyring: Keyring) -> None:
    began = time.monotonic()
    with pytest.raises(QueryError, match="took too long"):
        ask(published, keyring, "select sum(a.range * b.range) from range(1000000) a, range(1000000) b", seconds=0.3)
    assert time.monotonic() - began < 10


def test_without_a_stream_the_answer_goes_to_standard_output(
    published: Home, keyring: Keyring, capsys: pytest.CaptureFixture[str]
) -> None:
    run_query(published, keyring, "select 42 as answer", form="csv")
    assert capsys.readouterr().out == "answer\n42\n"
