"""Hisab's own layout: every column of an entry and its account, so that nothing is lost."""

from __future__ import annotations

import polars as pl

from pipelines.outputs.entries.target import Target
from pipelines.outputs.minor_units import exact_text
from pipelines.sources.apps.hisab_csv import ACCOUNT_COLUMNS, COLUMNS, ENTRY_COLUMNS, ORIGIN_COLUMNS, escaped
from warehouse.kinds import FieldType
from warehouse.record_kinds import LEDGER_ENTRIES

_OF_CURRENCY = {"entry_amount": "currency_code", "original_amount": "original_currency_code"}
_INSTANT = "%Y-%m-%dT%H:%M:%S%.6fZ"


def _cell(name: str, kind: FieldType) -> pl.Expr:
    match kind:
        case FieldType.AMOUNT:
            return exact_text(pl.col(name), pl.col(_OF_CURRENCY[name]))
        case FieldType.INSTANT:
            return pl.col(name).dt.replace_time_zone(None).dt.strftime(_INSTANT)
        case FieldType.TEXT:
            return escaped(pl.col(name))
        case _:
            return pl.col(name).cast(pl.String)


def _rows(entries: pl.DataFrame) -> pl.DataFrame:
    facts = {"currency_code": "account_currency_code", "account_name": "account_name"}
    types = {field.name: field.type for field in LEDGER_ENTRIES.fields}
    return entries.select(
        entry_id="entry_key",
        **{name: _cell(name, types[name]) for name in ENTRY_COLUMNS},
        **{column: escaped(pl.col(facts.get(name, name))) for column, name in ACCOUNT_COLUMNS.items()},
        **{name: escaped(pl.col(name)) for name in ORIGIN_COLUMNS},
    )


TARGET = Target(name="csv", title="Hisab entries (CSV)", columns=COLUMNS, rows=_rows, losses=())
