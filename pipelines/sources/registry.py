"""The registry: every source there is, found by walking this package.

A module that holds FORMAT (a FileFormat) or SOURCE (an ApiSource) is a source; nothing else has to be told of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from pipelines import sources
from pipelines.sources.byte_stream import refuse_what_is_no_text
from pipelines.sources.source import ApiSource, FileFormat, LayoutFormat, SourceError, UnknownForm

S = TypeVar("S", ApiSource, FileFormat)


@cache
def file_formats() -> tuple[FileFormat, ...]:
    """Every file format, by name of its source."""
    return tuple(sorted(_found("FORMAT", FileFormat), key=lambda each: each.source))


@cache
def api_sources() -> tuple[ApiSource, ...]:
    """Every source with an API, by name."""
    return tuple(sorted(_found("SOURCE", ApiSource), key=lambda each: each.source))


def every_source() -> tuple[ApiSource | FileFormat, ...]:
    """All of them: the API sources, then the file formats."""
    return (*api_sources(), *file_formats())


def file_format(source: str) -> FileFormat:
    """The format of that name. Raises SourceError when there is none."""
    return _one(file_formats(), source)


def api_source(source: str) -> ApiSource:
    """The API source of that name. Raises SourceError when there is none."""
    return _one(api_sources(), source)


def recognise(head: bytes, layouts: Mapping[str, str] | None = None) -> FileFormat:
    """The format a file that begins with `head` is in; those whose layouts are data come last.

    Args:
        head: The first 64 KiB of the file.
        layouts: Layouts a person wrote or confirmed: texts by file name.

    Raises:
        UnknownForm: the file is in no form understood; the message lists them.
        SourceError: the file is no text, or one of the layouts cannot be used.
    """
    refuse_what_is_no_text(head)
    formats = file_formats()
    plain = [each for each in formats if not isinstance(each, LayoutFormat)]
    layered = [each.knowing(layouts or {}) for each in formats if isinstance(each, LayoutFormat)]
    for each in (*plain, *layered):
        if each.sniff(head):
            return each
    titles = ", ".join(each.title for each in file_formats() if each.source not in _NEVER_HANDED_OVER)
    raise UnknownForm(f"the file is in none of the forms understood; export it in one of these: {titles}.")


_NEVER_HANDED_OVER = {"hand_rates"}
"""Formats of bytes that Hisab writes itself."""


def _one(found: tuple[S, ...], source: str) -> S:
    for each in found:
        if each.source == source:
            return each
    raise SourceError(f"there is no source {source!r} in this version of Hisab")


def _found(name: str, protocol: type) -> list[Any]:
    found = []
    for module in pkgutil.walk_packages(sources.__path__, f"{sources.__name__}."):
        candidate = getattr(importlib.import_module(module.name), name, None)
        if isinstance(candidate, protocol):
            found.append(candidate)
    return found
