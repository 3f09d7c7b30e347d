"""The tokens of one login, handed out and renewed once, however many threads and processes ask.

A login belongs to one connection, or is shared by several (an application's client credentials). Put here the rules of
handing out tokens. Keep out whether a consent stands (`pipelines.stored_grant`), how tokens are kept
(`warehouse.tokens`) and how a source asks for new ones.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from pipelines.sources.source import LoginNeeded, SourceError
from warehouse.connection_files import ConnectionProblem
from warehouse.home import Home
from warehouse.keys import Keyring
from warehouse.tokens import Tokens, TokenStore

Refresh = Callable[[str, str], tuple[str, str, int]]
"""Makes the call: from refresh token and device id to (access token, refresh token, seconds to live)."""


def utc_now() -> dt.datetime:
    """The present instant, in UTC."""
    return dt.datetime.now(dt.UTC)


class StoredLogin:
    """One login of a home at a source."""

    def __init__(
        self,
        home: Home,
        keyring: Keyring,
        login_id: str,
        *,
        who: str,
        source: str,
        now: Callable[[], dt.datetime] = utc_now,
    ) -> None:
        """Name the login; `who` names it for people, without a name of a person: messages end in logs."""
        self.login_id = login_id
        self._who, self._source, self._now = who, source, now
        self._store = TokenStore(home, keyring, login_id)

    def tokens(self) -> Tokens:
        """The present pair. Raises LoginNeeded without one that is good, SourceError when the file is damaged."""
        try:
            tokens = self._store.load()
        except ConnectionProblem as problem:
            raise SourceError(str(problem)) from None
        if tokens is None or tokens.needs_login:
            raise LoginNeeded(
                f"{self._who}: the login is no longer valid. Log in again with `hisab connect {self._source}`."
            )
        return tokens

    def fresh(self, refresh: Refresh, spare: dt.timedelta, allowed: Callable[[], None]) -> str:
        """The present access token, renewed first when it ends within `spare`; see `renew`."""
        allowed()
        tokens = self.tokens()
        if tokens.expires_at - self._now() > spare:
            return tokens.access
        return self.renew(tokens.access, refresh, allowed)

    def renew(self, stale: str, refresh: Refresh, allowed: Callable[[], None]) -> str:
        """Swap a stale access token for a fresh one, once; who comes second gets what the first one stored.

        `allowed` is asked inside the lock and raises SourceError when nothing may be renewed. LoginNeeded of the source
        is remembered, so that nobody offers the refused pair again.
        """
        with self._store.locked():
            allowed()
            tokens = self.tokens()
            if tokens.access != stale:
                return tokens.access
            try:
                access, refresh_token, seconds = refresh(tokens.refresh, tokens.device_id)
            except LoginNeeded:
                self._store.swap(replace(tokens, needs_login=True), tokens.version)
                raise
            fresh = Tokens(access, refresh_token, tokens.device_id, self._now() + dt.timedelta(seconds=seconds))
            return self._store.swap(fresh, tokens.version).access
