"""Merging what has landed: every pending load, oldest first, one transaction each."""

from __future__ import annotations

from pipelines.ingest.decoding import Decoder
from pipelines.ingest.landing import Pack
from pipelines.ingest.road import LoadOutcome, merge_pack
from pipelines.progress import tell, warn
from pipelines.workplace import Workplace
from warehouse.working_file import half_memory


def merge_pending(workplace: Workplace, decoder: Decoder, connection_ids: set[str] | None = None) -> list[LoadOutcome]:
    """Merge the pending loads of the given connections (of all, when None) and say what became of each.

    Killed anywhere and run again, it ends in the same state. Raises Locked, DiskFull, ConservationError.
    """
    workplace.landing.sweep()
    packs = workplace.landing.pending(connection_ids)
    return merge_packs(workplace, decoder, packs) if packs else []


def merge_packs(workplace: Workplace, decoder: Decoder, packs: list[Pack]) -> list[LoadOutcome]:
    """Merge these loads in the order given."""
    outcomes = []
    landing = workplace.landing
    # the decoding process needs the other half
    with workplace.warehouse("merging loads") as con, half_memory(con):
        for number, pack in enumerate(packs, 1):
            tell(f"merging load {number} of {len(packs)}")
            outcome = merge_pack(con, landing, decoder, pack)
            if outcome.problem:
                warn(f"a load of {outcome.source} could not be read: {outcome.problem}")
            if outcome.held_back:
                warn(
                    f"{outcome.held_back} entries are missing at {outcome.source} all at once and were kept; if they "
                    "were really deleted there, run `hisab sync --accept-deletions`"
                )
            outcomes.append(outcome)
    return outcomes
