"""What a night that was killed leaves in Dagster's files, and how the next one takes it back.

A pool's slot is claimed in a file and given back by the run itself; a killed run gives nothing back, and every later
one would wait for its slot for ever. Put here how a dead run is told from a living one: whatever Dagster's own
launcher started bears its tag, and of the others the caller, who holds the night's lock, runs the only one.
"""

from __future__ import annotations

from dagster import DagsterInstance, RunsFilter
from dagster._core.storage.dagster_run import IN_PROGRESS_RUN_STATUSES
from dagster._core.storage.tags import GRPC_INFO_TAG

from pipelines.progress import tell


def end_killed_nights(instance: DagsterInstance, pool: str) -> None:
    """Mark nights that died as failed and give their slots back; tell who else holds the pool."""
    slots = instance.event_log_storage
    for run in instance.get_runs(RunsFilter(statuses=IN_PROGRESS_RUN_STATUSES)):
        if GRPC_INFO_TAG not in run.tags:
            instance.report_run_failed(run, "The process that ran this night was killed.")
            slots.free_concurrency_slots_for_run(run.run_id)
    if pool not in slots.get_concurrency_keys():
        return
    for slot in slots.get_concurrency_info(pool).claimed_slots:
        holder = instance.get_run_by_id(slot.run_id)
        if holder is None or holder.is_finished:
            slots.free_concurrency_slots_for_run(slot.run_id)
        else:
            tell(
                f"waiting for Dagster's run {slot.run_id}, which holds the warehouse; a dead one is ended in `make dev`"
            )
