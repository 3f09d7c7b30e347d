"""A row of a JSON answer that cannot be read: why, and how it stands among the rejects."""

from __future__ import annotations

from typing import Any

from pipelines.sources.exact_json import json_text

_LONGEST_VALUE = 200


class Unreadable(Exception):
    """Why a row is set aside: its member (empty for the whole row), the reason and the cure."""

    def __init__(self, column: str, reason: str, cure: str) -> None:
        """Keep the three."""
        super().__init__(reason)
        self.column, self.reason, self.cure = column, reason, cure


def at_fault(row: Any, problem: Unreadable) -> Any:
    """The value that could not be read; the row itself where none is named or it is no object."""
    return row.get(problem.column) if problem.column and isinstance(row, dict) else row


def reject_of(kind: str, row_no: int, problem: Unreadable, value: Any) -> dict[str, Any]:
    """A row of REJECT_SCHEMA; `value` is what people are shown, as text or anything JSON holds."""
    text = value if isinstance(value, str) else json_text(value)
    return {
        "kind": kind,
        "row_no": row_no,
        "column": problem.column,
        "value": text.encode("utf-8", "replace").decode()[:_LONGEST_VALUE],
        "reason": problem.reason,
        "cure": problem.cure,
    }
