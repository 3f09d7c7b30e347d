"""What the documents say is there: links lead somewhere, commands exist, rendered pages are fresh."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from tree import ROOT, files, name, text

from warehouse.schema_renderings import rendered_files

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"```.*?```", re.DOTALL)
COMMAND_ROW = re.compile(r"^\| `hisab ([a-z-]+(?: [a-z-]+)?)[^`]*`", re.MULTILINE)


def _anchors(path: Path) -> set[str]:
    """Anchors of a page's headings, as forges make them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text(path)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _dead_links(page: Path) -> list[str]:
    dead = []
    for target in LINK.findall(FENCE.sub("", text(page))):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        place = (page.parent / file).resolve() if file else page
        if not place.exists() or not place.is_relative_to(ROOT):
            dead.append(f"{name(page)}: {target} is not there")
        elif anchor and place.suffix == ".md" and anchor not in _anchors(place):
            dead.append(f"{name(page)}: {target} has no such heading")
    return dead


def test_links_between_pages_lead_somewhere() -> None:
    assert [line for page in files(".md") for line in _dead_links(page)] == []


def test_every_page_of_the_docs_is_in_their_index() -> None:
    index = text(ROOT / "docs" / "README.md")
    pages = [path.name for path in files(".md") if path.parent == ROOT / "docs" and path.name != "README.md"]
    assert [page for page in pages if f"({page})" not in index] == []


def test_rendered_files_are_what_the_record_kinds_render() -> None:
    """After a change of the kinds: python -m warehouse.schema_renderings."""
    stale = [
        path for path, content in rendered_files().items() if not (ROOT / path).exists() or text(ROOT / path) != content
    ]
    assert stale == []


def test_no_rendered_source_is_left_of_a_kind_that_is_gone() -> None:
    rendered = {path for path in rendered_files() if path.endswith(".yml")}
    present = {name(path) for path in files(".yml") if path.name.startswith("_raw__")}
    assert present == rendered


def _commands(group: object, before: str = "") -> set[str]:
    from click import Group

    assert isinstance(group, Group) or hasattr(group, "commands")
    found: set[str] = set()
    for word, command in group.commands.items():  # type: ignore[attr-defined]
        if getattr(command, "hidden", False):
            continue
        found |= _commands(command, f"{before}{word} ") if hasattr(command, "commands") else {f"{before}{word}"}
    return found


def test_the_readme_lists_every_command_and_no_other() -> None:
    typer_main = pytest.importorskip("typer.main")
    from pipelines.cli import app

    assert set(COMMAND_ROW.findall(text(ROOT / "README.md"))) == _commands(typer_main.get_command(app))


def test_every_make_target_of_the_readme_is_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)\b", FENCE.sub(lambda m: m.group(), text(ROOT / "README.md"))))
    assert named <= targets
    assert {"setup", "run", "test", "lint", "bench", "dev", "clean"} <= targets & named | {"setup", "clean"}


def test_make_alone_lists_the_targets() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607
    for target in ("setup", "run", "test", "lint", "bench", "dev", "clean"):
        assert f"make {target} " in listed
        assert re.search(rf"^{target}:", text(ROOT / "Makefile"), re.MULTILINE)


def test_the_readme_stays_short_enough_to_read() -> None:
    assert text(ROOT / "README.md").count("\n") <= 200
