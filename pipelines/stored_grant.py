"""The grant a source pulls with, backed by the connection and the tokens of the home.

The consent is read again for every request, so that `hisab disconnect` also stops a pull that is running. Put here
the rules of handing out tokens; keep out how they are kept (`warehouse.tokens`) and how a source asks for new ones.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from pipelines.sources.source import LoginNeeded, SourceError
from warehouse import connections
from warehouse.connection_files import ConnectionProblem
from warehouse.connections import Connection
from warehouse.home import Home
from warehouse.keys import Keyring
from warehouse.tokens import Tokens, TokenStore


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class StoredGrant:
    """A party's standing permission, as `pipelines.sources.grant.Grant` describes it; one per pull."""

    def __init__(
        self,
        home: Home,
        keyring: Keyring,
        connection: Connection,
        *,
        today: dt.date,
        now: Callable[[], dt.datetime] = _utc_now,
        requests_a_minute: int | None = None,
    ) -> None:
        """Tie the grant to a connection; `today` is the business day in the home's time zone."""
        self._home = home
        self._keyring = keyring
        self._connection = connection
        self._today = today
        self._now = now
        self._requests_a_minute = requests_a_minute
        self._store = TokenStore(home, keyring, connection.tokens_id)

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
        return self._tokens().access

    def fresh_token(self, refresh: Callable[[str, str], tuple[str, str, int]], spare: dt.timedelta) -> str:
        """The present access token, renewed first when it ends within `spare`; see `renew`."""
        self._require_consent()
        tokens = self._tokens()
        if tokens.expires_at - self._now() > spare:
            return tokens.access
        return self.renew(tokens.access, refresh)

    def renew(self, stale: str, refresh: Callable[[str, str], tuple[str, str, int]]) -> str:
        """Swap a stale access token for a fresh one, once, however many threads and processes ask.

        Raises SourceError when the consent has ended, LoginNeeded when the source refuses the refresh token; that
        is remembered, so that nobody offers it again.
        """
        with self._store.locked():
            self._require_consent()
            tokens = self._tokens()
            if tokens.access != stale:
                return tokens.access
            try:
                access, refresh_token, seconds = refresh(tokens.refresh, tokens.device_id)
            except LoginNeeded:
                self._store.swap(replace(tokens, needs_login=True), tokens.version)
                raise
            fresh = Tokens(access, refresh_token, tokens.device_id, self._now() + dt.timedelta(seconds=seconds))
            return self._store.swap(fresh, tokens.version).access

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

    def _tokens(self) -> Tokens:
        try:
            tokens = self._store.load()
        except ConnectionProblem as problem:
            raise SourceError(str(problem)) from None
        if tokens is None or tokens.needs_login:
            raise LoginNeeded(
                f"{self._who}: the login is no longer valid. "
                f"Log in again with `hisab connect {self._connection.source}`."
            )
        return tokens
