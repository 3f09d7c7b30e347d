"""Proofs over the road's books and the raw tables, asked of the working file."""

from __future__ import annotations

import duckdb

from warehouse.kinds import RecordKind, RoadTable
from warehouse.record_kinds import KINDS
from warehouse.road_tables import ROAD_TABLES
from warehouse.schema_renderings import duckdb_type


def unexpected_columns(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Each raw column whose name, type or place differs from its declaration, as `table.column type`."""
    tables: list[RecordKind | RoadTable] = [*KINDS.values(), *ROAD_TABLES.values()]
    declared = [(table.name, column.name, duckdb_type(column)) for table in tables for column in table.columns]
    found = con.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where database_name = 'wh' and schema_name = 'raw' order by table_name, column_index"
    ).fetchall()
    differing = set(declared) ^ set(found)
    return sorted(f"{table}.{column} {kind}" for table, column, kind in differing)


def unbalanced_loads(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Ids of loads in which rows read are not rows merged + unchanged + set aside."""
    rows = con.execute(
        "select distinct load_id from raw.load_counts "
        "where read_count <> merged_count + unchanged_count + quarantined_count order by load_id"
    ).fetchall()
    return [load_id for (load_id,) in rows]
