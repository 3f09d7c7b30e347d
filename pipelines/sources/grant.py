"""What a source is given of a connection: where to ask, as whom, within which consent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable


class Grant(Protocol):
    """A party's standing permission, as the sources see it; the road makes one per pull."""

    @property
    def base_url(self) -> str:
        """Where the service answers, without a trailing slash."""
        ...

    @property
    def scopes(self) -> frozenset[str]:
        """Scopes the party granted; nothing outside them is asked for."""
        ...

    @property
    def today(self) -> dt.date:
        """The business day in the home's time zone."""
        ...

    @property
    def user_name(self) -> str:
        """The user or account at the source this is a permission for."""
        ...

    @property
    def label(self) -> str:
        """What people call the connection, for a bank login the bank's name."""
        ...

    @property
    def login_id(self) -> str:
        """Opaque id of the login; grants with the same one share its tokens and limits."""
        ...

    @property
    def requests_a_minute(self) -> int | None:
        """How often the operator lets the login ask; None where the source's own limit holds."""
        ...

    def access_token(self) -> str:
        """The present access token. Raises SourceError when the consent has ended."""
        ...

    def fresh_token(self, refresh: Callable[[str, str], tuple[str, str, int]], spare: dt.timedelta) -> str:
        """The present access token, renewed first when it ends within `spare`; `refresh` is that of `renew`."""
        ...

    def renew(self, stale: str, refresh: Callable[[str, str], tuple[str, str, int]]) -> str:
        """Swap a stale access token for a fresh one, once, however many tasks and processes ask.

        `refresh(refresh_token, device_id)` makes the call and returns (access token, refresh token, seconds to
        live); the new pair is stored and synced to disk before anyone uses it. Whoever comes second gets the
        token the first one stored.
        """
        ...
