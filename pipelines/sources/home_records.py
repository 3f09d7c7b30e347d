"""The home's own records: the party and the consents that landing keeps with every load.

So a warehouse rebuilt from landing knows whose rows they are and under which consent they were read. The JSON is
`warehouse.connections.connection_facts`; it holds no tokens.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import polars as pl

from pipelines.sources.source import Batch, Decoded, Page, SourceError
from warehouse.record_kinds import CONSENTS, PARTIES
from warehouse.schema_renderings import polars_schema


class HomeRecords:
    """Decodes the facts of a connection, in the way an `ApiSource` decodes a page."""

    source: str = "hisab"
    title: str = "Hisab's own records"
    kinds: tuple[str, ...] = ("parties", "consents")

    def decode(self, page: Page) -> Decoded:
        """One party and all its consents through this connection, oldest first. Raises SourceError."""
        try:
            facts = json.loads(page.body)
            parties, consents = [_party(facts)], [_consent(facts, consent) for consent in facts["consents"]]
            batches = (_batch("parties", PARTIES, parties), _batch("consents", CONSENTS, consents))
        except (ValueError, KeyError, TypeError, RecursionError, pl.exceptions.PolarsError):
            raise SourceError(
                "The facts of a connection in landing are damaged. Restore landing from a backup."
            ) from None
        return Decoded(batches=batches, rows_read={"parties": len(parties), "consents": len(consents)})


SOURCE = HomeRecords()


def _batch(name: str, kind: Any, rows: list[dict[str, Any]]) -> Batch:
    numbered = [{"row_no": number, **row} for number, row in enumerate(rows, start=1)]
    return Batch(name, pl.DataFrame(numbered, schema=polars_schema(kind)))


def _party(facts: dict[str, Any]) -> dict[str, Any]:
    names = ("party_id", "party_label", "party_kind")
    return {"record_id": facts["party_id"], **{name: facts[name] for name in names}}


def _consent(facts: dict[str, Any], consent: dict[str, Any]) -> dict[str, Any]:
    return {
        "record_id": consent["granted_at"],
        "party_id": facts["party_id"],
        "source_name": facts["source"],
        "connection_label": facts["label"],
        "scopes": " ".join(consent["scopes"]),
        "purpose": consent["purpose"],
        **{name: _instant(consent[name]) for name in ("granted_at", "expires_at", "ended_at")},
    }


def _instant(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
