"""A document of plain lines, one table after the other, in the font every reader has.

That font knows Latin letters only: what is written in another script is shown as question marks. The pretend service
hands the document out so that passing it on can be tried; nobody reads amounts from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipelines.sandbox.hishebi.sheets import Sheet

_LINES = 60
_WIDTH, _HEIGHT, _MARGIN, _LINE = 842, 595, 36, 9
_FIRST_PAGE = 4
"""Number of the first page's object, after the catalogue, the list of pages and the font."""


def pdf_of(sheets: Sequence[Sheet], title: str) -> bytes:
    """The document's bytes; the same sheets give the same bytes."""
    lines = [title, *(line for sheet in sheets for line in _lines_of(sheet))]
    pages = [lines[start : start + _LINES] for start in range(0, len(lines), _LINES)]
    numbers = [_FIRST_PAGE + 2 * place for place in range(len(pages))]
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(b"%d 0 R" % each for each in numbers), len(pages)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    ]
    for number, page in zip(numbers, pages, strict=True):
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Resources << /Font << /F1 3 0 R >> >> "
            b"/Contents %d 0 R >>" % (_WIDTH, _HEIGHT, number + 1),
            _stream(page),
        ]
    return _file(objects)


def _lines_of(sheet: Sheet) -> Iterator[str]:
    yield ""
    yield sheet.name
    yield "  ".join(sheet.headings)
    for row in sheet.rows:
        yield "  ".join("" if value is None else str(value) for value in row)


def _stream(lines: Sequence[str]) -> bytes:
    shown = b"".join(b"(%s) Tj T*\n" % _escaped(line) for line in lines)
    top = _HEIGHT - _MARGIN
    text = b"BT /F1 7 Tf %d TL %d %d Td\n%sET" % (_LINE, _MARGIN, top, shown)
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text)


def _escaped(line: str) -> bytes:
    plain = line.encode("cp1252", "replace")
    return (
        plain.replace(b"\\", rb"\\")
        .replace(b"(", rb"\(")
        .replace(b")", rb"\)")
        .replace(b"\n", b" ")
        .replace(b"\r", b" ")
    )


def _file(objects: Sequence[bytes]) -> bytes:
    """The objects one after the other, then the table of where each begins."""
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    return out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start)
