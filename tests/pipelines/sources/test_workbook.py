"""Workbooks: cells as exact text, rows by the sheet's numbers, the right sheet, and nothing of a bomb opened."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from file_reading import WholeFile
from file_reading import decode as decoded
from hypothesis import given
from hypothesis import strategies as st
from workbooks import Cell, workbook

from pipelines.sources import archive, recognising
from pipelines.sources.bank_csv.statement_csv import BankCsvFormat
from pipelines.sources.recognising import SHEET, readable, recognised, tables_of
from pipelines.sources.source import SourceError, UnknownForm
from pipelines.sources.workbook import is_workbook, sheet_of, sheets_of

DAY, MOMENT = dt.date(2026, 7, 14), dt.datetime.fromisoformat("2026-07-14T09:30:00")
BANK: list[list[Cell]] = [
    ["Date", "Description", "Amount", "Balance"],
    [dt.date(2026, 5, 13), "Rent, Dhanmondi", -12000.5, 987654.25],
    [dt.date(2026, 5, 14), "ভাড়া", 1.25, 987655.5],
]
COMMA = """
title = "Comma bank"
delimiter = ";"
decimal_mark = "comma"
date_form = "day-first"
currency = "TND"
[columns]
booked_date = "Datum"
amount = "Betrag"
description = "Text"
"""


def lines(cells: list[list[Cell]]) -> list[str]:
    (sheet,) = sheets_of(workbook({"One": cells}))
    return sheet.text().getvalue().decode().splitlines()


def read(raw: bytes, layouts: dict[str, str] | None = None, answers: dict[str, str] | None = None) -> WholeFile:
    file = recognised(io.BytesIO(raw), layouts or {})
    given_answers = {**file.layout.settled, **(answers or {})}
    body = readable(io.BytesIO(raw), given_answers)
    return decoded(file.file_format, body, given_answers)


def test_cells_are_exact_text() -> None:
    assert lines(
        [
            ["whole", "money", "sum", "small", "large", "day", "moment", "flag", "text"],
            [75, -0.8, 0.1 + 0.2, 5e-7, 123456789.12, DAY, MOMENT, True, "007"],
            [10**15, 1.234, 1064.1999999999998, 0, 12345678901.23, dt.date(1999, 1, 2), None, False, "1.234"],
        ]
    ) == [
        "whole,money,sum,small,large,day,moment,flag,text",
        "75,-0.8,0.3,0.0000005,123456789.12,2026-07-14,2026-07-14 09:30:00,true,007",
        "1000000000000000,1.2340,1064.2,0,12345678901.23,1999-01-02,,false,1.234",
    ]


def test_numbers_among_texts_are_written_no_longer_than_they_are() -> None:
    assert lines([["a", "b"], [123456789.12, "x"], ["n/a", "y"]]) == ["a,b", "123456789.12,x", "n/a,y"]


@given(cents=st.integers(min_value=-(10**12), max_value=10**12))
def test_money_comes_out_as_it_was_typed(cents: int) -> None:
    amount = Decimal(cents).scaleb(-2)
    assert Decimal(lines([["amount", "x"], [float(amount), "y"]])[1].split(",")[0]) == amount


def test_blank_rows_and_columns_move_nothing() -> None:
    none: list[Cell] = [None] * 5
    rows = [none, none, [None, "Date", "Description", "Amount", "Balance"], none, *[[None, *row] for row in BANK[1:]]]
    (sheet,) = sheets_of(workbook({"One": rows}))
    assert sheet.rows.to_list() == [3, 5, 6]
    raw = workbook({"Notes": [["Dear customer"]], "Rows": rows})
    whole = read(raw, answers={"currency": "BDT", "account": "Main"})
    assert whole.rows("bank_transactions", "row_no", "transaction_amount", "description") == [
        (5, Decimal("-12000.5"), "Rent, Dhanmondi"),
        (6, Decimal("1.25"), "ভাড়া"),
    ]


def test_rejects_name_the_row_of_the_sheet() -> None:
    rows = [*BANK, [None] * 4, ["soon", "x", 5, None]]
    whole = read(workbook({"One": rows}), answers={"currency": "BDT", "account": "Main"})
    assert whole.rejects.select("row_no", "column").rows() == [(5, "Date")]


def test_line_ends_in_cells_and_headers_move_nothing() -> None:
    rows: list[list[Cell]] = [
        ["My\nbank"],
        ["Date", "Description", "Amount", "Balance"],
        [dt.date(2026, 5, 13), "one\ntwo", -1, 9],
        [dt.date(2026, 5, 14), "three", 1, 10],
    ]
    whole = read(workbook({"One": rows}), answers={"currency": "BDT", "account": "Main"})
    assert whole.rows("bank_transactions", "row_no", "description") == [(3, "one\ntwo"), (4, "three")]


def test_a_banks_comma_profile_reads_the_numbers_of_its_workbook() -> None:
    rows: list[list[Cell]] = [
        ["Datum", "Text", "Betrag"],
        [dt.date(2026, 5, 13), "a", -1.234],
        [dt.date(2026, 5, 14), "b", 12.5],
        [dt.date(2026, 5, 15), "c", "1.234"],
        [dt.date(2026, 5, 16), "d", "1.234,5"],
    ]
    whole = read(workbook({"One": [rows[0], *rows[1:3]]}), {"own.toml": COMMA}, {"account": "A"})
    assert whole.rows("bank_transactions", "transaction_amount") == [(Decimal("-1.234"),), (Decimal("12.5"),)]
    texts = read(workbook({"One": [rows[0], *rows[3:]]}), {"own.toml": COMMA}, {"account": "A"})
    assert texts.rows("bank_transactions", "transaction_amount") == [(Decimal(1234),), (Decimal("1234.5"),)]


def test_the_sheet_that_is_recognised_is_kept_with_the_answers() -> None:
    raw = workbook({"Cover": [["Statement of"]], "May": BANK, "Hidden": BANK}, hidden="Hidden")
    file = recognised(io.BytesIO(raw), {})
    assert (file.file_format.source, file.layout.settled[SHEET]) == ("bank_csv", "May")
    assert [question.name for question in file.questions()] == ["currency", "account"]


def test_several_sheets_of_one_form_are_a_question_and_of_several_forms_a_refusal() -> None:
    raw = workbook({"April": BANK, "May": BANK[:2]})
    file = recognised(io.BytesIO(raw), {})
    first = file.questions()[0]
    assert (first.name, first.choices) == (SHEET, ("April", "May"))
    whole = read(raw, answers={SHEET: "May", "currency": "BDT", "account": "Main"})
    assert whole.rows_read["bank_transactions"] == 1
    other: list[list[Cell]] = [["Datum", "Text", "Betrag"], [dt.date(2026, 5, 13), "a", -1.5]]
    with pytest.raises(SourceError, match=r"several kinds \(April, May\)"):
        recognised(io.BytesIO(workbook({"April": BANK, "May": other})), {"own.toml": COMMA, "b.toml": profile("Date")})


def profile(date: str) -> str:
    found = BankCsvFormat().layout(b"Date,Description,Amount,Balance\n13/05/2026,x,1.00,2.00\n")
    assert date in found.settled["profile"]
    return found.settled["profile"]


def test_a_workbook_no_format_knows_can_be_learned() -> None:
    raw = workbook({"Cover": [["Hello"]], "Book": [["When", "What", "How much"], [dt.date(2026, 1, 2), "x", 5.5]]})
    with pytest.raises(UnknownForm):
        recognised(io.BytesIO(raw), {})
    assert len(tables_of(io.BytesIO(raw))) == 2


def test_what_is_no_workbook_is_refused_with_its_cure() -> None:
    folder = io.BytesIO()
    with zipfile.ZipFile(folder, "w") as packed:
        packed.writestr("records.csv", "a,b\n1,2\n")
    for raw, words in (
        (folder.getvalue(), "ZIP archive that holds no Excel workbook; unpack it"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 2000, "cannot be opened as an Excel workbook"),
        (workbook({"One": BANK})[:-400], "archive is damaged"),
        (b"PK\x03\x04rest", "archive is damaged"),
    ):
        with pytest.raises(SourceError, match=words) as caught:
            recognised(io.BytesIO(raw), {})
        assert "\n" not in str(caught.value)


def _with_sheet(xml: bytes, *, claims: int | None = None) -> bytes:
    """A workbook whose first sheet is this XML; its directory may claim another size."""
    source, out = zipfile.ZipFile(io.BytesIO(workbook({"One": BANK}))), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in source.namelist():
            packed.writestr(name, xml if name.endswith("sheet1.xml") else source.read(name))
    raw = bytearray(out.getvalue())
    if claims is not None:
        place = raw.index(b"PK\x01\x02")
        while not raw[place + 46 :].startswith(b"xl/worksheets/sheet1.xml"):
            place = raw.index(b"PK\x01\x02", place + 4)
        raw[place + 24 : place + 28] = struct.pack("<I", claims)
    return bytes(raw)


@pytest.mark.parametrize("claims", [None, 100])
def test_a_bomb_is_not_opened_whatever_it_says_of_itself(claims: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 1 << 20)
    raw = _with_sheet(b" " * (2 << 20), claims=claims)
    with pytest.raises(SourceError, match="more than 512 MB"):
        is_workbook(raw)


def test_a_sheet_of_a_million_columns_is_refused() -> None:
    cells = b'<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>'
    xml = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%b</sheetData>'
    with pytest.raises(SourceError, match="more than 300 columns"):
        sheet_of(_with_sheet(xml % cells + b"</worksheet>"), "One")


@pytest.mark.corpus
def test_a_real_workbook_with_prefixed_elements_is_opened(corpus: Path) -> None:
    (sheet,) = sheets_of((corpus / "spendee" / "benn0r_fantasy-transactions.xlsx").read_bytes())
    assert (sheet.name, sheet.rows.to_list(), sheet.cells.width) == ("Transactions", [1, 2, 3], 9)
    assert sheet.cells.row(1)[:5] == ("2026-07-14 09:30:00", "Crystal Satchel", "Expense", "Potion Supplies", "-18.5")


def test_only_binary_files_are_taken_into_memory() -> None:
    text = io.BytesIO(b"Date,Description,Amount,Balance\n13/05/2026,x,1.00,2.00\n")
    assert recognised(text, {}).body is text
    assert recognising.readable(text, {}) is text
