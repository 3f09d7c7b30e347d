"""The Dagster code location: everything under `pipelines.defs`, and nothing else."""

from __future__ import annotations

import dagster as dg

from pipelines import defs as folder
from pipelines.defs.automation import nightly, nightly_schedule
from pipelines.defs.resources import HomeResource

defs = dg.Definitions(
    assets=dg.load_assets_from_package_module(folder),
    jobs=[nightly],
    schedules=[nightly_schedule],
    resources={"home": HomeResource()},
)
