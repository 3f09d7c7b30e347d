"""Any order, any number of repeats, batches, restarts and kills: the set of events decides the state, nothing else."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import itertools
import random
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import httpx
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sent_events import HISHEBI_WIRE, LEAN_WIRE, NOW, SECRET, WIRES, Wire, hishebi_body, lean_body, run_apart

from pipelines.commands.setting_up import make_home
from pipelines.webhooks.entities import ConnectedEntities
from pipelines.webhooks.events import EventLanding
from pipelines.webhooks.handling import errands, settle
from pipelines.webhooks.receiver import make_receiver
from pipelines.webhooks.recording import record_events
from pipelines.workplace import Workplace, open_workplace
from warehouse import connections
from warehouse.connections import Consent
from warehouse.home import Home

TYPES = ("entity.updated", "entity.created", "results.ready", "payment.created", "made.up.tomorrow")
HISHEBI_TYPES = ("entry.created", "rent.paid", "rent.late_fee_applied", "tenant.changed", "made.up.tomorrow")
ENTITIES = ("connected-1", "connected-2", "unknown")


def wire_of(number: int) -> Wire:
    """Who sends event `number`: the two senders' events come mixed."""
    return HISHEBI_WIRE if number % 4 == 3 else LEAN_WIRE


def body_of(number: int) -> bytes:
    """The one body of event `number`; its type, entity and instant follow from the number."""
    entity = ENTITIES[number % len(ENTITIES)]
    if wire_of(number) is HISHEBI_WIRE:
        return hishebi_body(HISHEBI_TYPES[number % len(HISHEBI_TYPES)], entity, event_id=f"event-{number}")
    return lean_body(
        TYPES[number % len(TYPES)],
        {"id": entity},
        event_id=f"event-{number}",
        event_at=NOW + dt.timedelta(seconds=number),
    )


def id_of(number: int) -> str:
    """What event `number` is known by."""
    return hashlib.sha256(body_of(number)).hexdigest() if wire_of(number) is HISHEBI_WIRE else f"event-{number}"


def key_of(landing: EventLanding, number: int) -> str:
    """The name of event `number` in landing."""
    return landing.key_of(wire_of(number).sender.name, id_of(number))


def waits(number: int) -> bool:
    """Whether event `number` speaks of a login that is not connected."""
    if ENTITIES[number % len(ENTITIES)] != "unknown":
        return False
    if wire_of(number) is HISHEBI_WIRE:
        return HISHEBI_TYPES[number % len(HISHEBI_TYPES)] != "made.up.tomorrow"
    return TYPES[number % len(TYPES)].startswith("entity.")


def home_in(folder: Path) -> Workplace:
    """A home with two of the three logins connected."""
    home = Home(folder / "home")
    make_home(home, "UTC")
    workplace = open_workplace(home)
    for source, entity in itertools.product(("lean", "hishebi"), ("connected-1", "connected-2")):
        connections.connect(
            home,
            workplace.keyring,
            party_label=f"party of {entity}",
            source=source,
            user_name=entity,
            consent=Consent((), "see", NOW),
        )
    return workplace


def send(workplace: Workplace, numbers: Sequence[int], at_once: int = 8) -> list[int]:
    """Send these events to a fresh receiver, several at a time; the statuses in their order."""
    app = make_receiver(
        EventLanding(workplace.home, workplace.keyring),
        ConnectedEntities(workplace.home, workplace.keyring),
        {wire.sender.name: (SECRET,) for wire in WIRES},
        now=lambda: NOW,
    )

    async def all_of_them() -> list[int]:
        gate = asyncio.Semaphore(at_once)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://receiver") as client:

            async def one(number: int) -> int:
                wire, body = wire_of(number), body_of(number)
                async with gate:
                    return (await client.post(wire.path, content=body, headers=wire.headers(body))).status_code

            return await asyncio.gather(*(one(number) for number in numbers))

    return run_apart(all_of_them())


def rows(workplace: Workplace) -> list[tuple[object, ...]]:
    """The table of events without the instants of receiving, which a clock makes."""
    record_events(workplace)
    with workplace.warehouse("test") as con:
        return con.execute("select * exclude (received_at) from raw.webhook_events order by event_id").fetchall()


def handle(workplace: Workplace) -> int:
    """What a sync does for the events when every connection could be read."""
    return settle(workplace, errands(workplace))


class Receiving(RuleBasedStateMachine):
    """Sends, repeats, restarts, half-finished landings and syncs in any order, against the set of what was sent."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.workplace = home_in(self.folder)
        self.sent: set[int] = set()
        self.handled: set[int] = set()

    @rule(numbers=st.lists(st.integers(0, 29), min_size=1, max_size=12), at_once=st.integers(1, 8))
    def send_some(self, numbers: list[int], at_once: int) -> None:
        """In this order, with repeats among them and of earlier ones, one by one or together."""
        assert send(self.workplace, numbers, at_once) == [200] * len(numbers)
        self.sent |= set(numbers)

    @rule(number=st.integers(0, 29))
    def die_before_the_rename(self, number: int) -> None:
        """What a kill leaves: a file beside its name. Nothing was acknowledged, so nothing is there."""
        landing = EventLanding(self.workplace.home, self.workplace.keyring)
        landing.open()
        key = key_of(landing, number)
        (self.workplace.home.events / "new" / f".{key}.1.tmp").write_bytes(b"HSB1 half of it")

    @rule(number=st.integers(0, 29))
    def die_while_events_are_settled(self, number: int) -> None:
        """One of several events was moved, the rest were not."""
        done = errands(self.workplace)
        settle(self.workplace, done[: number % (len(done) + 1)])
        landing = EventLanding(self.workplace.home, self.workplace.keyring)
        self.handled |= {n for n in self.sent if landing.all_keys()[key_of(landing, n)]}

    @rule()
    def sync(self) -> None:
        handle(self.workplace)
        self.handled |= {number for number in self.sent if not waits(number)}

    @rule()
    def rebuild(self) -> None:
        """The warehouse is made anew; landing alone must bring the events back."""
        self.workplace.home.warehouse_file.unlink(missing_ok=True)

    @rule()
    def look_at_the_table(self) -> None:
        found = {row[2]: row[7] for row in rows(self.workplace)}
        assert found == {id_of(number): number in self.handled for number in self.sent}

    @invariant()
    def each_sent_event_landed_once_and_handled_ones_are_marked(self) -> None:
        if hasattr(self, "sent"):
            landing = EventLanding(self.workplace.home, self.workplace.keyring)
            expected = {key_of(landing, number): number in self.handled for number in self.sent}
            assert landing.all_keys() == expected

    def teardown(self) -> None:
        try:
            self.look_at_the_table()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)


Receiving.TestCase.settings = settings(max_examples=8, stateful_step_count=10, deadline=None)
TestAnyOrderRepeatsBatchesAndKillsGiveOneState = Receiving.TestCase


def test_shuffled_and_repeated_events_end_as_an_ordered_run_does(tmp_path: Path) -> None:
    chance = random.Random(20261121)  # noqa: S311 - a seed makes a failure one number
    ordered = list(range(300))
    shuffled = list(ordered)
    for place in chance.sample(range(300), 60):  # a fifth comes out of order
        other = chance.randrange(300)
        shuffled[place], shuffled[other] = shuffled[other], shuffled[place]
    repeated = [number for number in shuffled for _ in range(1 + (chance.random() < 0.3))]
    chance.shuffle(late := repeated[250:300])
    repeated[250:300] = late
    one, two = home_in(tmp_path / "ordered"), home_in(tmp_path / "shuffled")
    assert set(send(one, ordered, at_once=1)) == {200}
    half = len(repeated) // 2
    assert set(send(two, repeated[:half])) == {200}
    handle(two)  # a sync in the middle
    assert set(send(two, repeated[half:] + repeated[:50])) == {200}
    for workplace in (one, two):
        handle(workplace)
    by_order, by_chance = ([row[1:] for row in rows(workplace)] for workplace in (one, two))
    assert by_order == by_chance
    assert len(by_order) == 300
    assert [row[1] for row in by_order if not row[6]] == sorted(id_of(n) for n in ordered if waits(n))
