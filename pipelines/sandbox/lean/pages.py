"""Pages: which part of a list was asked for, and how Lean says so. Two pairs of parameter names are in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pipelines.sandbox.lean.refusals import bad_parameter

Row = TypeVar("Row")

MOST = 100
DEFAULT = 50


@dataclass(frozen=True, slots=True)
class PageAsked:
    """Page `number`, counted from 0, of `size` rows each."""

    number: int
    size: int

    def of(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows of this page."""
        return rows[self.number * self.size : (self.number + 1) * self.size]

    def wire(self, total: int) -> dict[str, object]:
        """The page as Lean tells it."""
        return {
            "number": self.number,
            "size": self.size,
            "total_elements": total,
            "total_pages": -(-total // self.size),
            "sort": None,
        }


def page_asked(params: Mapping[str, str], number_name: str = "page", size_name: str = "size") -> PageAsked:
    """The page a request asks for. Raises Refusal."""
    return PageAsked(
        number=_whole(params, number_name, 0, 0, 1_000_000),
        size=_whole(params, size_name, DEFAULT, 1, MOST),
    )


def _whole(params: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = params.get(name, str(default))
    if not text.isdecimal() or not text.isascii() or not least <= int(text[:9]) <= most:
        raise bad_parameter(name, text)
    return int(text)
