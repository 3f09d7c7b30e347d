"""The road's own books beside the record kinds: loads, quarantine, cursors, what was read whole, changes, events.

They live in schema `raw` of the working file and are written in the same transaction as the rows they speak of;
webhook events, which bring no rows, are filled from landing by themselves, the parties' settings from hisab.toml.
"""

from __future__ import annotations

from warehouse.kinds import Field, FieldType, RoadTable

_TEXT, _INTEGER, _INSTANT, _DATE, _FLAG = (
    FieldType.TEXT,
    FieldType.INTEGER,
    FieldType.INSTANT,
    FieldType.DATE,
    FieldType.FLAG,
)

LOADS = RoadTable(
    "loads",
    "One row per load that was merged: a pull, an import or a change of a connection.",
    (
        Field("load_id", _TEXT, "Id of the load; equal to its folder or pack in landing.", required=True),
        Field(
            "load_seq",
            _INTEGER,
            "Order of merging, 1 for the first load of this warehouse file.",
            required=True,
        ),
        Field("connection_id", _TEXT, "The connection it belongs to.", required=True),
        Field("source_name", _TEXT, "The source it read.", required=True),
        Field("pulled_at", _INSTANT, "When the reading began (UTC).", required=True),
        Field("merged_at", _INSTANT, "When its transaction was written (UTC).", required=True),
        Field("page_count", _INTEGER, "Landed pages or files it read.", required=True),
        Field("byte_count", _INTEGER, "Landed bytes it read.", required=True),
        Field("file_sha256", _TEXT, "SHA-256 of the file, for imports."),
        Field("is_complete", _FLAG, "False when deletions were held back by the brake.", required=True),
        Field("held_back_count", _INTEGER, "Rows that look deleted at the source and were kept.", required=True),
        Field("code_version", _TEXT, "Version of Hisab that merged it.", required=True),
    ),
)

LOAD_COUNTS = RoadTable(
    "load_counts",
    "One row per load and record kind: read = merged + unchanged + quarantined.",
    (
        Field("load_id", _TEXT, "The load.", required=True),
        Field("record_kind", _TEXT, "The record kind.", required=True),
        Field("read_count", _INTEGER, "Rows the source held.", required=True),
        Field("merged_count", _INTEGER, "Rows new or changed.", required=True),
        Field("unchanged_count", _INTEGER, "Rows already known in this or a later state.", required=True),
        Field("quarantined_count", _INTEGER, "Rows set aside.", required=True),
        Field("deleted_count", _INTEGER, "Rows found gone at the source (beside the identity).", required=True),
    ),
)

QUARANTINE = RoadTable(
    "quarantine",
    "One row per row set aside, with its reason and a pointer to its bytes.",
    (
        Field("load_id", _TEXT, "The load that met it.", required=True),
        Field("connection_id", _TEXT, "The connection it came through.", required=True),
        Field("record_kind", _TEXT, "What it would have been.", required=True),
        Field("file_name", _TEXT, "Name of the file or of the request."),
        Field("row_no", _INTEGER, "Row in the file (the first under a header is 2) or page (the first is 1)."),
        Field("column_name", _TEXT, "The column that is wrong."),
        Field("value", _TEXT, "The text that stood there."),
        Field("reason", _TEXT, "Why it cannot be used.", required=True),
        Field("cure", _TEXT, "What the person can do.", required=True),
        Field("landed_sha256", _TEXT, "SHA-256 of the landed bytes that hold it.", required=True),
        Field("quarantined_at", _INSTANT, "When it was set aside (UTC).", required=True),
    ),
    tags=("pii",),
)

CURSORS = RoadTable(
    "cursors",
    "One row per connection: where its next pull starts.",
    (
        Field("connection_id", _TEXT, "The connection.", required=True),
        Field("cursor", _TEXT, "The source's own mark, opaque to the road.", required=True),
        Field(
            "pull_digest",
            _TEXT,
            "SHA-256 over the pages of its last pull; an equal pull is no new load.",
            required=True,
        ),
        Field("load_id", _TEXT, "The load that moved it.", required=True),
    ),
)

WINDOWS = RoadTable(
    "windows",
    "One row per span of business days (or whole list, for kinds without days) that a load read whole.",
    (
        Field("connection_id", _TEXT, "The connection.", required=True),
        Field("record_kind", _TEXT, "The record kind.", required=True),
        Field("first_date", _DATE, "First day read.", required=True),
        Field("last_date", _DATE, "Last day read.", required=True),
        Field("account_id", _TEXT, "The one account it speaks of; empty for every account of the connection."),
        Field("version", _INTEGER, "Version of the rows read with it.", required=True),
    ),
)

RESTATEMENTS = RoadTable(
    "restatements",
    "One row per thing a source told anew: rows of it that are older than that telling are gone.",
    (
        Field("connection_id", _TEXT, "The connection.", required=True),
        Field("record_kind", _TEXT, "The record kind.", required=True),
        Field(
            "column_name", _TEXT, "The column that names the thing: record_id, or what rows belong to.", required=True
        ),
        Field("value", _TEXT, "What stands in it.", required=True),
        Field("version", _INTEGER, "Version of the rows told with it; only the latest telling is kept.", required=True),
    ),
)

CHANGES = RoadTable(
    "changes",
    "One row per load, record kind, connection and month whose rows changed; what the incremental models rebuild.",
    (
        Field("load_seq", _INTEGER, "The load's order of merging.", required=True),
        Field("record_kind", _TEXT, "The record kind.", required=True),
        Field("connection_id", _TEXT, "The connection.", required=True),
        Field("month_date", _DATE, "First day of the month; 1900-01-01 for kinds without a date.", required=True),
    ),
)

WEBHOOK_EVENTS = RoadTable(
    "webhook_events",
    "One row per webhook event that was received, however often it was sent.",
    (
        Field("event_key", _TEXT, "Opaque id of sender and event; its name in landing.", required=True),
        Field("sender_name", _TEXT, "The service that sent it.", required=True),
        Field("event_id", _TEXT, "The sender's own id of the event.", required=True),
        Field("event_type", _TEXT, "What happened, in the sender's words.", required=True),
        Field("is_known_type", _FLAG, "Whether the sender documents this type.", required=True),
        Field("entity_ref", _TEXT, "The sender's id of the login it speaks of, when it names one."),
        Field("event_at", _INSTANT, "When it happened (UTC).", required=True),
        Field("received_at", _INSTANT, "When it came here first (UTC).", required=True),
        Field("is_handled", _FLAG, "Whether what it set going has been done.", required=True),
    ),
)

PARTY_SETTINGS = RoadTable(
    "party_settings",
    "One row per party: what hisab.toml says of it; written again before every build.",
    (
        Field("party_id", _TEXT, "The party.", required=True),
        Field("household_id", _TEXT, "Opaque id of the household it belongs to; empty when it belongs to none."),
        Field("household_label", _TEXT, "What the operator calls the household."),
        Field("base_currency_code", _TEXT, "Currency its sums are converted to; empty when none was chosen."),
    ),
    tags=("pii",),
)

ROAD_TABLES: dict[str, RoadTable] = {
    table.name: table
    for table in (
        LOADS,
        LOAD_COUNTS,
        QUARANTINE,
        CURSORS,
        WINDOWS,
        RESTATEMENTS,
        CHANGES,
        WEBHOOK_EVENTS,
        PARTY_SETTINGS,
    )
}
"""The road's tables by name."""
