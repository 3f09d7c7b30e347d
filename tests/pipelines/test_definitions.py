"""The Dagster graph is whole: described, owned, grouped, checked and connected from the sources to the page."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pytest
from dagster import AssetKey, AssetSpec

from pipelines.commands.setting_up import make_home
from pipelines.sources import registry
from warehouse.home import Home
from warehouse.record_kinds import KINDS


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.Definitions]:
    home = Home(tmp_path_factory.mktemp("defs") / "home")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("HISAB_HOME", str(home.root))
        make_home(home, "Asia/Dhaka")
        from pipelines.definitions import defs

        yield defs


@pytest.fixture(scope="module")
def specs(definitions: dg.Definitions) -> dict[AssetKey, AssetSpec]:
    return {spec.key: spec for spec in definitions.resolve_all_asset_specs()}


def test_the_code_location_is_sound(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)


def test_every_source_and_kind_is_an_asset_named_source_and_kind(specs: dict[AssetKey, AssetSpec]) -> None:
    for source in registry.every_source():
        for kind in ("parties", "consents", *source.kinds):
            assert AssetKey([source.source, kind]) in specs


def test_every_asset_is_described_owned_grouped_and_of_a_kind(specs: dict[AssetKey, AssetSpec]) -> None:
    for key, spec in specs.items():
        assert spec.description, key
        assert spec.owners, key
        assert spec.group_name, key
        assert spec.kinds, key


def test_every_source_reaches_the_page(specs: dict[AssetKey, AssetSpec]) -> None:
    parents = {key: {dep.asset_key for dep in spec.deps} for key, spec in specs.items()}

    def above(key: AssetKey) -> set[AssetKey]:
        found: set[AssetKey] = set()
        waiting = [key]
        while waiting:
            for parent in parents.get(waiting.pop(), set()) - found:
                found.add(parent)
                waiting.append(parent)
        return found

    seen = above(AssetKey(["dashboards", "cashflow"]))
    converted = above(AssetKey(["dashboards", "household"]))
    shown = seen | above(AssetKey(["dashboards", "accounts"]))
    for source in registry.every_source():
        money = {AssetKey([source.source, kind]) for kind in source.kinds if kind.endswith(("transactions", "entries"))}
        stock = {AssetKey([source.source, kind]) for kind in {"accounts", "balances", "statements"} & {*source.kinds}}
        rates = {AssetKey([source.source, "fx_rates"])} & {AssetKey([source.source, kind]) for kind in source.kinds}
        assert money or rates, source.source
        assert rates <= converted, source.source
        assert money <= seen, source.source
        assert stock <= shown, source.source
    assert {AssetKey(["raw", kind]) for kind in ("ledger_entries", "bank_transactions", "parties")} <= seen


def test_bad_rows_and_lost_rows_block_what_follows(definitions: dg.Definitions) -> None:
    checks = {
        (check.asset_key, check.name): check
        for assets in definitions.resolve_asset_graph().assets_defs
        for check in assets.check_specs
    }
    for source in registry.every_source():
        for kind in ("parties", "consents", *source.kinds):
            for name in ("expectations_hold", "rows_are_conserved"):
                assert checks[AssetKey([source.source, kind]), name].blocking
    assert checks[AssetKey(["raw", "loads"]), "schema_matches_declaration"].blocking
    of_marts = [check for (key, _), check in checks.items() if key.path[0] in {"core", "household", "ops"}]
    assert len(of_marts) > 30


def test_live_sources_have_a_freshness_policy(specs: dict[AssetKey, AssetSpec]) -> None:
    for source in registry.api_sources():
        for kind in source.kinds:
            assert specs[AssetKey([source.source, kind])].freshness_policy is not None


def test_the_night_starts_at_two_where_the_home_is(definitions: dg.Definitions) -> None:
    schedule = definitions.resolve_schedule_def("nightly_schedule")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", "Asia/Dhaka")
    assert schedule.job_name == "nightly"


def test_one_writer_at_a_time(definitions: dg.Definitions) -> None:
    writers = {
        assets.op.name: assets.op.pool
        for assets in definitions.resolve_asset_graph().assets_defs
        if assets.is_executable and not assets.op.name.startswith("dashboards__")
    }
    assert set(writers.values()) == {"warehouse_writer"}, writers


def test_a_batch_with_nothing_good_in_it_is_an_error_and_one_bad_row_a_warning() -> None:
    from pipelines.defs.sources import _results
    from pipelines.ingest.road import Counts, LoadOutcome

    source = registry.file_format("wallet")

    def verdict(counts: Counts) -> dg.AssetCheckResult:
        load = LoadOutcome("l", "c", "wallet", {"ledger_entries": counts})
        found = [
            each
            for each in _results(source, [], [load])
            if isinstance(each, dg.AssetCheckResult)
            and each.check_name == "expectations_hold"
            and each.asset_key == AssetKey(["wallet", "ledger_entries"])
        ]
        return found[0]

    some, none = verdict(Counts(3, 2, 0, 1)), verdict(Counts(2, 0, 0, 2))
    assert (some.passed, some.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert (none.passed, none.severity) == (False, dg.AssetCheckSeverity.ERROR)


def test_lost_rows_fail_their_check() -> None:
    from pipelines.defs.sources import _results
    from pipelines.ingest.road import Counts, LoadOutcome

    load = LoadOutcome("l", "c", "wallet", {"ledger_entries": Counts(3, 1, 0, 1)})
    failed = [
        each.check_name
        for each in _results(registry.file_format("wallet"), [], [load])
        if isinstance(each, dg.AssetCheckResult) and not each.passed
    ]
    assert "rows_are_conserved" in failed


def test_every_declared_kind_has_a_raw_asset(specs: dict[AssetKey, AssetSpec]) -> None:
    assert {AssetKey(["raw", kind]) for kind in KINDS} <= set(specs)
