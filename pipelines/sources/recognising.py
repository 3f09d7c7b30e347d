"""What a file is: which format reads it, and in which form its bytes reach that format.

Put here the way from any file to a format: text as it is, a workbook sheet by sheet, other binary files as they are.
Keep out how a sheet becomes text (`workbook`) and which formats there are (`registry`).

The sheet that was read is kept among the answers, so that `hisab rebuild` reads the same one for good.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO

from pipelines.sources import registry, workbook
from pipelines.sources.archive import whole_file
from pipelines.sources.byte_stream import HEAD_BYTES, is_no_text
from pipelines.sources.source import (
    BinaryFormat,
    FileFormat,
    FoundLayout,
    LayoutFormat,
    Question,
    SourceError,
    UnknownForm,
)

SHEET = "sheet"
"""Name of the answer that says which sheet of a workbook is read."""
_DELIMITERS = (",", ";", "\t")
_DELIMITER = "sheet_delimiter"
"""Name of the answer that says what stands between the sheet's cells: that of the bank's text files."""


@dataclass(frozen=True, slots=True)
class RecognisedFile:
    """A file and what reads it.

    Attributes:
        file_format: The format.
        layout: Which of its layouts, and the answers that are settled by that.
        body: The bytes the format reads.
        sheets: Sheets of a workbook that are of this format, when there are several.
    """

    file_format: FileFormat
    layout: FoundLayout
    body: BinaryIO
    sheets: tuple[str, ...] = ()

    def questions(self) -> list[Question]:
        """What the file leaves open. Raises SourceError."""
        asked = self.file_format.questions(self.body)
        if self.sheets:
            text = "Several sheets of the workbook hold such a table; which one is it? Save the others as files of own."
            asked.insert(0, Question(SHEET, text, self.sheets))
        return asked


def recognised(body: BinaryIO, layouts: Mapping[str, str]) -> RecognisedFile:
    """What a file is.

    Args:
        body: The file at its beginning; it is sought.
        layouts: Layouts a person wrote or confirmed: texts by file name.

    Raises:
        UnknownForm: the file, or every sheet of it, is in no form understood.
        SourceError: the file is no text and no format takes it, or its sheets are of several formats.
    """
    head = body.read(HEAD_BYTES)
    body.seek(0)
    if is_no_text(head):
        for each in registry.file_formats():
            if isinstance(each, BinaryFormat) and each.takes(body):
                body.seek(0)
                return RecognisedFile(each, FoundLayout("", each.title, {}), body)
            body.seek(0)
        raw = whole_file(body)
        body.seek(0)
        if workbook.is_workbook(raw):
            return _in_workbook(raw, layouts)
    return _as_text(head, body, layouts)


def readable(body: BinaryIO, answers: Mapping[str, str]) -> BinaryIO:
    """The bytes the format reads: those of the sheet among the answers, else the file's own. Raises SourceError."""
    if SHEET not in answers:
        return body
    return workbook.sheet_of(whole_file(body), answers[SHEET]).text(answers.get(_DELIMITER, ","))


def tables_of(body: BinaryIO) -> list[BinaryIO]:
    """Every table a file may hold, for which a layout can be proposed: its sheets, or the file. Raises SourceError."""
    head = body.read(HEAD_BYTES)
    body.seek(0)
    if is_no_text(head):
        raw = whole_file(body)
        body.seek(0)
        if workbook.is_workbook(raw):
            return [sheet.text() for sheet in workbook.sheets_of(raw)]
    return [body]


def _as_text(head: bytes, body: BinaryIO, layouts: Mapping[str, str]) -> RecognisedFile:
    file_format = registry.recognise(head, layouts)
    if isinstance(file_format, LayoutFormat):
        return RecognisedFile(file_format, file_format.layout(head), body)
    return RecognisedFile(file_format, FoundLayout("", file_format.title, {}), body)


def _in_workbook(raw: bytes, layouts: Mapping[str, str]) -> RecognisedFile:
    """The sheet that is of a known form; the first of several of one form. Raises SourceError."""
    found: dict[str, RecognisedFile] = {}
    unknown: UnknownForm | None = None
    for sheet in workbook.sheets_of(raw):
        try:
            found[sheet.name] = _as_table(sheet, layouts)
        except UnknownForm as error:
            unknown = error
    if not found:
        raise unknown or SourceError("The workbook has no sheet with a table; export it again.")
    name, first = next(iter(found.items()))
    forms = {(each.file_format.source, each.layout.name) for each in found.values()}
    if len(forms) > 1:
        raise SourceError(f"The workbook has tables of several kinds ({', '.join(found)}); save each as a file of own.")
    return replace(first, sheets=tuple(found)) if len(found) > 1 else _settled(first, SHEET, name)


def _as_table(sheet: workbook.Sheet, layouts: Mapping[str, str]) -> RecognisedFile:
    """What a sheet is; a bank's layout may know it by another delimiter. Raises SourceError."""
    for delimiter in _DELIMITERS[:-1]:
        with contextlib.suppress(UnknownForm):
            return _delimited(sheet, delimiter, layouts)
    return _delimited(sheet, _DELIMITERS[-1], layouts)


def _delimited(sheet: workbook.Sheet, delimiter: str, layouts: Mapping[str, str]) -> RecognisedFile:
    text = sheet.text(delimiter)
    head = text.read(HEAD_BYTES)
    text.seek(0)
    file = _as_text(head, text, layouts)
    return file if delimiter == _DELIMITERS[0] else _settled(file, _DELIMITER, delimiter)


def _settled(file: RecognisedFile, name: str, answer: str) -> RecognisedFile:
    return replace(file, layout=replace(file.layout, settled={**file.layout.settled, name: answer}))
