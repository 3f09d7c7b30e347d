"""Where the table of an unknown file lies: its code page, its delimiter, its header.

Put here what is told before any column has a meaning. All of it is a guess that the person sees and can change.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from pipelines.sources.bank_csv.column_words import WORDS, likeness
from pipelines.sources.bank_csv.matching import LINES_SEARCHED, plain, record_at, records, split_lines
from pipelines.sources.byte_stream import head_text, in_code_page
from pipelines.sources.source import SourceError

_DELIMITERS = ",;\t|"
_SAMPLE_ROWS = 2000
_MOST_COLUMNS = 300
_LONGER = 4
"""Cells a header may have beyond those of its rows."""
_FEWEST_NAMES = 3
"""Names a header needs to be known by them."""
_ROWS_BELOW = 5
"""Rows under a header of which one must have a day and an amount."""
_DAYS, _MONEY = ("booked_date", "value_date"), ("amount", "debit", "credit")
_NO_TABLE = "The file holds no table with days and amounts, so no profile can be proposed."

_IN_WORDS = re.compile(r"(?<=[A-Za-z])[^\x00-\x7f]|[^\x00-\x7f](?=[A-Za-z])")
_ODD_LETTERS = 1
"""Letters more that another page may give by chance."""
_RUNS = re.compile(rb"[\x80-\xff]{3,}")
_OFTEN = {"cp1256": "اليمنوربتهد", "cp1251": "оеаинтслрв", "cp1253": "αοιετσνηυρ"}
"""Letters that make up most of a text, by the code page of its script."""
_LATIN = ("cp1252", "cp1250", "cp1254", "cp1257")
_VALUE = re.compile(
    r"^(?:[A-Z]{3} ?)?[-+(]?[^\w]{0,3}\d[\d.,' /-]*\)?(?:\s?[^\W\d]{1,3}\.?)?$|^\d{1,4}[-/. ]\S{1,9}[-/. ]\d{2,4}\b"
)


@dataclass(frozen=True, slots=True)
class TableShape:
    """The table of a file.

    Attributes:
        encoding: Code page of a file that is no Unicode.
        delimiter: Between cells.
        header: The header's cells; empty where there is none.
        above: Lines above the header.
        width: Cells of a whole row.
        frame: The first rows as text, columns `0`, `1`, …; those with one filled cell left out.
        notes: Those: column and text of lines around the table.
    """

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    above: tuple[str, ...]
    width: int
    frame: pl.DataFrame
    notes: tuple[tuple[int, str], ...] = ()


def table_shape(head: bytes, fixed: Mapping[str, str], *, is_cut: bool) -> TableShape:
    """The table that begins in `head`. Raises SourceError when there is none."""
    encoding = fixed.get("encoding") or likely_code_page(head)
    try:
        lines = split_lines(head_text(head, encoding))
    except LookupError:
        raise SourceError(f"There is no code page {encoding!r}; cp1252 is one, for example.") from None
    lines = lines[:-1] if is_cut and len(lines) > 1 else lines
    delimiter = fixed.get("delimiter") or _likely_delimiter(lines)
    if len(delimiter) != 1:
        raise SourceError("The delimiter must be one character.")
    place, header, taken = _header(lines, delimiter)
    rows = records(lines, place + taken, delimiter, _SAMPLE_ROWS)
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        raise SourceError(_NO_TABLE)
    while header and not header[-1]:
        header = header[:-1]
    width = max(widths.most_common(1)[0][0], len(header))
    if width > _MOST_COLUMNS:
        raise SourceError(f"The file's table has {width} columns; a bank's has fewer than {_MOST_COLUMNS}.")
    whole = [[cell or None for cell in row[:width]] + [None] * (width - len(row)) for row in rows]
    filled = [[at for at, cell in enumerate(row) if cell] for row in whole]
    table = [row for row, places in zip(whole, filled, strict=True) if len(places) > 1]
    notes = tuple(
        (places[0], str(row[places[0]])) for row, places in zip(whole, filled, strict=True) if len(places) == 1
    )
    frame = pl.DataFrame(table, schema={str(number): pl.String for number in range(width)}, orient="row")
    return TableShape(encoding, delimiter, tuple(header), tuple(lines[:place]), width, frame, notes)


def likely_code_page(head: bytes) -> str:
    """What the bytes of a file that is no Unicode most likely are: by script, words of the header, then letters."""
    if not in_code_page(head, "cp1252"):
        return "cp1252"
    high = sum(byte > 127 for byte in head)  # noqa: PLR2004 - beyond ASCII
    if 2 * sum(len(run) for run in _RUNS.findall(head)) > high:
        scores = {page: sum(head.decode(page, "replace").count(each) for each in _OFTEN[page]) for page in _OFTEN}
        return max(scores, key=lambda page: scores[page])
    known = frozenset().union(*WORDS.values())
    heard, letters = {}, {}
    for page in _LATIN:
        text = head.decode(page, "replace")
        heard[page] = sum(plain(cell) in known for cell in re.split(r"[\r\n,;\t|]", text[:4000]))
        # inside words a page that is not theirs gives signs such as ³ and ¿ for letters
        letters[page] = sum(found[0].isalpha() for found in _IN_WORDS.finditer(text))
    gained = {page: max(letters[page] - letters[_LATIN[0]] - _ODD_LETTERS, 0) for page in _LATIN}
    return max(_LATIN, key=lambda page: (heard[page], gained[page]))


def _likely_delimiter(lines: list[str]) -> str:
    scores = {}
    for mark in _DELIMITERS:
        widths = Counter(len(row) for row in records(lines, 0, mark) if len(row) > 1)
        width, count = widths.most_common(1)[0] if widths else (1, 0)
        scores[mark] = count * (width - 1)
    if not any(scores.values()):
        raise SourceError(_NO_TABLE)
    return max(_DELIMITERS, key=lambda mark: scores[mark])


def _header(lines: list[str], delimiter: str) -> tuple[int, list[str], int]:
    """Line of the header, its cells and how many lines it takes; no cells when the first row is data already.

    A header that says what it holds is found wherever it stands, even where lines above it outnumber the rows; one in
    words nobody knows by its width, which is that of most rows.
    """
    spoken = _spoken_header(lines, delimiter)
    if spoken is not None:
        return spoken
    widths = Counter(len(row) for row in records(lines, 0, delimiter) if len(row) > 1)
    if not widths:
        raise SourceError(_NO_TABLE)
    width = widths.most_common(1)[0][0]
    for place in range(min(len(lines), LINES_SEARCHED)):
        cells, taken = record_at(lines, place, delimiter)
        filled = [cell for cell in cells if cell]
        if not width - 1 <= len(cells) <= width + _LONGER or 2 * len(filled) < width:
            continue
        if any(_VALUE.match(cell) for cell in filled):
            return place, [], 0
        return place, cells, taken
    raise SourceError(_NO_TABLE)


def _spoken_header(lines: list[str], delimiter: str) -> tuple[int, list[str], int] | None:
    """The first line that names a day and an amount and stands above a row that has both; None when there is none."""
    for place in range(min(len(lines), LINES_SEARCHED)):
        cells, taken = record_at(lines, place, delimiter)
        if any(_VALUE.match(cell) for cell in cells) or not _names_days_and_money(cells):
            continue
        below = records(lines, place + taken, delimiter, _ROWS_BELOW)
        if any(len(row) >= len(cells) - _LONGER and sum(bool(_VALUE.match(cell)) for cell in row) > 1 for row in below):
            return place, cells, taken
    return None


def _names_days_and_money(cells: list[str]) -> bool:
    days = {place for place, cell in enumerate(cells) if any(likeness(name, cell) for name in _DAYS)}
    money = {place for place, cell in enumerate(cells) if any(likeness(name, cell) for name in _MONEY)}
    return bool(days and money) and len(days | money) > 1 and sum(map(bool, cells)) >= _FEWEST_NAMES
