"""Rebuilding the warehouse from landing alone: the proof that the working file is only a cache.

A new file is written beside the old one and takes its place at the end; killed at any moment before, the old one is
still whole and in use.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.ingest.decoding import Decoder
from pipelines.ingest.road import merge_pack
from pipelines.progress import tell, warn
from pipelines.workplace import Workplace
from warehouse.home import sync_folder
from warehouse.keys import KeyProblem
from warehouse.working_file import half_memory, working_file


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many loads were merged again, and how many belong to erased people."""

    loads: int
    erased: int


def rebuild(workplace: Workplace, decoder: Decoder) -> Rebuilt:
    """Merge every landed load into a new working file, in the order they were read, and put it in place.

    Loads that are still pending stay so; the next sync merges them. Raises ConservationError, Locked, DiskFull.
    """
    home = workplace.home
    fresh = home.warehouse_file.with_name("rebuilding.duckdb")
    for leftover in (fresh, fresh.with_name(fresh.name + ".wal")):
        leftover.unlink(missing_ok=True)
    packs = workplace.landing.merged()
    merged = erased = 0
    limit = workplace.settings.memory_limit
    # the decoding process needs the other half
    with working_file(home, workplace.keyring, "rebuilding", limit, file=fresh) as con, half_memory(con):
        for number, pack in enumerate(packs, 1):
            tell(f"merging load {number} of {len(packs)}")
            try:
                outcome = merge_pack(con, workplace.landing, decoder, pack)
            except KeyProblem:
                erased += 1
                continue
            merged += 1
            if outcome.problem:
                warn(f"a load of {outcome.source} could not be read: {outcome.problem}")
    with workplace.locked("rebuilding"):
        # a log left beside the old file must never be played into the new one
        home.warehouse_file.with_name(home.warehouse_file.name + ".wal").unlink(missing_ok=True)
        fresh.replace(home.warehouse_file)
        sync_folder(home.warehouse_file.parent)
    return Rebuilt(merged, erased)
