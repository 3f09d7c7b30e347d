"""dbt's exposures, written from the dashboards: which marts each page reads, who owns it.

`python -m dashboards.exposures` writes the committed file; a test renders it again. Which tables a card reads is
told by the engine's own parser, not by searching the text.
"""

from __future__ import annotations

from typing import Any

import duckdb
import yaml

from dashboards import DASHBOARDS, FOLDER
from dashboards.spec import Dashboard, load_spec
from dashboards.sql_template import with_nulls

EXPOSURES_FILE = FOLDER.parent / "dbt_project" / "models" / "exposures.yml"
_HEAD = "# Rendered by `python -m dashboards.exposures` from dashboards/*.yaml; do not edit.\n"


def tables_read(spec: Dashboard) -> list[str]:
    """`schema.table` of every mart the cards and filters of a dashboard read, sorted."""
    found: set[str] = set()
    with duckdb.connect() as con:
        for sql in [*(param.sql for param in spec.params), *(card.sql for card in spec.cards)]:
            # A name comes with its alias behind it; one without a schema is a query's own.
            names = (name.split(" ")[0] for name in con.get_table_names(with_nulls(sql), qualified=True))
            found |= {name for name in names if "." in name}
    return sorted(found)


def exposures_text() -> str:
    """The text of dbt_project/models/exposures.yml."""
    exposures = [_exposure(load_spec(FOLDER / f"{key}.yaml")) for key in DASHBOARDS]
    document = {"version": 2, "exposures": exposures}
    return _HEAD + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)


def _exposure(spec: Dashboard) -> dict[str, Any]:
    return {
        "name": spec.key,
        "label": spec.titles.en,
        "type": "dashboard",
        "maturity": "high",
        "description": spec.description,
        "depends_on": [f"ref('{table.split('.')[-1]}')" for table in tables_read(spec)],
        "owner": {"name": spec.owner},
    }


def _write() -> None:
    EXPOSURES_FILE.write_text(exposures_text(), encoding="utf-8")


if __name__ == "__main__":
    _write()
