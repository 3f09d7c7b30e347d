"""One declaration, many renderings: the table DuckDB makes, the frame a source fills and dbt's words agree."""

from __future__ import annotations

import re
from decimal import Decimal

import duckdb
import polars as pl
import pyarrow as pa
import pytest
import yaml

from warehouse.kinds import Field, FieldType, RecordKind, RoadTable
from warehouse.record_kinds import KINDS
from warehouse.road_tables import ROAD_TABLES
from warehouse.schema_renderings import (
    arrow_schema,
    dbt_source,
    ddl,
    docs_page,
    duckdb_type,
    expectations,
    polars_schema,
    rendered_files,
)

TABLES: list[RecordKind | RoadTable] = [*KINDS.values(), *ROAD_TABLES.values()]
NAME = re.compile(r"_?[a-z][a-z0-9]*(_[a-z0-9]+)*")


def _name_of(table: RecordKind | RoadTable) -> str:
    return table.name


def _made(table: RecordKind | RoadTable) -> list[tuple[str, str, bool]]:
    """(name, type, required) of the table DuckDB makes from the DDL."""
    with duckdb.connect() as con:
        con.execute("create schema raw")
        con.execute(ddl(table))
        return con.execute(
            "select column_name, data_type, not is_nullable from duckdb_columns() "
            "where schema_name = 'raw' and table_name = ? order by column_index",
            [table.name],
        ).fetchall()


@pytest.mark.parametrize("table", TABLES, ids=_name_of)
def test_duckdb_makes_the_declared_table(table: RecordKind | RoadTable) -> None:
    declared = [(column.name, duckdb_type(column), column.required) for column in table.columns]
    assert _made(table) == declared


@pytest.mark.parametrize("table", TABLES, ids=_name_of)
def test_dbt_reads_the_types_duckdb_made(table: RecordKind | RoadTable) -> None:
    (source,) = yaml.safe_load(dbt_source(table))["sources"]
    (entry,) = source["tables"]
    assert entry["name"] == table.name
    assert [(column["name"], column["data_type"].upper()) for column in entry["columns"]] == [
        (name, kind) for name, kind, _ in _made(table)
    ]
    assert all(len(column["description"]) > 5 for column in entry["columns"])


@pytest.mark.parametrize("kind", KINDS.values(), ids=_name_of)
def test_a_decoded_frame_crosses_into_the_table_without_a_change(kind: RecordKind) -> None:
    """Polars to Arrow to DuckDB: the types the source fills are those of the raw table."""
    frame = pl.DataFrame(schema=polars_schema(kind))
    assert frame.columns == ["row_no", *kind.own_names]
    assert frame.to_arrow().cast(arrow_schema(kind)).schema == arrow_schema(kind)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.register("decoded", pa.Table.from_batches([], schema=arrow_schema(kind)))
        arrived = {row[0]: row[1] for row in con.execute("describe decoded").fetchall()}
    made = {name: data_type for name, data_type, _ in _made(kind)}
    assert {name: arrived[name] for name in kind.own_names} == {name: made[name] for name in kind.own_names}


def test_an_amount_survives_all_renderings_to_its_last_digit() -> None:
    kind = KINDS["bank_transactions"]
    amounts = [column.name for column in kind.fields if column.type is FieldType.AMOUNT]
    for text in ("99999999999999.9999", "-99999999999999.9999", "0.0001", "-0.0001"):
        frame = pl.DataFrame({amounts[0]: [Decimal(text)]}, schema={amounts[0]: polars_schema(kind)[amounts[0]]})
        with duckdb.connect() as con:
            con.register("decoded", frame.to_arrow())
            row = con.execute(f"select {amounts[0]} from decoded").fetchone()  # noqa: RUF100, S608
        assert row == (Decimal(text),)


@pytest.mark.parametrize("kind", KINDS.values(), ids=_name_of)
def test_every_rule_of_a_kind_becomes_an_expectation(kind: RecordKind) -> None:
    rules = expectations(kind)
    spoken_of = {(rule["type"], rule["kwargs"]["column"]) for rule in rules}
    for column in kind.fields:
        if column.required:
            assert ("expect_column_values_to_not_be_null", column.name) in spoken_of
        if column.allowed:
            assert ("expect_column_values_to_be_in_set", column.name) in spoken_of
        if column.pattern:
            assert ("expect_column_values_to_match_regex", column.name) in spoken_of
    assert {column for _, column in spoken_of} <= set(kind.own_names)


@pytest.mark.parametrize("table", TABLES, ids=_name_of)
def test_names_follow_the_house_grammar(table: RecordKind | RoadTable) -> None:
    for column in table.columns:
        assert NAME.fullmatch(column.name), column.name
        if column.type is FieldType.DATE:
            assert column.name.endswith("_date"), column.name
        if column.type is FieldType.INSTANT:
            assert column.name.endswith("_at"), column.name
        if column.type is FieldType.AMOUNT:
            assert column.name.endswith(("_amount", "amount", "_rate")), column.name
        if column.type is FieldType.FLAG:
            assert column.name.startswith(("is_", "has_")) or column.name == "deleted", column.name
        if column.name.endswith("_count"):
            assert column.type is FieldType.INTEGER, column.name


@pytest.mark.parametrize("kind", KINDS.values(), ids=_name_of)
def test_a_kind_with_an_amount_has_a_currency(kind: RecordKind) -> None:
    names = {column.name: column for column in kind.fields}
    if any(column.type is FieldType.AMOUNT for column in kind.fields):
        assert names["currency_code"].pattern == "^[A-Z]{3}$"
    if kind.event_date:
        assert names[kind.event_date].type is FieldType.DATE


def test_the_docs_page_names_every_kind_and_column() -> None:
    page = docs_page()
    for kind in KINDS.values():
        assert f"## {kind.name}\n" in page
        for column in kind.columns:
            assert f"| `{column.name}` |" in page


def test_a_changed_declaration_changes_every_rendering() -> None:
    """The drift test has teeth: one more column shows in the table, the frame, dbt's words and the suite."""
    kind = KINDS["accounts"]
    extra = Field("opened_date", FieldType.DATE, "When it was opened.", required=True, minimum="1900-01-01")
    changed = RecordKind(kind.name, kind.description, (*kind.fields, extra), kind.event_date, kind.tags)
    assert _made(changed) != _made(kind)
    assert dbt_source(changed) != dbt_source(kind)
    assert polars_schema(changed) != polars_schema(kind)
    assert arrow_schema(changed) != arrow_schema(kind)
    assert expectations(changed) != expectations(kind)
    assert set(rendered_files()) >= {"docs/record-kinds.md", "dbt_project/models/staging/sources/_raw__accounts.yml"}
