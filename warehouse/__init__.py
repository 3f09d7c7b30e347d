"""The rooms that own files: record kinds, keys, the working database, publishing and reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from warehouse.marts import open_marts

__all__ = ["open_marts"]


def __getattr__(name: str) -> Any:
    """Load `open_marts` when it is asked for, so that importing a small room does not import the engine."""
    if name != "open_marts":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from warehouse.marts import open_marts

    return open_marts
