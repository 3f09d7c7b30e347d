"""What a file is: which format reads it, and in which form its bytes reach that format.

Put here the way from any file to a format: text as it is, a workbook sheet by sheet, other binary files as they are.
Keep out how a sheet becomes text (`workbook`) and which formats there are (`registry`).

The sheet that was read is kept among the answers, so that `hisab rebuild` reads the same one for good.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO, cast

from pipelines.sources import registry, workbook
from pipelines.sources.archive import whole_file
from pipelines.sources.byte_stream import HEAD_BYTES, is_no_text
from pipelines.sources.code_pages import CODE_PAGES, InCodePage, code_pages_of
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
ENCODING = "encoding"
"""Name of the answer that says which code page a table that is no Unicode is in."""
_DELIMITERS = (",", ";", "\t")
_KNOWS_ITS_CODE_PAGE = {"bank_transactions"}
"""Kinds whose files say or imply it: bank statements."""
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
        code_pages: Code pages the file may be in, when it is no Unicode and its bytes leave it open.
    """

    file_format: FileFormat
    layout: FoundLayout
    body: BinaryIO
    sheets: tuple[str, ...] = ()
    code_pages: tuple[str, ...] = ()

    def questions(self) -> list[Question]:
        """What the file leaves open. Raises SourceError."""
        asked = self.file_format.questions(self.body)
        if self.code_pages:
            text = "The file is no Unicode; which Windows code page is it in? Export it as UTF-8 if you can."
            asked.insert(0, Question(ENCODING, text, self.code_pages))
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
        return _in_unicode(body, answers[ENCODING]) if ENCODING in answers else body
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
    file = RecognisedFile(file_format, FoundLayout("", file_format.title, {}), body)
    if _KNOWS_ITS_CODE_PAGE & set(file_format.kinds):
        return file
    pages = code_pages_of(body)
    body.seek(0)
    if not pages:
        return file
    # What is asked beside the code page hangs on no letter beyond ASCII.
    read = replace(file, body=_in_unicode(body, pages[0]))
    return replace(read, code_pages=pages) if len(pages) > 1 else _settled(read, ENCODING, pages[0])


def _in_unicode(body: BinaryIO, page: str) -> BinaryIO:
    if page not in CODE_PAGES:
        raise SourceError(f"The answer {ENCODING}={page!r} is not one of {', '.join(CODE_PAGES)}.")
    return cast("BinaryIO", InCodePage(body, page))


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
