"""Every source Hisab knows, found by walking this package.

Put here how sources are found. A source is added by adding its folder: a module-level FORMAT (a file people hand
over) or SOURCE (a live service) is all it takes.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache

import pipelines.sources
from pipelines.sources.byte_stream import refuse_what_is_no_text
from pipelines.sources.source import ApiSource, FileFormat, SourceError


@cache
def _declared() -> tuple[FileFormat | ApiSource, ...]:
    """The FORMAT and SOURCE of every module, by name."""
    found = {instance.source: instance for instance in _instances()}
    return tuple(found[name] for name in sorted(found))


def _instances() -> Iterator[FileFormat | ApiSource]:
    for module_info in pkgutil.walk_packages(pipelines.sources.__path__, f"{pipelines.sources.__name__}."):
        module = importlib.import_module(module_info.name)
        for instance in (getattr(module, "FORMAT", None), getattr(module, "SOURCE", None)):
            if isinstance(instance, FileFormat | ApiSource):
                yield instance


def file_formats() -> tuple[FileFormat, ...]:
    """Every file format, by name."""
    return tuple(instance for instance in _declared() if isinstance(instance, FileFormat))


def api_sources() -> tuple[ApiSource, ...]:
    """Every live service, by name."""
    return tuple(instance for instance in _declared() if isinstance(instance, ApiSource))


def by_name(source: str) -> FileFormat | ApiSource:
    """The source of that name. Raises SourceError when there is none."""
    for instance in _declared():
        if instance.source == source:
            return instance
    known = ", ".join(instance.source for instance in _declared())
    raise SourceError(f"There is no source named {source!r}; Hisab knows {known}.")


def recognise(head: bytes) -> FileFormat:
    """The format of a file that begins with `head` (up to 64 KiB). Raises SourceError when it is of none."""
    refuse_what_is_no_text(head)
    for candidate in file_formats():
        if candidate.sniff(head):
            return candidate
    known = ", ".join(candidate.title for candidate in file_formats())
    raise SourceError(f"The file is of no format Hisab reads; it reads {known}.")
