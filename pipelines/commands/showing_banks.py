"""The banks of the demo: each person logs in at a pretend bank of another country, and its webhooks are received."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx

from pipelines import connecting, lean_connecting
from pipelines.local_server import serving
from pipelines.progress import tell
from pipelines.sandbox.lean.settings import CLIENT_ID, CLIENT_SECRET
from pipelines.webhooks.entities import ConnectedEntities
from pipelines.webhooks.events import EventLanding
from pipelines.webhooks.receiver import make_receiver
from pipelines.workplace import Workplace
from warehouse.connections import ACTIVE

BANKS = (("uae", "LEAN_OF_RETAIL_UAE"), ("ksa", "LEA1_SAMAOB_SAU"))
"""Region and bank of the first and of the second person."""
_WAIT_SECONDS = 10.0


@contextmanager
def receiving(workplace: Workplace, sandbox_url: str) -> Iterator[EventLanding]:
    """Receive the webhooks of both pretend regions while the block runs; gives where their events land."""
    landing = EventLanding(workplace.home, workplace.keyring)
    entities = ConnectedEntities(workplace.home, workplace.keyring)
    secret = secrets.token_hex(32)
    with serving(lambda _: make_receiver(landing, entities, {"lean": (secret,)})) as address:
        for region, _ in BANKS:
            registration = {"url": f"{address}/webhooks/lean", "secret": secret}
            httpx.post(f"{sandbox_url}/{region}/webhooks", json=registration, timeout=10).raise_for_status()
        yield landing


def connect_banks(workplace: Workplace, sandbox_url: str, labels: Sequence[str], landing: EventLanding) -> None:
    """Connect each person to a bank, unless that was done at this address; wait for what the banks tell of it.

    Raises SourceError, ConnectionProblem.
    """
    before = len(landing.all_keys())
    connected = 0
    for label, (region, bank) in zip(labels, BANKS, strict=True):
        connected += _connect(workplace, f"{sandbox_url}/{region}", label, bank)
    end = time.monotonic() + _WAIT_SECONDS
    while len(landing.all_keys()) < before + connected and time.monotonic() < end:
        time.sleep(0.02)


def _connect(workplace: Workplace, base_url: str, label: str, bank: str) -> int:
    """How many connections were made: one, or none when the person is connected there already."""
    rows = connecting.connection_rows(workplace.home, workplace.keyring)
    if any((row.party_label, row.base_url, row.state) == (label, base_url, ACTIVE) for row in rows):
        return 0
    application = lean_connecting.keep_application(
        workplace.home, workplace.keyring, base_url=base_url, client_id=CLIENT_ID, client_secret=CLIENT_SECRET
    )
    customer = lean_connecting.ensure_customer(application, label)
    names = lean_connecting.bank_names(application)
    tell(f"{label} logs in at {names.get(bank, bank)}")
    choice = {"customer_id": customer.customer_id, "bank_identifier": bank}
    httpx.post(f"{base_url}/pretend/connect", json=choice, timeout=10).raise_for_status()
    for entity in lean_connecting.entities_of(application, customer):
        name = names.get(entity.bank_identifier, "")
        lean_connecting.connect_entity(application, customer, entity, bank_name=name)
    return 1
