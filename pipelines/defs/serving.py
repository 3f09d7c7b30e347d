"""What readers see: the published snapshot and the pages made from it."""

from __future__ import annotations

import dagster as dg

from dashboards import DASHBOARDS
from pipelines.defs.resources import WAREHOUSE_WRITER, HomeResource
from pipelines.defs.sources import OWNERS
from pipelines.marts import build_need, publish_marts, render_pages
from pipelines.settings import home_of_environment
from warehouse.build import read_manifest

PUBLISHED = dg.AssetKey(["publish", "marts"])


def _mart_keys() -> list[dg.AssetKey]:
    home = home_of_environment()
    manifest = read_manifest(target=home.dbt / "target", logs=home.dbt / "logs")
    marts = (node for node in manifest["nodes"].values() if node["config"].get("access") == "public")
    return [dg.AssetKey([node["schema"], node["name"]]) for node in marts]


@dg.asset(
    key=PUBLISHED,
    deps=_mart_keys(),
    group_name="serving",
    owners=OWNERS,
    kinds={"duckdb", "snapshot"},
    pool=WAREHOUSE_WRITER,
)
def published_marts(home: HomeResource) -> dg.MaterializeResult[None]:
    """One immutable, encrypted snapshot of every mart, proved against the working file; readers see it at once."""
    workplace = home.workplace
    published = publish_marts(workplace, build_need(workplace).load_seq)
    return dg.MaterializeResult(metadata={"file": published.file, "rows": sum(published.rows.values())})


def _page(key: str) -> dg.AssetsDefinition:
    @dg.asset(
        key=["dashboards", key],
        deps=[PUBLISHED],
        description=f"The page {key}.html, rendered from the published snapshot; holds amounts in clear on purpose.",
        group_name="serving",
        owners=OWNERS,
        kinds={"dashboard", "vegalite"},
    )
    def page(home: HomeResource) -> dg.MaterializeResult[None]:
        path = render_pages(home.workplace, [key])[0]
        return dg.MaterializeResult(metadata={"bytes": path.stat().st_size})

    return page


dashboard_assets = [_page(key) for key in DASHBOARDS]
"""One asset per dashboard."""
