from __future__ import annotations

import yaml

from dashboards import DASHBOARDS, FOLDER
from dashboards.exposures import EXPOSURES_FILE, exposures_text, tables_read
from dashboards.spec import load_spec


def test_the_committed_exposures_are_what_the_dashboards_say() -> None:
    assert EXPOSURES_FILE.read_text(encoding="utf-8") == exposures_text(), "run: python -m dashboards.exposures"


def test_an_exposure_names_every_mart_its_page_reads() -> None:
    assert tables_read(load_spec(FOLDER / "cashflow.yaml")) == [
        "core.dim_categories",
        "core.dim_parties",
        "household.rpt_monthly_cashflow",
        "household.rpt_monthly_savings",
    ]
    entries = yaml.safe_load(exposures_text())["exposures"]
    assert [entry["name"] for entry in entries] == list(DASHBOARDS)
    by_name = {entry["name"]: entry["depends_on"] for entry in entries}
    assert "ref('rpt_monthly_savings')" in by_name["cashflow"]
    assert "ref('rpt_statement_continuity')" in by_name["accounts"]
