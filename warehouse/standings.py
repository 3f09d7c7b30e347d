"""The standing of a connection: what its source last said that a person must see or act on.

One sealed file beside the connection, `<id>.standing`; there is none while all is well. Put here what is kept. Keep
out who writes it (`pipelines.ingest.pulling`) and which advice follows from it (`pipelines.connecting`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

from warehouse.connection_files import ConnectionFiles, ConnectionProblem
from warehouse.home import Home
from warehouse.keys import Keyring

_SUFFIX = "standing"


@dataclass(frozen=True, slots=True)
class Standing:
    """Why a connection does not bring data, or what is still to be told to its source.

    Attributes:
        state: A few words for the list of connections, e.g. "needs reconnect".
        reason: One line for people; no secret, no text of a record.
        since: When it began (UTC); kept while the state stays the same.
        reference: The source's own id to act on it with: of a reconnect, of results that are awaited; or empty.
    """

    state: str
    reason: str
    since: dt.datetime
    reference: str = field(default="", repr=False)


class StandingStore:
    """The standings of one home's connections."""

    def __init__(self, home: Home, keyring: Keyring) -> None:
        """Remember whose they are; nothing is opened."""
        self._files = ConnectionFiles(home, keyring)

    def load(self, connection_id: str) -> Standing | None:
        """The present standing, or None while all is well. Raises ConnectionProblem when the file is damaged."""
        document = self._files.read(connection_id, _SUFFIX)
        if document is None:
            return None
        return Standing(**{**document, "since": dt.datetime.fromisoformat(document["since"])})

    def keep(self, connection_id: str, standing: Standing) -> Standing:
        """Keep a standing, with the instant its state began; a damaged file is replaced."""
        with self._files.locked(connection_id):
            try:
                known = self.load(connection_id)
            except ConnectionProblem:
                known = None
            if known is not None and known.state == standing.state:
                standing = replace(standing, since=known.since)
            if standing != known:
                self._files.write(connection_id, _SUFFIX, _document(standing))
        return standing

    def clear(self, connection_id: str) -> None:
        """All is well again."""
        if self._files.holds(connection_id, _SUFFIX):
            with self._files.locked(connection_id):
                self._files.remove(connection_id, _SUFFIX)


def _document(standing: Standing) -> dict[str, str]:
    return {
        "state": standing.state,
        "reason": standing.reason,
        "since": standing.since.isoformat(),
        "reference": standing.reference,
    }
