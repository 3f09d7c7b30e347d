"""The Dagster code location: everything under `pipelines.defs`, and nothing else."""

from __future__ import annotations

import dagster as dg

from pipelines import defs as folder
from pipelines.defs.automation import nightly, nightly_schedule, webhook_sensor, webhook_sync
from pipelines.defs.resources import HomeResource

defs = dg.Definitions(
    assets=dg.load_assets_from_package_module(folder),
    jobs=[nightly, webhook_sync],
    schedules=[nightly_schedule],
    sensors=[webhook_sensor],
    resources={"home": HomeResource()},
)
