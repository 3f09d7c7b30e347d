"""What landed events set going: which connections to read again, and which events are settled when that is done.

The landed events alone decide, not the order in which they came or were handled: an event asks that something be read
again, and reading again brings the present state, whatever the event said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from pipelines.ingest.pulling import connections_of
from pipelines.webhooks.entities import ConnectedEntities
from pipelines.webhooks.events import EventLanding, LandedEvent
from pipelines.webhooks.senders import SENDERS
from pipelines.webhooks.verify import Event, Refused, read_event
from pipelines.workplace import Workplace
from warehouse.connection_files import ConnectionProblem
from warehouse.standings import StandingStore


@dataclass(frozen=True, slots=True)
class Errand:
    """What one waiting event asks for.

    Attributes:
        event_key: The event.
        connection_ids: Connections to read again; none when there is nothing to read.
    """

    event_key: str
    connection_ids: frozenset[str]


def errands(workplace: Workplace, senders: Collection[str] = tuple(SENDERS)) -> list[Errand]:
    """What the waiting events of these senders ask for, oldest first.

    An event that speaks of a login which is not connected here asks for nothing yet and is left out: it waits until
    the login is connected. Raises ConnectionProblem when the register of connections is damaged.
    """
    if not workplace.home.events.is_dir():
        return []
    landing = EventLanding(workplace.home, workplace.keyring)
    landing.open()
    entities = ConnectedEntities(workplace.home, workplace.keyring)
    found = []
    for event in landing.waiting():
        if event.sender in senders:
            found += list(_errand(workplace, entities, event))
    return found


def _errand(workplace: Workplace, entities: ConnectedEntities, landed: LandedEvent) -> Iterator[Errand]:
    sender = SENDERS[landed.sender]
    try:
        event = read_event(sender, landed.body, landed.received_at)
    except Refused:  # of a party that was erased: nothing of it is left to read
        yield Errand(landed.key, frozenset())
        return
    if not event.wants_sync:
        yield Errand(landed.key, frozenset())
    elif not event.entity_ref:
        yield Errand(landed.key, _without_entity(workplace, event))
    elif connection := entities.find(sender.name, event.entity_ref):
        yield Errand(landed.key, frozenset({connection.connection_id}))


def _without_entity(workplace: Workplace, event: Event) -> frozenset[str]:
    """The connections that wait for the results an event names; every one of the source where none does."""
    everyone = [each.connection_id for each in connections_of(workplace, event.sender)]
    standings = StandingStore(workplace.home, workplace.keyring)
    awaiting = [each for each in everyone if event.object_ref and _awaits(standings, each, event.object_ref)]
    return frozenset(awaiting or everyone)


def _awaits(standings: StandingStore, connection_id: str, reference: str) -> bool:
    try:
        standing = standings.load(connection_id)
    except ConnectionProblem:
        return False  # the list of connections tells of it
    return standing is not None and standing.reference == reference


def settle(
    workplace: Workplace, done: Sequence[Errand], *, troubled: Collection[str] = (), only: Collection[str] = ()
) -> int:
    """Set those events handled whose connections were read; how many.

    `troubled` are connections that could not be read; `only`, when given, the only ones that were tried. Killed
    before this, the same events ask again, and reading again changes nothing.
    """
    settled = [
        errand.event_key
        for errand in done
        if not errand.connection_ids & set(troubled) and (not only or errand.connection_ids <= set(only))
    ]
    if settled:
        EventLanding(workplace.home, workplace.keyring).set_handled(settled)
    return len(settled)
