"""The unit tests that stand beside the models; a nightly build leaves them out, so they run here."""

from __future__ import annotations

import duckdb
from tiny_warehouse import KEY, TinyWarehouse

from warehouse import build as dbt
from warehouse.working_file import pin_extensions


def test_every_unit_test_of_the_models_passes(
    built_karim: TinyWarehouse, karims_marts: duckdb.DuckDBPyConnection
) -> None:
    home = built_karim.home
    values = (str(home.warehouse_file), KEY, str(pin_extensions(home)), str(home.spill), "512MB")
    answer = dbt._invoke(
        ["test", "--select", "test_type:unit", *dbt._where(home.dbt / "target", home.dbt / "logs")],
        environment=dict(zip(dbt._PROFILE_VARIABLES, values, strict=True)),
    )
    assert {result.node.name: str(result.status) for result in answer.results if str(result.status) != "pass"} == {}
    assert len(answer.results) >= 9
