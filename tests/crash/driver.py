"""One step of the road in a process of its own, so that a test can kill it: python driver.py STEP [ARGUMENT]."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from pipelines.ingest import importing
from pipelines.ingest.decoding import Decoder
from pipelines.ingest.merging import merge_pending
from pipelines.ingest.pulling import connections_of, pull_connections
from pipelines.webhooks.events import EventLanding
from pipelines.webhooks.senders import LEAN
from pipelines.webhooks.verify import read_event
from pipelines.workplace import Workplace, open_workplace

AT = "2026-05-13T12:00:00Z"
ANSWERS = {"currency": "USD"}


def take(workplace: Workplace, decoder: Decoder, files: list[Path]) -> None:
    """What `hisab import --yes` and the source assets do, without a screen: recover, import, pull, merge."""
    merge_pending(workplace, decoder)
    known = importing.known_files(workplace)
    for path in files:
        candidate = importing.prepare(
            workplace, decoder, path, party_label="Rahim", given=ANSWERS, ask=lambda _p, _q: None, known=known
        )
        if not candidate.is_known:
            importing.land(workplace, candidate)
            merge_pending(workplace, decoder)
    pull_connections(workplace, connections_of(workplace, "hishebi"))
    merge_pending(workplace, decoder)


def receive(workplace: Workplace, count: int) -> None:
    """What the receiver does with the events of this many files, without a socket."""
    landing = EventLanding(workplace.home, workplace.keyring)
    landing.open()
    for number in range(count):
        body = f'{{"event_id": "{number}", "type": "payment.created", "timestamp": "{AT}"}}'.encode()
        event = read_event(LEAN, body, dt.datetime.now(dt.UTC))
        key = landing.key_of(LEAN.name, event.event_id)
        if not landing.knows(key):
            landing.land([(key, landing.seal(key, event, body, None, event.event_at))])


def build(workplace: Workplace) -> None:
    """The dbt step; dbt is imported here only."""
    from pipelines.marts import BuildNeed, build_marts, build_need

    need = build_need(workplace)
    result = build_marts(workplace, need or BuildNeed("", full_refresh=False, load_seq=0))
    if not result.ok:
        sys.exit("; ".join(result.problems))


def publish(workplace: Workplace) -> None:
    """The publish step."""
    from pipelines.marts import build_need, publish_marts

    publish_marts(workplace, build_need(workplace).load_seq)


def main() -> None:
    """Do the steps named on the command line."""
    workplace = open_workplace()
    steps, files = sys.argv[1].split(","), [Path(name) for name in sys.argv[2:]]
    if "receive" in steps:
        receive(workplace, len(files))
    with Decoder() as decoder:
        if "take" in steps:
            take(workplace, decoder, files)
    if "build" in steps:
        build(workplace)
    if "publish" in steps:
        publish(workplace)


if __name__ == "__main__":
    started = dt.datetime.now(dt.UTC)
    main()
