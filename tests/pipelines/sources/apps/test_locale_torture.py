"""Every app's CSV in every locale: digits, marks, scripts, encodings, line ends, ragged rows, doubled headers."""

from __future__ import annotations

import codecs
import datetime as dt
import io
import json
from collections.abc import Mapping
from decimal import Decimal

import pytest
from app_samples import SAMPLES, Sample
from file_reading import WholeFile, asked, decode

from pipelines.sources import registry
from pipelines.sources.recognising import readable, recognised
from pipelines.sources.source import LayoutFormat

NO_TABLES_OF_PEOPLE = {"hisab_csv", "money_manager_backup"}
"""What Hisab writes itself has one form only, and a backup is a database."""

each_app = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.source)

BANGLA, ARABIC = str.maketrans("0123456789", "০১২৩৪৫৬৭৮৯"), str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
TEXTS = (
    "শুক্রবারের বাজার, চাল ও ডাল",
    "بقالة \u200fالحي\u200e – راتب شهر مارس",
    "CafÃ© Â® â‚¬",
    "Żabka, Příliš žluťoučký",
    'say "milk" and\neggs',
    "🥦 weekly",
    "'=1+1",
)


def test_every_apps_csv_has_its_sample_here() -> None:
    tables = {
        each.source
        for each in registry.file_formats()
        if "ledger_entries" in each.kinds and (".apps." in type(each).__module__ or isinstance(each, LayoutFormat))
    }
    assert tables - NO_TABLES_OF_PEOPLE <= {sample.source for sample in SAMPLES}


def read(sample: Sample, body: str | bytes, **answers: str) -> WholeFile:
    """What a file gives that leaves nothing open but what the sample answers."""
    raw = body.encode() if isinstance(body, str) else body
    given = {**sample.answers, **answers}
    assert set(asked(sample.file_format, raw)) <= set(given)
    return decode(sample.file_format, raw, given)


def amounts_of(sample: Sample, whole: WholeFile) -> list[Decimal]:
    ordered = whole.frames["ledger_entries"].sort("row_no", maintain_order=True)
    return [sample.sign * amount for amount in ordered["entry_amount"]]


def texts_of(sample: Sample, whole: WholeFile) -> list[str]:
    return whole.frames["ledger_entries"].sort("row_no", maintain_order=True)[sample.kept].to_list()


def rows(sample: Sample, column: str, *values: str) -> list[Mapping[str, str]]:
    """A change per value; ids differ, days prove their order."""
    ids = {name: None for name in ("journal_id", "NO.") if name in sample.row}
    return [{column: value, **dict.fromkeys(ids, str(number))} for number, value in enumerate(values, start=1)]


@each_app
def test_the_sample_itself_is_read(sample: Sample) -> None:
    whole = read(sample, sample.table({}))
    assert whole.rejects.is_empty()
    assert amounts_of(sample, whole) == [Decimal("12.34")]
    assert whole.rows("ledger_entries", "entry_date", "currency_code") == [(dt.date(2026, 3, 25), "USD")]
    assert recognised(io.BytesIO(sample.table({}).encode()), sample.layouts).file_format.source == sample.source


@each_app
def test_lakh_grouping_and_digits_of_other_scripts(sample: Sample) -> None:
    written = {
        "1,23,45,678.90": "12345678.90",
        "1,234.50": "1234.5",
        "0.5": "0.5",
        "77": "77",
        "1,23,456.78".translate(BANGLA): "123456.78",
        "٤٥٦٫٧": "456.7",
        "١٬٢٣٤٫٥٠": "1234.5",
        "۱۲۳.۴۵": "123.45",
    }
    whole = read(sample, sample.table(*rows(sample, sample.amount, *written)))
    assert whole.rejects.is_empty()
    assert amounts_of(sample, whole) == [Decimal(value) for value in written.values()]


@each_app
def test_a_decimal_comma_is_found_for_the_whole_file(sample: Sample) -> None:
    written = {"1.234,50": "1234.5", "12,30": "12.3", "1.234.567,89": "1234567.89", "5": "5", "1 234,5": "1234.5"}
    whole = read(sample, sample.table(*rows(sample, sample.amount, *written)))
    assert whole.rejects.is_empty()
    assert amounts_of(sample, whole) == [Decimal(value) for value in written.values()]


@each_app
def test_a_mark_that_contradicts_the_file_is_never_read_the_other_way(sample: Sample) -> None:
    body = sample.table(*rows(sample, sample.amount, "1,234.50", "2.345,60", "7.50"))
    assert "decimal_mark" in asked(sample.file_format, body.encode())
    whole = decode(sample.file_format, body.encode(), {**sample.answers, "decimal_mark": "point"})
    assert amounts_of(sample, whole) == [Decimal("1234.5"), Decimal("7.5")]
    assert whole.rejects["column"].to_list() == [sample.amount] or whole.rejects["row_no"].to_list() == [3]


@each_app
@pytest.mark.parametrize("digits", [BANGLA, ARABIC], ids=["bangla", "arabic"])
def test_days_in_digits_of_other_scripts(sample: Sample, digits: dict[int, int]) -> None:
    day = sample.row[sample.date].translate(digits)
    whole = read(sample, sample.table({sample.date: day}))
    assert whole.rows("ledger_entries", "entry_date") == [(dt.date(2026, 3, 25),)]


@each_app
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
    ],
    ids=["UTF-8", "UTF-8 with mark", "UTF-16 LE", "UTF-16 BE"],
)
def test_texts_survive_every_form_of_unicode(sample: Sample, encoding: str, mark: bytes, end: str) -> None:
    body = mark + sample.table(*rows(sample, sample.text, *TEXTS), end=end).encode(encoding)
    assert recognised(io.BytesIO(body), sample.layouts).file_format.source == sample.source
    whole = read(sample, body)
    assert whole.rejects.is_empty()
    assert texts_of(sample, whole) == list(TEXTS)
    assert amounts_of(sample, whole) == [Decimal("12.34")] * len(TEXTS)


@each_app
@pytest.mark.parametrize(
    ("page", "texts"),
    [
        ("cp1250", ("Żabka", "zakupy spożywcze", "Łódź było")),
        ("cp1250", ("Příliš žluťoučký kůň", "Česká spořitelna")),
        ("cp1256", ("البقالة", "راتب شهر مارس")),
        ("cp1252", ("Büro", "Straße")),
    ],
    ids=["Polish", "Czech", "Arabic", "German"],
)
def test_windows_code_pages_are_read_where_they_are_sure(sample: Sample, page: str, texts: tuple[str, ...]) -> None:
    body = sample.table(*rows(sample, sample.text, *texts)).encode(page)
    found = recognised(io.BytesIO(body), sample.layouts)
    if sample.source == "ledger_csv":
        pytest.skip("a profile names its code page")
    assert found.layout.settled == {"encoding": page}
    assert {question.name for question in found.questions()} <= set(sample.answers)
    answers = {**sample.answers, **found.layout.settled}
    pieces = list(found.file_format.read(readable(io.BytesIO(body), answers), answers))
    frames = [batch.frame for piece in pieces for batch in piece.batches if batch.kind == "ledger_entries"]
    assert [text for frame in frames for text in frame[sample.kept]] == list(texts)
    assert all(piece.rejects.is_empty() for piece in pieces)


@each_app
def test_a_code_page_that_is_not_sure_is_asked(sample: Sample) -> None:
    if sample.source == "ledger_csv":
        pytest.skip("a profile names its code page")
    body = sample.table({sample.text: "crème brûlée"}).encode("cp1252")
    assert recognised(io.BytesIO(body), sample.layouts).questions()[0].name == "encoding"


@each_app
def test_a_damaged_byte_sets_its_row_aside_only(sample: Sample) -> None:
    if sample.source == "ledger_csv":
        pytest.skip("a profile's code page gives every byte a meaning")
    lines = rows(sample, sample.text, "ডাল", "bad", "চাল")
    whole = read(sample, sample.table(*lines).encode().replace(b"bad", b"\xff\xfe"))
    assert texts_of(sample, whole) == ["ডাল", "চাল"]
    assert whole.rejects["row_no"].to_list() == [3]


@each_app
def test_ragged_rows_are_set_aside_or_whole_and_never_shifted(sample: Sample) -> None:
    lines = sample.table(*rows(sample, sample.text, "one", "two", "three", "four")).splitlines()
    lines[2] = lines[2].rsplit(sample.delimiter, len(sample.row) // 2)[0]
    lines[3] += f"{sample.delimiter}too{sample.delimiter}much"
    whole = read(sample, "\n".join(lines) + "\n")
    assert set(texts_of(sample, whole)) <= {"one", "two", "four"}
    assert {"one", "four"} <= set(texts_of(sample, whole))
    assert 4 in whole.rejects["row_no"].to_list()
    assert whole.frames["ledger_entries"].height + whole.rejects.height == 4


@each_app
def test_a_doubled_header_keeps_both_cells(sample: Sample) -> None:
    if sample.by_place:
        pytest.skip("its columns are known by their place, two of them by one name")
    # Money Lover's columns go by several names each.
    name = sample.text if sample.source != "money_lover" else "Event"
    whole = read(sample, sample.table({sample.text: "first"}, more=(name, "Extra")))
    assert texts_of(sample, whole) == ["first"]
    extra = json.loads(whole.frames["ledger_entries"]["extra"][0])
    assert {f"more {name}", "more Extra"} <= set(extra.values())


@each_app
def test_texts_that_look_like_the_file_are_texts(sample: Sample) -> None:
    header = sample.delimiter.join(sample.row)
    odd = (header, "-1,5", "NULL", "#N/A", "\u202e reversed", " spaced ")
    whole = read(sample, sample.table(*rows(sample, sample.text, *odd)))
    assert [str(text).strip() for text in texts_of(sample, whole)] == [text.strip() for text in odd]
