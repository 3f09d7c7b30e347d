"""The rows of `raw.webhook_events`, filled from landing: one per event, however often and in which order it came.

Landing is the truth, so a rebuilt warehouse has the same rows after its next night. Only what the table does not know
yet is opened.
"""

from __future__ import annotations

import duckdb
import polars as pl

from pipelines.webhooks.events import EventLanding, LandedEvent
from pipelines.webhooks.senders import SENDERS
from pipelines.webhooks.verify import Refused, read_event
from pipelines.workplace import Workplace
from warehouse.road_tables import WEBHOOK_EVENTS

_SCHEMA = {
    "event_key": pl.String(),
    "sender_name": pl.String(),
    "event_id": pl.String(),
    "event_type": pl.String(),
    "is_known_type": pl.Boolean(),
    "entity_ref": pl.String(),
    "event_at": pl.Datetime("us", "UTC"),
    "received_at": pl.Datetime("us", "UTC"),
    "is_handled": pl.Boolean(),
}


def record_events(workplace: Workplace) -> int:
    """Bring the table up to what landed, in one transaction; how many rows are new or changed. Raises Locked."""
    landing = EventLanding(workplace.home, workplace.keyring)
    present = landing.all_keys()
    if not present:
        return 0
    with workplace.warehouse("recording webhook events") as con:
        known = dict(con.execute("select event_key, is_handled from raw.webhook_events").fetchall())
        fresh = [key for key in present if key not in known]
        handled = [key for key, is_handled in known.items() if present.get(key) and not is_handled]
        if not fresh and not handled:
            return 0
        con.execute("begin transaction")
        _insert(con, [_row(event, is_handled=present[event.key]) for event in landing.readable(fresh)])
        con.execute("update raw.webhook_events set is_handled = true where event_key in (select unnest(?))", [handled])
        con.execute("commit")
    return len(fresh) + len(handled)


def _row(event: LandedEvent, *, is_handled: bool) -> dict[str, object]:
    sender = SENDERS[event.sender]
    try:
        entity_ref = read_event(sender, event.body, event.received_at).entity_ref
    except Refused:  # the party was erased
        entity_ref = ""
    return {
        "event_key": event.key,
        "sender_name": event.sender,
        "event_id": event.event_id,
        "event_type": event.event_type,
        "is_known_type": event.event_type in sender.known_types,
        "entity_ref": entity_ref or None,
        "event_at": event.event_at,
        "received_at": event.received_at,
        "is_handled": is_handled,
    }


def _insert(con: duckdb.DuckDBPyConnection, rows: list[dict[str, object]]) -> None:
    if not rows:
        return
    con.register("landed_events", pl.DataFrame(rows, schema=_SCHEMA).to_arrow())
    names = ", ".join(field.name for field in WEBHOOK_EVENTS.fields)
    con.execute(f"insert into raw.webhook_events ({names}) select {names} from landed_events")
    con.unregister("landed_events")
