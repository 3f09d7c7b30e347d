"""The grant a source pulls with, backed by the connection and the tokens of the home.

The consent is read again for every request, so that `hisab disconnect` also stops a pull that is running. Put here
what a connection permits; keep out how tokens are handed out (`pipelines.stored_login`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from pipelines.sources.source import SourceError
from pipelines.stored_login import Refresh, StoredLogin, utc_now
from warehouse import connections
from warehouse.connection_files import ConnectionProblem
from warehouse.connections import Connection
from warehouse.home import Home
from warehouse.keys import Keyring


class StoredGrant:
    """A party's standing permission, as `pipelines.sources.grant.Grant` describes it; one per pull."""

    def __init__(
        self,
        home: Home,
        keyring: Keyring,
        connection: Connection,
        *,
        today: dt.date,
        now: Callable[[], dt.datetime] = utc_now,
        requests_a_minute: int | None = None,
    ) -> None:
        """Tie the grant to a connection; `today` is the business day in the home's time zone."""
        self._home = home
        self._keyring = keyring
        self._connection = connection
        self._today = today
        self._now = now
        self._requests_a_minute = requests_a_minute
        self._login = StoredLogin(home, keyring, connection.tokens_id, who=self._who, source=connection.source, now=now)

    def __repr__(self) -> str:
        """Say whose grant this is, never its tokens."""
        return f"StoredGrant({self._connection.connection_id})"

    @property
    def base_url(self) -> str:
        """Where the service answers, without a trailing slash."""
        return self._connection.base_url

    @property
    def scopes(self) -> frozenset[str]:
        """Scopes the party granted."""
        return frozenset(self._connection.consent.scopes)

    @property
    def today(self) -> dt.date:
        """The business day in the home's time zone."""
        return self._today

    @property
    def user_name(self) -> str:
        """The user or account at the source."""
        return self._connection.user_name

    @property
    def label(self) -> str:
        """What people call the connection."""
        return self._connection.label

    @property
    def login_id(self) -> str:
        """Opaque id of the login; connections with the same one share its tokens and limits."""
        return self._connection.tokens_id

    @property
    def requests_a_minute(self) -> int | None:
        """How often the operator lets the login ask; None where the source's own limit holds."""
        return self._requests_a_minute

    def access_token(self) -> str:
        """The present access token. Raises SourceError when the consent has ended, LoginNeeded without a login."""
        self._require_consent()
        return self._login.tokens().access

    def fresh_token(self, refresh: Refresh, spare: dt.timedelta) -> str:
        """The present access token, renewed first when it ends within `spare`; see `renew`."""
        return self._login.fresh(refresh, spare, self._require_consent)

    def renew(self, stale: str, refresh: Refresh) -> str:
        """Swap a stale access token for a fresh one, once, however many threads and processes ask.

        Raises SourceError when the consent has ended, LoginNeeded when the source refuses the refresh token; that
        is remembered, so that nobody offers it again.
        """
        return self._login.renew(stale, refresh, self._require_consent)

    @property
    def _who(self) -> str:
        """The connection without a name of a person: messages end in logs."""
        return f"{self._connection.source} connection {self._connection.connection_id}"

    def _require_consent(self) -> None:
        try:
            consent = connections.load(self._home, self._keyring, self._connection.connection_id).consent
        except ConnectionProblem as problem:
            raise SourceError(str(problem)) from None
        if consent.ended_at is not None:
            raise SourceError(
                f"{self._who}: the consent ended on {consent.ended_at:%Y-%m-%d}. Connect again to read it."
            )
        if consent.has_expired(self._now()):
            end = f"{consent.expires_at:%Y-%m-%d}"
            raise SourceError(f"{self._who}: the consent expired on {end}. Connect again to renew it.")
