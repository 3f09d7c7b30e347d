"""One folder for the whole session, so that dbt parses the project once; a fresh working file per test."""

from __future__ import annotations

import duckdb
import pytest
from tiny_warehouse import TinyWarehouse, fill_with_karim, home_of

from warehouse.home import Home


@pytest.fixture(scope="session")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The home every dbt test works in; its path must not change, or dbt parses anew."""
    return home_of(tmp_path_factory.mktemp("kitchen"))


@pytest.fixture
def tiny(kitchen: Home, data_tests: dict[str, str]) -> TinyWarehouse:
    """An empty working file."""
    return TinyWarehouse(kitchen, proofs=data_tests).create()


@pytest.fixture
def karim(tiny: TinyWarehouse) -> TinyWarehouse:
    """Karim's household, loaded and not built."""
    return fill_with_karim(tiny)


@pytest.fixture(scope="session")
def karims_marts(kitchen: Home) -> duckdb.DuckDBPyConnection:
    """Karim's marts, built once with every data test, to be read only."""
    tiny = fill_with_karim(TinyWarehouse(kitchen).create())
    assert tiny.build().problems == ()
    tiny.keep("built")
    return tiny.copy_of_marts()


@pytest.fixture
def built_karim(kitchen: Home, data_tests: dict[str, str]) -> TinyWarehouse:
    """Karim's household as that build left it, to be loaded into and built again."""
    tiny = TinyWarehouse(kitchen, load_seq=2, proofs=data_tests)
    tiny.bring_back("built")
    return tiny


@pytest.fixture(scope="session")
def data_tests(kitchen: Home, karims_marts: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Every data test as a statement that gives the rows at fault: a build would take seconds for each fault."""
    return TinyWarehouse(kitchen).data_tests()
