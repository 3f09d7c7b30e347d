"""Metabase's two marks in a card's SQL, turned into a statement with bound parameters.

`{{name}}` becomes a parameter; `[[ … {{name}} … ]]` falls away, whole, when the filter has no value. Nothing a
person chose is ever put into the text of a statement.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dashboards.spec import DashboardError

_OPTIONAL = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
_MARK = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")


def marks(sql: str) -> set[str]:
    """Names of the filters a statement knows."""
    return set(_MARK.findall(sql))


def bound(sql: str, values: Mapping[str, str | None]) -> tuple[str, dict[str, str]]:
    """The statement with `$name` parameters, and the values it needs. Raises DashboardError for an unset filter."""
    used: dict[str, str] = {}

    def keep(part: re.Match[str]) -> str:
        return part.group(1) if all(values.get(name) is not None for name in marks(part.group(1))) else ""

    def parameter(mark: re.Match[str]) -> str:
        name = mark.group(1)
        value = values.get(name)
        if value is None:
            raise DashboardError(f"{{{{{name}}}}} has no value; put the part that needs it in [[ ]].")
        used[name] = value
        return f"${name}"

    return _MARK.sub(parameter, _OPTIONAL.sub(keep, sql)), used


def with_nulls(sql: str) -> str:
    """The statement with every optional part kept and every value null: for reading it, not for running it."""
    return _MARK.sub("null", _OPTIONAL.sub(lambda part: part.group(1), sql))
