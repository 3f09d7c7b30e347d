"""Source assets: one per source and record kind, made for every source the registry finds.

A source's kinds are read together, so each source is one step: pull what its connections have (API sources), then
merge what landed. Pulling problems of one connection do not stop the others.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import dagster as dg

from pipelines.defs.resources import WAREHOUSE_WRITER, HomeResource
from pipelines.ingest.merging import merge_pending
from pipelines.ingest.pulling import PullOutcome, connections_of, pull_connections
from pipelines.ingest.road import Counts, LoadOutcome
from pipelines.sources import registry
from pipelines.sources.source import ApiSource, FileFormat
from pipelines.webhooks.handling import errands, settle
from warehouse.record_kinds import KINDS

Result = dg.MaterializeResult[None] | dg.AssetCheckResult
OWNERS = ["data@hisab.example"]
FRESHNESS = dg.FreshnessPolicy.time_window(fail_window=dt.timedelta(hours=36), warn_window=dt.timedelta(hours=26))
"""A nightly run may be late by two hours before it warns, and by half a day before it fails."""
RETRIES = dg.RetryPolicy(max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.FULL)


def _kinds(source: ApiSource | FileFormat) -> list[str]:
    return ["parties", "consents", *source.kinds]


def _specs(source: ApiSource | FileFormat) -> list[dg.AssetSpec]:
    is_api = isinstance(source, ApiSource)
    return [
        dg.AssetSpec(
            key=[source.source, kind],
            description=f"{KINDS[kind].description} As read from {source.title}.",
            group_name="sources",
            owners=OWNERS,
            kinds={"python", "duckdb"},
            tags={"source": source.source, "pii": "true" if "pii" in KINDS[kind].tags else "false"},
            freshness_policy=FRESHNESS if is_api else None,
        )
        for kind in _kinds(source)
    ]


def _checks(source: ApiSource | FileFormat) -> list[dg.AssetCheckSpec]:
    checks = []
    for kind in _kinds(source):
        key = [source.source, kind]
        checks += [
            dg.AssetCheckSpec(
                "expectations_hold",
                asset=key,
                blocking=True,
                description="Great Expectations: rows that break a rule of the kind are set aside, never merged.",
            ),
            dg.AssetCheckSpec(
                "rows_are_conserved",
                asset=key,
                blocking=True,
                description="Rows read = merged + unchanged + set aside.",
            ),
        ]
    first = [source.source, _kinds(source)[0]]
    return [
        *checks,
        dg.AssetCheckSpec("loads_finished", asset=first, description="Every pull and every landed load went through."),
    ]


def _asset(source: ApiSource | FileFormat) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=f"{source.source}_records",
        specs=_specs(source),
        check_specs=_checks(source),
        pool=WAREHOUSE_WRITER,
        retry_policy=RETRIES,
    )
    def records(home: HomeResource) -> Iterator[Result]:
        workplace = home.workplace
        waiting = errands(workplace, {source.source})  # before the pull: an event that comes during it asks again
        connections = connections_of(workplace, source.source)
        if home.only:
            connections = [each for each in connections if each.connection_id in home.only]
        pulls: list[PullOutcome] = []
        if isinstance(source, ApiSource):
            pulls = pull_connections(workplace, connections, full=home.full, accept_deletions=home.accept_deletions)
        loads = merge_pending(workplace, home.decoder, {each.connection_id for each in connections})
        settle(workplace, waiting, troubled=_troubled(pulls, loads), only=home.only)
        yield from _results(source, pulls, loads)

    return records


def _troubled(pulls: list[PullOutcome], loads: list[LoadOutcome]) -> set[str]:
    pulled = {each.connection_id for each in pulls if each.problem}
    return pulled | {each.connection_id for each in loads if each.problem}


def _results(source: ApiSource | FileFormat, pulls: list[PullOutcome], loads: list[LoadOutcome]) -> Iterator[Result]:
    for kind in _kinds(source):
        counts = [load.counts[kind] for load in loads if kind in load.counts]
        total = Counts(*(sum(getattr(each, name) for each in counts) for name in Counts.__slots__))
        key = dg.AssetKey([source.source, kind])
        metadata = {name: getattr(total, name) for name in Counts.__slots__}
        yield dg.MaterializeResult(asset_key=key, metadata=metadata)
        nothing_left = total.read > 0 and total.quarantined == total.read
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name="expectations_hold",
            passed=total.quarantined == 0,
            severity=dg.AssetCheckSeverity.ERROR if nothing_left else dg.AssetCheckSeverity.WARN,
            metadata={"quarantined": total.quarantined},
        )
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name="rows_are_conserved",
            passed=total.read == total.merged + total.unchanged + total.quarantined,
            metadata=metadata,
        )
    troubled = sorted(_troubled(pulls, loads))
    yield dg.AssetCheckResult(
        asset_key=dg.AssetKey([source.source, _kinds(source)[0]]),
        check_name="loads_finished",
        passed=not troubled,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"connections": troubled, "cure": "`hisab connections` says what each needs"},
    )


source_assets = [_asset(source) for source in registry.every_source()]
"""The assets of every source, found by Dagster as module-level values."""
