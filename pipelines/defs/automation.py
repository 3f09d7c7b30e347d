"""When things run: the nightly job and its schedule, at 02:00 in the home's time zone."""

from __future__ import annotations

import dagster as dg

from pipelines.settings import home_of_environment, load_settings

nightly = dg.define_asset_job(
    "nightly",
    selection=dg.AssetSelection.all(),
    description="Pull, merge, build, test, publish and render; whatever did not change is skipped.",
    executor_def=dg.in_process_executor,
    tags={"dagster/max_retries": "1"},
)
"""One process, because one process at a time may write the working file and dbt stays warm in it."""

nightly_schedule = dg.ScheduleDefinition(
    name="nightly_schedule",
    job=nightly,
    cron_schedule="0 2 * * *",
    execution_timezone=load_settings(home_of_environment()).time_zone,
    description="Every night at two, where the home is.",
)
