"""Sheets of a workbook (Excel, old and new, and OpenDocument) as the delimited text every table format reads.

Put here how a cell is written out. Keep out what a table means (each format's own module) and which sheet is taken
(`recognising`).

A number is written with a decimal point and never in a form that could be thousands (`1.234` becomes `1.2340`); a
spreadsheet's numbers have 15 significant digits, and so have these. Days are ISO 8601, without a time at midnight.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any, TypeVar

import fastexcel
import polars as pl

from pipelines.sources.archive import MOST_BYTES, open_archive
from pipelines.sources.byte_stream import NumberedText
from pipelines.sources.source import SourceError

OLD_EXCEL, ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
_BOOKS = frozenset({"xl/workbook.xml", "xl/workbook.bin"})
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.spreadsheet"
_UNREADABLE = (
    "The file cannot be opened as an Excel workbook (it may have a password); save the sheet as CSV and import that."
)
_MOST_COLUMNS = 300
_MOST_SHEETS = 60
_HEADER_SEARCHED = 50
_DIGITS = Context(prec=15)
_AMBIGUOUS = r"^(-?[1-9][0-9]{0,2}\.[0-9]{3})$"
_LONG = r"^-?[0-9]+\.[0-9]+$"
_WRITTEN_LONG = r"^-?[0-9]+\.[0-9]{1,9}$"
"""How the library writes a number among texts: with up to nine decimals, some of them beyond its digits."""
_LONGEST = 16
"""Characters of 15 digits and a point."""
_RETRIES = 4
T = TypeVar("T")


def is_workbook(raw: bytes) -> bool:
    """Whether a whole file looks like a workbook. Raises SourceError for a ZIP that may not be opened."""
    if raw.startswith(OLD_EXCEL):
        return True
    if not raw.startswith(ZIP):
        return False
    archive = open_archive(raw)
    names = {name.casefold() for name in archive.namelist()}
    if _BOOKS & names:
        return True
    return "mimetype" in names and raw[:200].find(_OPEN_DOCUMENT) > 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook.

    Attributes:
        name: As the workbook calls it.
        cells: Its rows that are not blank, as text.
        rows: Their numbers in the sheet, from 1.
    """

    name: str
    cells: pl.DataFrame
    rows: pl.Series

    def text(self, delimiter: str = ",") -> NumberedText:
        """The sheet as delimited text whose records bear the sheet's row numbers."""
        out = io.BytesIO()
        self.cells.write_csv(out, include_header=False, separator=delimiter)
        return NumberedText(out.getvalue(), self.rows)


def sheets_of(raw: bytes) -> Iterator[Sheet]:
    """Each visible sheet that is not empty, in order. Raises SourceError."""
    book = _opened(raw)
    if len(book.sheet_names) > _MOST_SHEETS:
        raise SourceError(f"The workbook has more than {_MOST_SHEETS} sheets; save the one you want as CSV.")
    for name in book.sheet_names:
        sheet = _sheet(book, name)
        if sheet is not None:
            yield sheet


def sheet_of(raw: bytes, name: str) -> Sheet:
    """One sheet. Raises SourceError when there is no such sheet, or it is empty."""
    book = _opened(raw)
    sheet = _sheet(book, name) if name in book.sheet_names else None
    if sheet is None:
        raise SourceError(f"The workbook has no sheet {name!r} with a table.")
    return sheet


def _opened(raw: bytes) -> fastexcel.ExcelReader:
    if len(raw) > MOST_BYTES:
        raise SourceError("The workbook is larger than 512 MB; export a shorter period.")
    if raw.startswith(ZIP):
        open_archive(raw)
    return _guarded(lambda: fastexcel.read_excel(raw))


def _guarded(work: Callable[[], T]) -> T:
    """The library's answer; whatever it cannot read, or panics about, is a refusal of the file."""
    try:
        return work()
    except fastexcel.UnsupportedColumnTypeCombinationError:
        raise
    except fastexcel.FastExcelError:
        raise SourceError(_UNREADABLE) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise SourceError(_UNREADABLE) from None


def _sheet(book: fastexcel.ExcelReader, name: str) -> Sheet | None:
    sheet = _guarded(lambda: book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string"))
    if sheet.visible != "visible" or not sheet.width:
        return None
    if sheet.width > _MOST_COLUMNS:
        raise SourceError(f"The sheet {name!r} has more than {_MOST_COLUMNS} columns; save what you need as CSV.")
    texts: pl.DataFrame = sheet.to_polars()
    texts.columns = [str(place) for place in range(texts.width)]
    filled = texts.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    if not filled.any():
        return None
    header = _header_row(texts)
    # A line end in the name of a column would make the text's lines others than the sheet's rows.
    named = texts[: header + 1].select(pl.all().str.replace_all(r"\s*[\r\n]+\s*", " "))
    texts = pl.concat([named, _as_typed(texts[header + 1 :], _typed(book, name, header))])
    rows = pl.int_range(1, texts.height + 1, eager=True, dtype=pl.Int64).filter(filled)
    return Sheet(name, _without_empty_end(texts.filter(filled)), rows)


def _header_row(texts: pl.DataFrame) -> int:
    """Place of the row whose cells name the columns, as far as can be told: the first of the fullest."""
    counts = texts[:_HEADER_SEARCHED].select(pl.sum_horizontal(pl.all().is_not_null())).to_series()
    return counts.arg_max() or 0


def _typed(book: fastexcel.ExcelReader, name: str, header: int) -> pl.DataFrame:
    """The rows below the header, each column in its type; without columns when they have too odd a mixture."""
    odd: dict[str | int, Any] = {}
    for _ in range(_RETRIES):
        try:
            sheet = _guarded(
                lambda: book.load_sheet(name, header_row=header, schema_sample_rows=None, dtypes=odd or None)
            )
        except fastexcel.UnsupportedColumnTypeCombinationError as error:
            odd[str(error).rpartition("for column ")[2].strip()] = "string"
        else:
            return sheet.to_polars()
    return pl.DataFrame()


def _as_typed(texts: pl.DataFrame, typed: pl.DataFrame) -> pl.DataFrame:
    """The cells below the header, written by the type of their column where all of it has one."""
    if typed.shape != texts.shape:
        typed = texts
    columns = []
    for text, column in zip(texts, typed, strict=True):
        # The library takes words such as `n/a` for nothing when it types a column.
        is_whole = column.dtype != pl.String and column.null_count() == text.null_count()
        columns.append((_written(column) if is_whole else _rounded(text, _WRITTEN_LONG)).alias(text.name))
    return pl.DataFrame(columns)


def _written(column: pl.Series) -> pl.Series:
    """A typed column as text."""
    if column.dtype == pl.Datetime:
        return column.dt.to_string("%Y-%m-%d %H:%M:%S%.f").str.strip_suffix(" 00:00:00")
    if column.dtype.is_float():
        exact = column.cast(pl.String)
        powers = exact.str.contains("e", literal=True).fill_null(value=False)
        written = exact.zip_with(~powers, _each(exact, _without_exponent)) if powers.any() else exact
        return _rounded(written.str.strip_suffix(".0"), _LONG).str.replace(_AMBIGUOUS, "${1}0")
    return column.cast(pl.String)


def _rounded(column: pl.Series, form: str) -> pl.Series:
    """The column with its long numbers, told by their form, to as many digits as a sheet's numbers have."""
    long = ((column.str.len_bytes() > _LONGEST) & column.str.contains(form)).fill_null(value=False)
    return column.zip_with(~long, _each(column, _fifteen_digits)) if long.any() else column


def _each(column: pl.Series, written: Callable[[str], str]) -> pl.Series:
    distinct = column.unique().drop_nulls()
    texts = {cell: written(cell) for cell in distinct}
    return column.replace_strict(list(texts), list(texts.values()), default=None, return_dtype=pl.String)


def _without_exponent(number: str) -> str:
    return f"{Decimal(number):f}" if "e" in number else number


def _fifteen_digits(number: str) -> str:
    """The number to 15 significant digits, when it has a fraction; other texts as they are."""
    whole, _, fraction = number.partition(".")
    if not (whole.removeprefix("-").isdecimal() and fraction.isdecimal()):
        return number
    text = f"{_DIGITS.create_decimal(number):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _without_empty_end(texts: pl.DataFrame) -> pl.DataFrame:
    """The table without the columns behind its last cell."""
    while texts.width > 1 and texts[texts.columns[-1]].null_count() == texts.height:
        texts = texts[:, :-1]
    return texts
