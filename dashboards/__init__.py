"""Dashboards as code: one YAML file per dashboard, and what turns it into a page, and into dbt's exposures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warehouse.marts import Marts

FOLDER = Path(__file__).resolve().parent
DASHBOARDS = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))
"""Keys of all dashboards."""


def render_dashboard(key: str, marts: Marts, path: Path) -> Path:
    """Render one dashboard of DASHBOARDS from an open snapshot to a page at `path`; give that path.

    Raises DashboardError, naming the file, when the dashboard cannot be read or a card's SQL does not run.
    """
    from dashboards.page import render_page
    from dashboards.results import run_cards
    from dashboards.spec import load_spec

    spec = load_spec(FOLDER / f"{key}.yaml")
    return render_page(spec, run_cards(spec, marts.connection), path, published_at=marts.published.published_at)
