"""Everything that is made from a record kind: types, DDL, expectations, dbt's sources and the docs page.

Put here a rendering of the declaration. Keep out anything that opens a file or a database. The rendered files
(`dbt_project/models/staging/sources/`, `docs/record-kinds.md`) are committed; a test renders them again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import yaml

from warehouse.kinds import (
    AMOUNT_PRECISION,
    AMOUNT_SCALE,
    RATE_PRECISION,
    RATE_SCALE,
    Field,
    FieldType,
    RecordKind,
    RoadTable,
)
from warehouse.record_kinds import KINDS
from warehouse.road_tables import ROAD_TABLES

_DUCKDB_TYPES = {
    FieldType.TEXT: "VARCHAR",
    FieldType.AMOUNT: f"DECIMAL({AMOUNT_PRECISION},{AMOUNT_SCALE})",
    FieldType.RATE: f"DECIMAL({RATE_PRECISION},{RATE_SCALE})",
    FieldType.DATE: "DATE",
    FieldType.INSTANT: "TIMESTAMP WITH TIME ZONE",
    FieldType.INTEGER: "BIGINT",
    FieldType.FLAG: "BOOLEAN",
    FieldType.JSON: "VARCHAR",
}
_ARROW_TYPES = {
    FieldType.TEXT: pa.large_string(),
    FieldType.AMOUNT: pa.decimal128(AMOUNT_PRECISION, AMOUNT_SCALE),
    FieldType.RATE: pa.decimal128(RATE_PRECISION, RATE_SCALE),
    FieldType.DATE: pa.date32(),
    FieldType.INSTANT: pa.timestamp("us", tz="UTC"),
    FieldType.INTEGER: pa.int64(),
    FieldType.FLAG: pa.bool_(),
    FieldType.JSON: pa.large_string(),
}
_POLARS_TYPES: dict[FieldType, pl.DataType] = {
    FieldType.TEXT: pl.String(),
    FieldType.AMOUNT: pl.Decimal(AMOUNT_PRECISION, AMOUNT_SCALE),
    FieldType.RATE: pl.Decimal(RATE_PRECISION, RATE_SCALE),
    FieldType.DATE: pl.Date(),
    FieldType.INSTANT: pl.Datetime("us", "UTC"),
    FieldType.INTEGER: pl.Int64(),
    FieldType.FLAG: pl.Boolean(),
    FieldType.JSON: pl.String(),
}


def _decoded_fields(kind: RecordKind) -> list[Field]:
    own = set(kind.own_names)
    return [column for column in kind.columns if column.name in own]


def polars_schema(kind: RecordKind) -> dict[str, pl.DataType]:
    """Columns of a decoded frame: `row_no`, then the kind's `own_names`."""
    schema: dict[str, pl.DataType] = {"row_no": pl.Int64()}
    return schema | {column.name: _POLARS_TYPES[column.type] for column in _decoded_fields(kind)}


def arrow_schema(kind: RecordKind) -> pa.Schema:
    """The same columns as Arrow types; what crosses from the decoder to the warehouse."""
    fields = [pa.field("row_no", pa.int64())]
    fields += [pa.field(column.name, _ARROW_TYPES[column.type]) for column in _decoded_fields(kind)]
    return pa.schema(fields)


def duckdb_type(column: Field) -> str:
    """The column's type in the raw table."""
    return "UUID" if column.name == "_key" else _DUCKDB_TYPES[column.type]


def ddl(table: RecordKind | RoadTable) -> str:
    """`create table if not exists raw.<name>`; required columns are not null."""
    columns = ",\n    ".join(
        f'"{column.name}" {duckdb_type(column)}{" not null" if column.required else ""}' for column in table.columns
    )
    return f"create table if not exists raw.{table.name} (\n    {columns}\n)"


def expectations(kind: RecordKind) -> list[dict[str, Any]]:
    """The Great Expectations suite of a decoded batch, as (type, keyword arguments) entries.

    One entry per rule, so that the first broken one can name its column; the columns the road adds are not a
    source's to break and are not here.
    """
    rules: list[dict[str, Any]] = []

    def rule(expectation: str, **arguments: Any) -> None:
        rules.append({"type": expectation, "kwargs": arguments})

    for column in kind.fields:
        if column.required:
            rule("expect_column_values_to_not_be_null", column=column.name)
        if column.allowed:
            rule("expect_column_values_to_be_in_set", column=column.name, value_set=list(column.allowed))
        if column.pattern:
            rule("expect_column_values_to_match_regex", column=column.name, regex=column.pattern)
        if column.type is FieldType.DATE and (column.minimum or column.maximum):
            rule(
                "expect_column_values_to_be_between",
                column=column.name,
                min_value=column.minimum,
                max_value=column.maximum,
            )
    return rules


def _source_columns(table: RecordKind | RoadTable) -> list[dict[str, str]]:
    return [
        {"name": column.name, "description": column.description, "data_type": duckdb_type(column).lower()}
        for column in table.columns
    ]


def dbt_source(table: RecordKind | RoadTable) -> str:
    """The text of `_raw__<name>.yml`: one raw table and its columns, described."""
    entry: dict[str, Any] = {"name": table.name, "description": table.description}
    if table.tags:
        entry["config"] = {"tags": list(table.tags)}
    entry["columns"] = _source_columns(table)
    document = {"version": 2, "sources": [{"name": "raw", "schema": "raw", "tables": [entry]}]}
    head = "# Rendered by `python -m warehouse.schema_renderings`; do not edit.\n"
    return head + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)


def docs_page() -> str:
    """The text of docs/record-kinds.md."""
    lines = [
        "# Record kinds",
        "",
        "Rendered from `warehouse/record_kinds.py`; do not edit. Amounts are signed (in is positive), instants are",
        "UTC, dates are business days in the source's own calendar.",
        "",
    ]
    for kind in KINDS.values():
        lines += [
            f"## {kind.name}",
            "",
            kind.description,
            "",
            "| column | type | required | meaning |",
            "|---|---|---|---|",
        ]
        for column in kind.columns:
            meaning = column.description
            if column.allowed:
                meaning += " One of: " + ", ".join(f"`{value}`" for value in column.allowed) + "."
            needed = "yes" if column.required else ""
            lines.append(f"| `{column.name}` | {duckdb_type(column).lower()} | {needed} | {meaning} |")
        lines.append("")
    return "\n".join(lines)


def rendered_files() -> dict[str, str]:
    """Path in the repository and text of every committed rendering."""
    tables: list[RecordKind | RoadTable] = [*KINDS.values(), *ROAD_TABLES.values()]
    files = {f"dbt_project/models/staging/sources/_raw__{table.name}.yml": dbt_source(table) for table in tables}
    return files | {"docs/record-kinds.md": docs_page()}


def _write_rendered_files() -> None:
    root = Path(__file__).resolve().parent.parent
    for name, text in rendered_files().items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    _write_rendered_files()
