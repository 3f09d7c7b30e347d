"""Which connection an event speaks of: a connection's id is made from its party, its source and its login's id.

So nothing but the register of connections is needed, and an entity that is not connected here is simply not found.
"""

from __future__ import annotations

import time

from warehouse import connections
from warehouse.connection_files import ConnectionFiles
from warehouse.home import Home
from warehouse.keys import Keyring

LOOK_AGAIN_SECONDS = 5.0
"""How old a look at the register may be before an unknown entity is looked for again."""


class ConnectedEntities:
    """The logins connected in one home, as far as it was asked about them."""

    def __init__(self, home: Home, keyring: Keyring) -> None:
        """Remember whose register this is; nothing is opened."""
        self._home = home
        self._keyring = keyring
        self._files = ConnectionFiles(home, keyring)
        self._parties: dict[str, str] = {}
        self._found: dict[tuple[str, str], str] = {}
        self._looked_at = -LOOK_AGAIN_SECONDS

    def connection_of(self, source: str, entity_ref: str) -> str | None:
        """Id of the connection of this login, or None where it is not connected here.

        Raises ConnectionProblem when a file of the register is damaged.
        """
        if not entity_ref:
            return None
        known = self._found.get((source, entity_ref))
        if known is None:
            self._look()
            known = self._search(source, entity_ref)
        return known

    def party_of(self, source: str, entity_ref: str) -> str | None:
        """Id of the party whose login this is, or None. Raises ConnectionProblem."""
        connection_id = self.connection_of(source, entity_ref)
        return self._parties[connection_id] if connection_id else None

    def _search(self, source: str, entity_ref: str) -> str | None:
        for party_id in set(self._parties.values()):
            connection_id = connections.connection_id_of(self._keyring, party_id, source, entity_ref)
            if connection_id in self._parties:
                self._found[source, entity_ref] = connection_id
                return connection_id
        return None

    def _look(self) -> None:
        """Read what is new in the register, unless it was just read."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_AGAIN_SECONDS:
            return
        self._looked_at = now
        for connection_id in self._files.ids():
            if connection_id not in self._parties:
                self._parties[connection_id] = connections.load(self._home, self._keyring, connection_id).party_id
