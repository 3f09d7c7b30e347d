"""The description of the API, docs/hishebi/openapi.yaml, as one document without references."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "hishebi"
"""Where the description lies; it is part of the repository, not of the installed package."""
_METHODS = ("get", "post")


def described() -> dict[str, Any]:
    """The whole description; none of its schemas contains itself."""
    document: dict[str, Any] = _resolved(_document(FOLDER / "openapi.yaml"), FOLDER / "openapi.yaml")
    return document


def operations(paths: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """(path, method, operation) of `paths` or `webhooks`, in the order they are described."""
    return [(path, method, item[method]) for path, item in paths.items() for method in _METHODS if method in item]


def examples_of(content: dict[str, Any]) -> list[Any]:
    """The examples of one media type."""
    several = [example["value"] for example in content.get("examples", {}).values()]
    return [*several, content["example"]] if "example" in content else several


def _resolved(part: Any, file: Path) -> Any:
    if isinstance(part, list):
        return [_resolved(item, file) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" not in part:
        return {name: _resolved(item, file) for name, item in part.items()}
    place, _, pointer = part["$ref"].partition("#/")
    target = (file.parent / place).resolve() if place else file
    found: Any = _document(target)
    for step in pointer.split("/"):
        found = found[step]
    return _resolved(found, target)


@cache
def _document(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))
