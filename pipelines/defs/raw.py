"""The raw tables as assets: where all sources meet, and where a night without changes ends.

When nothing changed since the last publication these assets are not materialised, and Dagster skips everything that
hangs on them: no dbt starts, no snapshot is made.
"""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg

from pipelines.defs.resources import WAREHOUSE_WRITER, HomeResource
from pipelines.defs.sources import OWNERS, Result
from pipelines.ingest.books import unbalanced_loads, unexpected_columns
from pipelines.marts import build_need
from pipelines.party_settings import record_party_settings
from pipelines.progress import tell
from pipelines.sources import registry
from pipelines.webhooks.recording import record_events
from warehouse.record_kinds import KINDS
from warehouse.road_tables import ROAD_TABLES


def _deps(kind: str) -> list[dg.AssetKey]:
    sources = registry.every_source()
    return [dg.AssetKey([source.source, kind]) for source in sources if kind in {"parties", "consents", *source.kinds}]


def _specs() -> list[dg.AssetSpec]:
    kinds = [
        dg.AssetSpec(
            key=["raw", kind.name],
            deps=_deps(kind.name),
            description=f"{kind.description} All sources together, in their present state.",
            group_name="raw",
            owners=OWNERS,
            kinds={"duckdb", "table"},
            tags={"pii": "true" if "pii" in kind.tags else "false"},
            skippable=True,
        )
        for kind in KINDS.values()
    ]
    books = [
        dg.AssetSpec(
            key=["raw", table.name],
            description=table.description,
            group_name="raw",
            owners=OWNERS,
            kinds={"duckdb", "table"},
            tags={"pii": "true" if "pii" in table.tags else "false"},
            skippable=True,
        )
        for table in ROAD_TABLES.values()
    ]
    return kinds + books


@dg.multi_asset(
    name="raw_tables",
    specs=_specs(),
    check_specs=[
        dg.AssetCheckSpec(
            "schema_matches_declaration",
            asset=["raw", "loads"],
            blocking=True,
            description="Every raw table has exactly the declared columns and types.",
        ),
        dg.AssetCheckSpec(
            "loads_are_conserved",
            asset=["raw", "loads"],
            blocking=True,
            description="In every load and kind: rows read = merged + unchanged + set aside.",
        ),
    ],
    pool=WAREHOUSE_WRITER,
)
def raw_tables(home: HomeResource) -> Iterator[Result]:
    """Prove the raw tables; hand them on if anything changed since the last publication."""
    workplace = home.workplace
    record_events(workplace)
    record_party_settings(workplace)
    need = build_need(workplace)
    if need.reason:
        for name in (*KINDS, *ROAD_TABLES):
            yield dg.MaterializeResult(asset_key=dg.AssetKey(["raw", name]), metadata={"load_seq": need.load_seq})
    else:
        tell("nothing changed")
    with workplace.warehouse("checking the raw tables") as con:
        odd, uneven = unexpected_columns(con), unbalanced_loads(con)
    loads = dg.AssetKey(["raw", "loads"])
    yield dg.AssetCheckResult(
        asset_key=loads, check_name="schema_matches_declaration", passed=not odd, metadata={"unexpected": odd}
    )
    yield dg.AssetCheckResult(
        asset_key=loads, check_name="loads_are_conserved", passed=not uneven, metadata={"unbalanced": uneven}
    )
