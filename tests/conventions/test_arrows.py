"""Arrows between the rooms run one way: docs/architecture.md draws them, this test keeps them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from tree import imports, name, python_files, within

ENGINES = ("duckdb", "dagster", "dagster_dbt", "dbt", "great_expectations")


@dataclass(frozen=True)
class Arrow:
    """What one room may not import, and the parts of that which it may."""

    room: str
    never: tuple[str, ...]
    except_for: tuple[str, ...] = ()


ARROWS = [
    # A source knows its wire format and the record kinds; it can be read and tested alone.
    Arrow(
        "pipelines/sources",
        never=(*ENGINES, "pipelines", "warehouse", "dashboards"),
        except_for=(
            "pipelines.sources",
            "warehouse.fields",
            "warehouse.kinds",
            "warehouse.planning_kinds",
            "warehouse.property_kinds",
            "warehouse.record_kinds",
            "warehouse.schema_renderings",
        ),
    ),
    # The road does not know who asked for it.
    Arrow(
        "pipelines/ingest",
        never=(
            *("dagster", "dagster_dbt", "dbt", "dashboards", "typer"),
            *("pipelines.defs", "pipelines.definitions", "pipelines.nightly"),
            *("pipelines.cli", "pipelines.commands", "pipelines.sandbox"),
        ),
    ),
    # Receivers land events; what they set going is for the road to do.
    Arrow(
        "pipelines/webhooks",
        never=(
            *("dagster", "dagster_dbt", "dbt", "dashboards", "typer", "httpx"),
            *("pipelines.defs", "pipelines.definitions", "pipelines.nightly"),
            *("pipelines.cli", "pipelines.commands", "pipelines.sandbox"),
        ),
    ),
    # The page knows one login, and nothing of the home or of Lean.
    Arrow(
        "pipelines/connect_page",
        never=(*ENGINES, "pipelines", "warehouse", "dashboards"),
        except_for=("pipelines.connect_page", "pipelines.sources.source"),
    ),
    # The pretend servers share no reading code with the clients they test: a common mistake would cancel out.
    Arrow(
        "pipelines/sandbox",
        never=(*ENGINES, "pipelines", "warehouse", "dashboards"),
        # how an application is served, JSON with exact amounts is written, and files are written whole
        except_for=(
            "pipelines.sandbox",
            "pipelines.local_server",
            "pipelines.sources.exact_json.json_text",
            "warehouse.home.write_whole",
        ),
    ),
    # The warehouse owns files and serves whoever asks.
    Arrow("warehouse", never=("pipelines", "dashboards", "dagster", "dagster_dbt", "typer")),
    # Dashboards read published marts only.
    Arrow("dashboards", never=("pipelines", "dagster", "dagster_dbt", "dbt", "typer")),
    # What Dagster sees stays thin: no SQL and no frames there.
    Arrow("pipelines/defs", never=("duckdb", "polars", "httpx", "typer", "pipelines.cli", "pipelines.sandbox")),
    Arrow("pipelines/definitions.py", never=("duckdb", "polars", "httpx", "pipelines.cli", "pipelines.ingest")),
    # Commands call rooms; they hold no logic of their own.
    Arrow("pipelines/cli.py", never=("duckdb", "polars", "httpx", "dagster", "great_expectations")),
]


def _name_of(arrow: Arrow) -> str:
    return arrow.room


@pytest.mark.parametrize("arrow", ARROWS, ids=_name_of)
def test_a_room_imports_only_what_lies_below_it(arrow: Arrow) -> None:
    allowed = [(*exception.split("."),) for exception in arrow.except_for]

    def leads_to_allowed(module: str) -> bool:
        """`from pipelines import sources` names `pipelines` on its way to an allowed part."""
        parts = tuple(module.split("."))
        return any(parts == exception[: len(parts)] for exception in allowed)

    wrong = [
        f"{name(path)}:{line} imports {module}"
        for path in python_files(arrow.room)
        for line, module in imports(path)
        if within(module, *arrow.never) and not within(module, *arrow.except_for) and not leads_to_allowed(module)
    ]
    assert wrong == []


def test_only_the_code_location_and_the_nightly_job_import_what_dagster_sees() -> None:
    allowed = ("pipelines/defs/", "pipelines/definitions.py", "pipelines/nightly.py", "tests/", "benchmarks/")
    wrong = [
        f"{name(path)}:{line} imports {module}"
        for path in python_files()
        for line, module in imports(path)
        if within(module, "pipelines.defs") and not name(path).startswith(allowed)
    ]
    assert wrong == []


def test_the_code_location_file_stays_a_door() -> None:
    for path in python_files("pipelines/definitions.py"):
        assert path.read_text(encoding="utf-8").count("\n") <= 40
