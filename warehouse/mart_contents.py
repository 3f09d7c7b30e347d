"""What the marts hold, in figures that two files can be compared by: rows, sums per currency, content hashes.

Put here questions asked of every mart table alike. Keep out publishing and reading themselves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

import duckdb

MART_SCHEMAS = ("core", "household", "property", "ops")
"""Schemas of the marts, in the order they are published; equal to the folders of dbt_project/models/marts."""

BUILD_COLUMNS = frozenset(
    {
        "as_of_at",
        "loaded_at",
        "lag_days",
        "consent_left_days",
        "projected_date",
        "goal_verdict",
        "needed_monthly_amount",
    }
)
"""Columns that tell when something was built or counted from that moment; equal marts may differ in them."""


@dataclass(frozen=True, slots=True)
class MartTable:
    """One table of the marts: its schema, name and (column, type) pairs in order."""

    schema: str
    name: str
    columns: tuple[tuple[str, str], ...]

    @property
    def full_name(self) -> str:
        """`schema.name`, as people write it."""
        return f"{self.schema}.{self.name}"

    @property
    def quoted(self) -> str:
        """The same, safe inside SQL."""
        return f"{quoted(self.schema)}.{quoted(self.name)}"


@dataclass(frozen=True, slots=True, order=True)
class Total:
    """One figure of one table: its row count (`measure` is empty) or the exact sum of a decimal column.

    `currency_code` is the rows' currency; empty where the table has none or a row leaves it null.
    """

    table: str
    currency_code: str
    measure: str
    value: Decimal


def quoted(identifier: str) -> str:
    """An identifier safe inside SQL."""
    return '"' + identifier.replace('"', '""') + '"'


def mart_tables(con: duckdb.DuckDBPyConnection, database: str, schemas: Sequence[str]) -> list[MartTable]:
    """Every table of `schemas` in the attached `database`, by schema and name."""
    rows = con.execute(
        """
        select c.schema_name, c.table_name, list((c.column_name, c.data_type) order by c.column_index)
        from duckdb_columns() as c
        inner join duckdb_tables() as t using (database_name, schema_name, table_name)
        where c.database_name = ? and list_contains(?, c.schema_name)
        group by all
        order by all
        """,
        [database, list(schemas)],
    ).fetchall()
    return [
        MartTable(schema, name, tuple((column, kind) for column, kind in columns)) for schema, name, columns in rows
    ]


def mart_totals(con: duckdb.DuckDBPyConnection, database: str, tables: Sequence[MartTable]) -> list[Total]:
    """Row counts of every table and the sum of every decimal column, per currency; sorted."""
    totals: list[Total] = []
    for table in tables:
        names = {name for name, _ in table.columns}
        measures = [name for name, kind in table.columns if kind.startswith("DECIMAL")]
        currency = "coalesce(currency_code, '')" if "currency_code" in names else "''"
        sums = "".join(f", coalesce(sum({quoted(name)}), 0)" for name in measures)
        rows = con.execute(
            f"select {currency}, count(*){sums} from {quoted(database)}.{table.quoted} group by 1"
        ).fetchall()
        for code, *figures in rows:
            totals += [
                Total(table.full_name, code, measure, Decimal(figure))
                for measure, figure in zip(["", *measures], figures, strict=True)
            ]
    return sorted(totals)


def mart_hashes(
    con: duckdb.DuckDBPyConnection,
    schemas: Sequence[str] = MART_SCHEMAS,
    database: str = "wh",
    without: Collection[str] = BUILD_COLUMNS,
) -> dict[str, str]:
    """A content hash per table, the same for the same rows in any order; columns in `without` do not count.

    Each row becomes one unambiguous text (every value behind its length, nulls apart) and its MD5; the hash is over
    the columns' names and types, the number of rows and the sums of both halves of those digests, so that a row
    that is missing, doubled or altered by the smallest amount changes it.
    """
    return {
        table.full_name: _table_hash(con, database, table, without) for table in mart_tables(con, database, schemas)
    }


def _table_hash(con: duckdb.DuckDBPyConnection, database: str, table: MartTable, without: Collection[str]) -> str:
    columns = [(name, kind) for name, kind in table.columns if name not in without]
    texts = [f"{quoted(name)}::varchar" for name, _ in columns]
    row_text = ", ".join(f"coalesce(length({text}) || ':' || {text}, 'n')" for text in texts) or "''"
    row = con.execute(
        f"""
        select count(*), sum(md5_number_lower(row_text)::hugeint), sum(md5_number_upper(row_text)::hugeint)
        from (select concat({row_text}) as row_text from {quoted(database)}.{table.quoted})
        """
    ).fetchone()
    return hashlib.sha256(repr((columns, row)).encode()).hexdigest()
