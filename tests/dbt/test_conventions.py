"""The rules of the dbt project, read from its manifest: names, layers, descriptions, contracts, tests."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from babel.numbers import list_currencies

from pipelines.outputs.minor_units import digits_of
from warehouse.build import PROJECT, read_manifest
from warehouse.home import Home

LAYERS = {"staging": r"stg_[a-z_]+", "intermediate": r"int_[a-z]+__[a-z_]+", "marts": r"(dim|fct|rpt)_[a-z_]+"}
MART_SCHEMAS = {"core", "household", "property", "ops"}
MART_TYPES = re.compile(
    r"boolean|integer|bigint|decimal\(\d+,\d+\)|double|varchar|date|timestamp with time zone|uuid", re.IGNORECASE
)


@pytest.fixture(scope="session")
def manifest(kitchen: Home) -> dict[str, Any]:
    return read_manifest(target=kitchen.dbt / "target", logs=kitchen.dbt / "logs")


@pytest.fixture(scope="session")
def models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}


def layer(node: dict[str, Any]) -> str:
    return Path(node["original_file_path"]).parts[1]


def test_names_say_the_layer_and_schemas_are_the_houses(models: dict[str, dict[str, Any]]) -> None:
    for node in models.values():
        assert re.fullmatch(LAYERS[layer(node)], node["name"]), node["name"]
        if layer(node) == "marts":
            assert node["schema"] in MART_SCHEMAS
        else:
            assert node["schema"] == layer(node)


def test_staging_reads_sources_and_marts_never_read_staging(models: dict[str, dict[str, Any]]) -> None:
    for node in models.values():
        parents = node["depends_on"]["nodes"]
        if layer(node) == "staging":
            assert all(name.startswith("source.") for name in parents), node["name"]
            continue
        assert not any(name.startswith("source.") for name in parents), node["name"]
        if layer(node) == "marts":
            read = [models[name]["name"] for name in parents if name in models and layer(models[name]) == "staging"]
            assert read == [], node["name"]


def test_marts_are_public_tables_under_contract_and_the_rest_is_private(models: dict[str, dict[str, Any]]) -> None:
    for node in models.values():
        assert node["group"] in {"core", "household", "ops"}, node["name"]
        if layer(node) == "marts":
            assert node["access"] == "public", node["name"]
            assert node["config"]["contract"]["enforced"], node["name"]
            assert node["config"]["materialized"] in {"table", "incremental"}, node["name"]
        else:
            assert node["access"] == "private", node["name"]


def test_groups_have_an_owner_people_can_write_to(manifest: dict[str, Any]) -> None:
    assert {group["owner"]["email"].rsplit("@")[-1] for group in manifest["groups"].values()} == {"hisab.example"}


def test_every_model_and_column_is_described(models: dict[str, dict[str, Any]]) -> None:
    for node in models.values():
        assert node["description"].endswith("."), node["name"]
        assert node["columns"], node["name"]
        for column in node["columns"].values():
            assert column["description"], f"{node['name']}.{column['name']}"


def test_every_model_has_at_least_three_data_tests(manifest: dict[str, Any], models: dict[str, dict[str, Any]]) -> None:
    """An ephemeral one is part of the model that reads it, whose own tests are about its rows: one is enough."""
    counted = Counter(
        node.get("attached_node") for node in manifest["nodes"].values() if node["resource_type"] == "test"
    )
    least = {key: 1 if node["config"]["materialized"] == "ephemeral" else 3 for key, node in models.items()}
    assert {models[key]["name"]: counted[key] for key in models if counted[key] < least[key]} == {}


def test_models_with_logic_have_a_unit_test(manifest: dict[str, Any], models: dict[str, dict[str, Any]]) -> None:
    tested = {test["model"] for test in manifest["unit_tests"].values()}
    # the calendar and the lags are compared with Python's own in test_small_household
    elsewhere = {"dim_dates", "rpt_sync_health", "rpt_uncategorised"}
    logic = re.compile(r"\bcase\b|\bover \(|row_number", re.IGNORECASE)
    untested = {
        node["name"] for node in models.values() if logic.search(node["raw_code"]) and node["name"] not in tested
    }
    assert untested <= elsewhere


def test_mart_columns_have_types_bi_tools_know_and_measures_name_their_currency(
    models: dict[str, dict[str, Any]],
) -> None:
    for node in models.values():
        if layer(node) != "marts":
            continue
        names = set(node["columns"])
        for column in node["columns"].values():
            assert MART_TYPES.fullmatch(column["data_type"]), f"{node['name']}.{column['name']}"
            if column["name"].endswith("_amount"):
                assert "currency_code" in names, node["name"]
            if column["data_type"] == "boolean":
                assert column["name"].startswith(("is_", "has_")), column["name"]


def test_every_foreign_key_has_a_relationship_and_every_key_its_semantic_type(
    models: dict[str, dict[str, Any]],
) -> None:
    for node in models.values():
        if layer(node) != "marts":
            continue
        kinds = [column["config"]["meta"].get("metabase.semantic_type") for column in node["columns"].values()]
        if node["name"].startswith("dim_"):
            assert kinds.count("type/PK") == 1, node["name"]
            constraints = [rule["type"] for column in node["columns"].values() for rule in column["constraints"]]
            assert constraints.count("primary_key") == 1, node["name"]
        for column in node["columns"].values():
            if column["name"].endswith("_amount"):
                assert column["config"]["meta"]["metabase.semantic_type"] == "type/Currency"


def test_no_jinja_flow_in_marts_and_no_giant_files() -> None:
    for path in (PROJECT / "models").rglob("*"):
        if path.suffix in {".sql", ".yml", ".md"} and "sources" not in path.parts:
            lines = path.read_text(encoding="utf-8").splitlines()
            assert len(lines) <= (200 if path.suffix == ".sql" else 300), path.name
        if path.suffix == ".sql":
            assert "{%" not in path.read_text(encoding="utf-8"), path.name


def test_the_minor_units_of_marts_are_those_of_exports() -> None:
    macro = (PROJECT / "macros" / "minor_units.sql").read_text(encoding="utf-8")
    none, three, four = (set(re.findall(r"'([A-Z]{3})'", listed)) for listed in re.findall(r"in \(([^)]*)\)", macro))
    for digits, codes in ((0, none), (3, three), (4, four)):
        assert codes == {code for code in every_currency() if digits_of(code) == digits}


def every_currency() -> set[str]:
    """Every code of ISO 4217, those of funds too."""
    return set(list_currencies()) | {"CLF", "UYI", "UYW"}
