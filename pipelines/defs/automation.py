"""When things run: every night at 02:00 in the home's time zone, and whenever webhook events ask for it."""

from __future__ import annotations

import hashlib

import dagster as dg

from pipelines.settings import home_of_environment, load_settings
from pipelines.webhooks.handling import errands
from pipelines.workplace import open_workplace

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

webhook_sync = dg.define_asset_job(
    "webhook_sync",
    selection=dg.AssetSelection.all(),
    description="The nightly job, kept to the connections that landed webhook events speak of.",
    executor_def=dg.in_process_executor,
    tags={"dagster/max_retries": "1"},
)


@dg.sensor(
    job=webhook_sync,
    minimum_interval_seconds=30,
    description="Landed events that wait become one run, which reads again just the connections they speak of.",
)
def webhook_sensor() -> dg.RunRequest | dg.SkipReason:
    """Ask for one run per set of waiting events; the same set asks once, the next night takes what is left of it."""
    waiting = errands(open_workplace())
    if not waiting:
        return dg.SkipReason("No landed event waits.")
    connections = sorted(set().union(*(errand.connection_ids for errand in waiting)))
    keys = "\n".join(sorted(errand.event_key for errand in waiting))
    return dg.RunRequest(
        run_key=hashlib.sha256(keys.encode()).hexdigest(),
        run_config={"resources": {"home": {"config": {"only": connections or [NO_CONNECTION]}}}},
    )


NO_CONNECTION = "none"
"""Stands for an empty list: events that ask for no reading are recorded without pulling anything."""
