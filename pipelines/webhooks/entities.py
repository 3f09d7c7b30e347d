"""Which connection an event speaks of: the register of connections knows the login of each at its source.

A look at the register is remembered for a moment, so that a burst of events about logins that are not connected here
does not read it again and again.
"""

from __future__ import annotations

import time

from warehouse.connection_files import ConnectionFiles, ConnectionProblem
from warehouse.connections import Connection, load
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
        self._known: dict[tuple[str, str], Connection] = {}
        self._read: set[str] = set()
        self._looked_at = -LOOK_AGAIN_SECONDS

    def find(self, source: str, entity_ref: str) -> Connection | None:
        """The connection of this login, ended or not, or None where it is not connected here."""
        if entity_ref and (source, entity_ref) not in self._known:
            self._look()
        return self._known.get((source, entity_ref))

    def _look(self) -> None:
        """Read what is new in the register, unless it was just read; a damaged file hides no other."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_AGAIN_SECONDS:
            return
        self._looked_at = now
        for connection_id in self._files.ids():
            if connection_id in self._read:
                continue
            try:
                connection = load(self._home, self._keyring, connection_id)
            except ConnectionProblem:
                continue  # the list of connections tells of it
            self._read.add(connection_id)
            if connection.user_name:
                self._known[connection.source, connection.user_name] = connection
