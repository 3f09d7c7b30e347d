"""The token store: what a source lets Hisab in with, one sealed file per connection or shared login.

A rotating refresh token may be used once; whoever uses it twice loses the whole grant. So a pair is changed under
the connection's lock, by compare-and-swap on its version, and is on disk before anyone uses it. Put here the
keeping of tokens; keep out the asking for them (`pipelines.stored_grant`) and what a connection is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from warehouse.connection_files import ConnectionFiles, ConnectionProblem
from warehouse.faults import fault_point
from warehouse.home import Home
from warehouse.keys import Keyring

_SUFFIX = "tokens"


@dataclass(frozen=True, slots=True)
class Tokens:
    """One pair of tokens and the device they were given to; no secret shows in its repr.

    A login by client credentials keeps its secret as `refresh` and its client id as `device_id`.

    Attributes:
        access: Presented with each request.
        refresh: Good for one exchange.
        device_id: The device the source knows the pair by.
        expires_at: When the access token ends by itself (UTC).
        needs_login: True once the source refused the refresh token: only a new login helps.
        version: Counts the changes; the store sets it.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    device_id: str = field(repr=False)
    expires_at: dt.datetime
    needs_login: bool = False
    version: int = 0


class TokenStore:
    """The tokens of one connection, or of a login that several share (`Connection.tokens_id`)."""

    def __init__(self, home: Home, keyring: Keyring, connection_id: str) -> None:
        """Remember whose tokens these are; nothing is opened."""
        self._files = ConnectionFiles(home, keyring)
        self._connection_id = connection_id

    def __repr__(self) -> str:
        """Say whose tokens these are, never the tokens."""
        return f"TokenStore({self._connection_id})"

    def load(self) -> Tokens | None:
        """The present pair, or None when there is none. Raises ConnectionProblem when the file is damaged."""
        document = self._files.read(self._connection_id, _SUFFIX)
        if document is None:
            return None
        return Tokens(
            access=document["access"],
            refresh=document["refresh"],
            device_id=document["device_id"],
            expires_at=dt.datetime.fromisoformat(document["expires_at"]),
            needs_login=document["needs_login"],
            version=document["version"],
        )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other thread and process from changing this connection while tokens are exchanged."""
        with self._files.locked(self._connection_id):
            yield

    def swap(self, tokens: Tokens, expected_version: int) -> Tokens:
        """Store a pair in place of version `expected_version` (0: of none); it is on disk when this returns.

        Call it inside `locked`. Raises ConnectionProblem when another version stands there.
        """
        present = self.load()
        if (present.version if present else 0) != expected_version:
            raise ConnectionProblem(
                f"The tokens of {self._connection_id} were changed by another process; nothing was stored. Try again."
            )
        stored = replace(tokens, version=expected_version + 1)
        fault_point("connection.before_store")
        self._files.write(self._connection_id, _SUFFIX, _document(stored))
        fault_point("connection.after_store")
        return stored

    def remove(self) -> None:
        """Forget the pair. Call it inside `locked`."""
        self._files.remove(self._connection_id, _SUFFIX)


def _document(tokens: Tokens) -> dict[str, str | bool | int]:
    return {
        "access": tokens.access,
        "refresh": tokens.refresh,
        "device_id": tokens.device_id,
        "expires_at": tokens.expires_at.isoformat(),
        "needs_login": tokens.needs_login,
        "version": tokens.version,
    }
