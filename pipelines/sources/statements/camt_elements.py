"""ISO 20022 account reports (camt.052, 053, 054) as a stream of their parts, in bounded memory.

Put here XML. Keep out what a part means (`camt_entries`). A part is the flat form of one element: texts by the path
of their tags, without namespaces, attributes after an `@` (`Amt@Ccy`). Entities of the file's own are refused.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from pipelines.sources.byte_stream import HEAD_BYTES, refuse_what_is_no_text
from pipelines.sources.source import SourceError
from pipelines.sources.statements.statement_text import single_spaced

REPORTS = {"Stmt": "053", "Rpt": "052", "Ntfctn": "054"}
"""The elements that hold what is said of one account, and the message they belong to."""
_MESSAGE = "BkToCstmr"
_DEEPEST = 100
"""Levels of elements; more is no bank's file."""
_LONGEST = 1 << 20
"""Bytes between two tags; more is a damaged file."""

Leaves = dict[str, str]


@dataclass(slots=True)
class Piece:
    """One part of a report: its tag, its texts, and for an entry the texts of each of its transactions.

    `report` is the tag of the report it is in (Stmt, Rpt, Ntfctn); the part with that tag ends the report.
    """

    report: str
    tag: str
    leaves: Leaves = field(default_factory=dict)
    details: list[Leaves] = field(default_factory=list)


class _Replayed(io.RawIOBase):
    """A file whose first bytes have been looked at; reading it on and on without a tag is an error.

    Attributes:
        silent: Bytes read since the last tag; whoever reads the tags sets it back.
    """

    def __init__(self, head: bytes, body: BinaryIO) -> None:
        super().__init__()
        self._head, self._body, self.silent = head, body, 0

    def read(self, size: int = -1) -> bytes:
        if self.silent > _LONGEST:
            raise SourceError("A text in the file never ends, so the file is damaged; download it again.")
        head, self._head = self._head, b""
        piece = head or self._body.read(size)
        self.silent += len(piece)
        return piece


def pieces(body: BinaryIO) -> Iterator[Piece]:
    """The parts of every report, in order; each report ends with a part of its own tag.

    Raises:
        SourceError: the file is empty or no text, its XML is damaged, or it declares entities of its own.
    """
    head = body.read(HEAD_BYTES)
    refuse_what_is_no_text(head)
    try:
        yield from _walk(_Replayed(head, body))
    except ParseError as error:
        line = f" near line {error.position[0]}" if hasattr(error, "position") else ""
        raise SourceError(f"The file's XML is damaged{line}; download it again.") from None
    except DefusedXmlException:
        raise SourceError(
            "The file declares XML entities of its own, which no statement needs; Hisab refuses it."
        ) from None
    except (LookupError, ValueError):
        raise SourceError("The file's XML is in an encoding Hisab cannot read; save it as UTF-8.") from None


def _walk(body: _Replayed) -> Iterator[Piece]:
    above: list[tuple[str, Element]] = []
    report = 0
    details: list[Leaves] = []
    for event, element in defusedxml.ElementTree.iterparse(body, events=("start", "end")):
        body.silent = 0
        if event == "start":
            above.append((element.tag.rpartition("}")[2], element))
            if len(above) > _DEEPEST:
                raise SourceError("The file's XML is nested deeper than any statement; download it again.")
            if not report and _begins_report(above):
                report = len(above)
            continue
        level, tag = len(above), above.pop()[0]
        if report and level == report:
            yield Piece(tag, tag)
            report = 0
        elif report and level == report + 1:
            yield Piece(above[report - 1][0], tag, _leaves(element), details)
            details = []
        elif report and tag == "TxDtls":
            details.append(_leaves(element))
        elif report:
            # It is read with the part it belongs to.
            continue
        if above:
            above[-1][1].remove(element)


def _begins_report(above: list[tuple[str, Element]]) -> bool:
    return above[-1][0] in REPORTS and len(above) > 1 and above[-2][0].startswith(_MESSAGE)


def _leaves(element: Element) -> Leaves:
    """Texts and attributes by path, in order; what stands more than once is joined by a space."""
    found: dict[str, list[str]] = {}
    waiting = [(element, "")]
    while waiting:
        node, path = waiting.pop()
        texts = [(path, node.text), *((f"{path}@{name}", text) for name, text in node.items())]
        for name, text in texts:
            if text and (cleaned := single_spaced(text)):
                found.setdefault(name, []).append(cleaned)
        if len(node):
            prefix = f"{path}/" if path else ""
            waiting += [(child, prefix + child.tag.rpartition("}")[2]) for child in reversed(node)]
    return {path: " ".join(every) for path, every in found.items()}
