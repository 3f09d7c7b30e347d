"""One surface of the books as a table, whatever file it goes into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of dates, Decimals, whole numbers, texts and None under their headings."""

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[object]]
