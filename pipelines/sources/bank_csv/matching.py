"""Where a profile's table lies in a file: its header, its columns and what the lines above say.

Put here how a file is held against a profile. Every name of a header must be known to the profile, because a column
it does not know may change what the others mean; so a profile fits its own layout and no neighbour's. A file without
a header fits when its first rows read as the profile says. File names say nothing.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import polars as pl

from pipelines.sources.bank_csv.profile import POSITION, Profile
from pipelines.sources.bank_csv.written_days import plain_days
from pipelines.sources.byte_stream import HEAD_BYTES, head_text
from pipelines.sources.date_text import DateOrder, parse_days
from pipelines.sources.delimited import Shape, column_names
from pipelines.sources.money_text import DecimalMark, parse_money

LINES_SEARCHED = 50
"""Lines among which the header must lie."""

_SAMPLE = 200
"""Rows by which the number of columns is told."""
_FIT = 0.8
"""Share of the first rows that must read well where there is no header."""

_CURRENCY = "{currency}"


@dataclass(frozen=True, slots=True)
class Layout:
    """A profile, found in a file.

    Attributes:
        profile: The profile.
        shape: Where the table lies.
        columns: For each field of the profile, the names of its columns in the table; optional ones may lack.
        header_currency: ISO 4217 code that the header names, or empty.
        above: For each label of the preamble, the text behind it.
        weight: How many names of the header the profile knows; the one that knows most fits best.
    """

    profile: Profile
    shape: Shape
    columns: dict[str, tuple[str, ...]]
    header_currency: str = ""
    above: dict[str, str] = field(default_factory=dict)
    weight: int = 0

    def column(self, name: str) -> str:
        """The column of a field that has at most one; empty when the file lacks it."""
        return next(iter(self.columns.get(name, ())), "")


def split_lines(text: str) -> list[str]:
    """Physical lines, however they end."""
    return re.split(r"\r\n|\r|\n", text)


def record_at(lines: Sequence[str], start: int, delimiter: str) -> tuple[list[str], int]:
    """The cells of the record that begins on a line, and how many lines it takes."""
    reader = csv.reader((f"{lines[place]}\n" for place in range(start, len(lines))), delimiter=delimiter)
    try:
        return [cell.strip() for cell in next(reader, [])], max(reader.line_num, 1)
    except csv.Error:
        return [], 1


def records(lines: Sequence[str], start: int, delimiter: str, most: int = _SAMPLE) -> list[list[str]]:
    """Cells of the records from a line on, blank lines left out."""
    found: list[list[str]] = []
    place = start
    while place < len(lines) and len(found) < most:
        cells, taken = record_at(lines, place, delimiter)
        if any(cells):
            found.append(cells)
        place += taken
    return found


def locate(profile: Profile, head: bytes) -> Layout | None:
    """Where the profile's table lies in a file that begins with `head`; None when it does not fit."""
    lines = _lines(head, profile.encoding)
    if profile.width:
        return _without_header(profile, lines)
    wanted = _references(profile)
    for place in range(min(len(lines), LINES_SEARCHED)):
        if profile.delimiter not in lines[place]:
            continue
        cells, taken = record_at(lines, place, profile.delimiter)
        matched = _matched(wanted, cells)
        if matched is not None:
            return _layout(profile, lines, place, taken, cells, matched)
    return None


@lru_cache(maxsize=8)
def _lines(head: bytes, code_page: str) -> list[str]:
    lines = split_lines(head_text(head, code_page))
    # The last line of a long file's beginning is cut.
    return lines[:-1] if len(head) == HEAD_BYTES and len(lines) > 1 else lines


def plain(name: str) -> str:
    """A name as it is compared: without case, doubled spaces, and the commas some banks leave behind it."""
    return re.sub(r"\s+", " ", name).strip(" ,;\"'\ufeff").casefold()


def _references(profile: Profile) -> dict[str, tuple[str, ...]]:
    """Every column the profile names, rules of rows included, under a field; `other` ones may lack."""
    wanted = profile.columns.fields()
    return wanted | {f"rule {place}": (rule.column,) for place, rule in enumerate(profile.rows)}


def _alternatives(reference: str) -> tuple[list[str], bool]:
    """The names a reference stands for, and whether the file may lack it."""
    optional = reference.endswith("?")
    return [plain(name) for name in reference.rstrip("?").split(" | ")], optional


def _hit(name: str, cell: str) -> str | None:
    """Whether a header cell is a name: the currency in it, an empty text, or None for no."""
    if _CURRENCY not in name:
        return "" if name == cell else None
    before, _, after = name.partition(_CURRENCY)
    match = re.fullmatch(rf"{re.escape(before)}([a-z]{{3}}){re.escape(after)}", cell)
    return match[1].upper() if match else None


def _matched(wanted: dict[str, tuple[str, ...]], cells: list[str]) -> tuple[dict[str, tuple[int, ...]], str] | None:
    """Places of each field's columns and the currency named; None when the header is not the profile's."""
    header = [plain(cell) for cell in cells]
    known = {place for place, cell in enumerate(header) if not cell}
    if len(known) == len(header):
        return None
    places: dict[str, tuple[int, ...]] = {}
    currency = ""
    for field_name, references in wanted.items():
        found: list[int] = []
        for reference in references:
            position = POSITION.fullmatch(reference)
            if position:
                found.append(int(position[1]) - 1)
                continue
            names, optional = _alternatives(reference)
            hits = [(place, code) for place, cell in enumerate(header) for name in names
                    if (code := _hit(name, cell)) is not None]  # fmt: skip
            if not hits and not (optional or field_name == "other"):
                return None
            known.update(place for place, _ in hits)
            found += [place for place, _ in hits[:1]]
            currency = next((code for _, code in hits if code), currency)
        places[field_name] = tuple(found)
    known.update(place for found in places.values() for place in found)
    return (places, currency) if known >= set(range(len(header))) else None


def _layout(
    profile: Profile,
    lines: list[str],
    place: int,
    taken: int,
    cells: list[str],
    matched: tuple[dict[str, tuple[int, ...]], str],
) -> Layout | None:
    places, currency = matched
    sample = records(lines, place + taken, profile.delimiter)
    while cells and not cells[-1]:
        cells = cells[:-1]
    widths = Counter(len(row) for row in sample)
    width = max(len(cells), widths.most_common(1)[0][0] if widths else 0)
    if any(each >= width for found in places.values() for each in found):
        width = max(width, 1 + max(each for found in places.values() for each in found))
    names = tuple(column_names([*(cell.strip(" ,;=") for cell in cells), *[None] * (width - len(cells))]))
    return Layout(
        profile,
        Shape(profile.delimiter, place + taken, names),
        {name: tuple(names[each] for each in found) for name, found in places.items()},
        currency,
        labelled(profile, lines[:place]),
        weight=len(cells),
    )


def labelled(profile: Profile, lines: Sequence[str]) -> dict[str, str]:
    """What the lines above the header say behind the preamble's labels."""
    found: dict[str, str] = {}
    for line in lines:
        cells, _ = record_at([line], 0, profile.delimiter)
        text = " ".join(cells).strip()
        for name in type(profile.preamble).model_fields:
            for label in filter(None, getattr(profile.preamble, name).split(" | ")):
                rest = text[len(label) :].strip(" \t:;,=\"'")
                if name not in found and rest and text.casefold().startswith(label.casefold()):
                    found[name] = rest
    return found


def _without_header(profile: Profile, lines: list[str]) -> Layout | None:
    rows = records(lines, 0, profile.delimiter, LINES_SEARCHED)
    whole = [row for row in rows if len(row) == profile.width]
    if not whole or len(whole) < _FIT * len(rows):
        return None
    names = tuple(column_names([None] * profile.width))
    columns = {
        name: tuple(names[int(reference.removeprefix("#")) - 1] for reference in references)
        for name, references in _references(profile).items()
    }
    layout = Layout(profile, Shape(profile.delimiter, 0, names), columns)
    return layout if _reads_well(layout, whole) else None


def _reads_well(layout: Layout, rows: list[list[str]]) -> bool:
    """Whether days, amounts, currencies and indicator words stand where the profile says, in most rows."""
    frame = pl.DataFrame(rows, schema=dict.fromkeys(layout.shape.names, pl.String), orient="row")
    profile = layout.profile
    order = DateOrder.MONTH_FIRST if profile.date_form == "month-first" else DateOrder.DAY_FIRST
    good = pl.repeat(value=True, n=frame.height, eager=True, dtype=pl.Boolean)
    for name in ("booked_date", "value_date"):
        for column in layout.columns.get(name, ()):
            days = parse_days(plain_days(frame[column], profile), order).values
            good &= days.is_not_null() | ((frame[column] == "") & (name != "booked_date"))
    amounts = pl.repeat(value=False, n=frame.height, eager=True, dtype=pl.Boolean)
    for name in ("amount", "debit", "credit", "balance"):
        for column in layout.columns.get(name, ()):
            read = parse_money(frame[column], DecimalMark(profile.decimal_mark or "point")).values
            good &= read.is_not_null() | (frame[column].str.strip_chars() == "")
            amounts |= read.is_not_null() & (name != "balance")
    for column in layout.columns.get("currency", ()):
        good &= frame[column].str.contains("^[A-Z]{3}$")
    for column in layout.columns.get("indicator", ()):
        words = [word.casefold() for word in (*profile.words.debit, *profile.words.credit)]
        good &= frame[column].str.to_lowercase().is_in(words)
    unnamed = set(layout.shape.names) - {column for found in layout.columns.values() for column in found}
    for column in unnamed:
        good &= frame[column].str.strip_chars() == ""
    return int((good & amounts).sum()) >= _FIT * frame.height
