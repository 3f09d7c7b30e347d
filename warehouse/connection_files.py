"""The sealed files behind the connections of a home, and the lock that guards each connection.

One connection has `<id>.connection` (who, what, which consent), `<id>.tokens` where the source has a login of its own,
`<id>.standing` while a person must see something, and `<id>.lock`. A login that connections share has its tokens and
its lock under an id of its own. Put here how these are sealed, read and locked; keep out what they say
(`warehouse.connections`, `warehouse.tokens`, `warehouse.standings`).
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from warehouse.home import PRIVATE_FILE, Home, sync_folder, write_whole
from warehouse.keys import NONCE_BYTES, Keyring

PURPOSE = "connections"


class ConnectionProblem(Exception):
    """A connection is unknown, damaged or cannot be made; the message says which and what to do, never a secret."""


class ConnectionFiles:
    """Sealed JSON documents of one home's connections, by connection id and suffix."""

    def __init__(self, home: Home, keyring: Keyring) -> None:
        """Remember where the files lie; nothing is opened."""
        self._folder = home.connections
        self._gcm = AESGCM(keyring.derive(PURPOSE))

    def ids(self) -> list[str]:
        """Ids of every connection, sorted."""
        return sorted(path.stem for path in self._folder.glob("*.connection") if not path.name.startswith("."))

    def holds(self, connection_id: str, suffix: str) -> bool:
        """Whether there is such a document, damaged or not."""
        return (self._folder / f"{connection_id}.{suffix}").exists()

    def read(self, connection_id: str, suffix: str) -> dict[str, Any] | None:
        """The document, or None when there is none. Raises ConnectionProblem when it is damaged."""
        path = self._folder / f"{connection_id}.{suffix}"
        try:
            sealed = path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            text = self._gcm.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _context(connection_id, suffix))
            document: dict[str, Any] = json.loads(text)
        except (InvalidTag, ValueError):
            raise ConnectionProblem(
                f"{path} is damaged or was sealed with another key: restore it from your backup, "
                "or remove the file and connect again."
            ) from None
        return document

    def write(self, connection_id: str, suffix: str, document: Mapping[str, Any]) -> None:
        """Seal and sync the document; the old one or the whole new one stands at every moment."""
        text = json.dumps(document, ensure_ascii=False, sort_keys=True).encode()
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._gcm.encrypt(nonce, text, _context(connection_id, suffix))
        write_whole(self._folder / f"{connection_id}.{suffix}", sealed)

    def remove(self, connection_id: str, suffix: str) -> None:
        """Forget the document, for good once this returns."""
        (self._folder / f"{connection_id}.{suffix}").unlink(missing_ok=True)
        sync_folder(self._folder)

    @contextmanager
    def locked(self, connection_id: str) -> Iterator[None]:
        """Keep every other thread and process from changing this connection; they wait.

        Not to be nested for one connection. The kernel frees the lock when the process dies, however it dies.
        """
        handle = os.open(self._folder / f"{connection_id}.lock", os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _context(connection_id: str, suffix: str) -> bytes:
    """What ties a sealed file to its name: the connection id, and for files beside it their suffix."""
    return (connection_id if suffix == "connection" else f"{connection_id}/{suffix}").encode()
