"""The models and tests of dbt as assets and checks, run inside this process with one parse.

No postponed annotations here: Dagster reads the type of `context` itself.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from pipelines.defs.resources import WAREHOUSE_WRITER, HomeResource
from pipelines.defs.sources import OWNERS, Result
from pipelines.marts import build_marts, build_need
from pipelines.progress import warn
from pipelines.settings import home_of_environment
from warehouse.build import BuildResult, NodeResult, parse, read_manifest

_DBT = home_of_environment().dbt
_WHERE = {"target": _DBT / "target", "logs": _DBT / "logs"}


class _Translator(DagsterDbtTranslator):
    """Names groups by schema, gives every model its owners and kinds."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return str(dbt_resource_props.get("schema") or "seeds")

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:  # noqa: ARG002 - one owner for all
        return OWNERS


_TRANSLATOR = _Translator(settings=DagsterDbtTranslatorSettings(enable_asset_checks=True))


@dbt_assets(
    manifest=parse(**_WHERE),
    name="dbt_build",
    dagster_dbt_translator=_TRANSLATOR,
    exclude="resource_type:unit_test",
    pool=WAREHOUSE_WRITER,
)
def dbt_build(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[Result]:
    """Build the marts from the raw tables; a failed test or model stops what follows."""
    workplace = home.workplace
    result = build_marts(workplace, build_need(workplace))
    yield from _results(context, result)
    if not result.ok:
        for problem in result.problems:
            warn(problem)
        raise dg.Failure(description="; ".join(result.problems)[:1000], allow_retries=False)


def _results(context: dg.AssetExecutionContext, result: BuildResult) -> Iterator[Result]:
    manifest = read_manifest(**_WHERE)
    nodes = manifest["nodes"]
    checks = {(key.asset_key, key.name) for key in context.selected_asset_check_keys}
    for node in result.nodes:
        properties = nodes.get(node.unique_id, {})  # an exposure is no node
        if node.resource_type in {"model", "seed"} and node.status == "success":
            key = _TRANSLATOR.get_asset_key(properties)
            yield dg.MaterializeResult(asset_key=key, metadata={"seconds": node.seconds})
        elif node.resource_type == "test":
            yield from _check(node, properties, manifest, checks)


def _only_parent(properties: Mapping[str, Any]) -> str | None:
    """The one node a test of its own file reads; Dagster makes such a test a check of that node."""
    parents = properties.get("depends_on", {}).get("nodes", [])
    return parents[0] if len(parents) == 1 else None


def _check(
    node: NodeResult, properties: Mapping[str, Any], manifest: Mapping[str, Any], checks: set[tuple[dg.AssetKey, str]]
) -> Iterator[Result]:
    attached = properties.get("attached_node") or _only_parent(properties)
    if attached is None or node.status == "skipped":
        return
    parent = manifest["nodes"].get(attached) or manifest["sources"].get(attached)
    key = (_TRANSLATOR.get_asset_key(parent), node.name)
    if key in checks:
        yield dg.AssetCheckResult(
            asset_key=key[0],
            check_name=key[1],
            passed=node.status == "pass",
            severity=dg.AssetCheckSeverity.WARN if node.status == "warn" else dg.AssetCheckSeverity.ERROR,
            metadata={"failing_rows": node.failures},
        )
