"""The HTTP client of Lean: tokens by client credentials, and requests with them.

Put here what is asked and with which token. Keep out what an answer means (`answers`), customers and their banks
(`customers`), which days to ask for (`pull`) and what a record is (`records`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

import httpx

from pipelines.sources.lean.answers import Pending, Refused, data_or_pending, object_of
from pipelines.sources.lean.hosts import host_of
from pipelines.sources.pacing import Pace, RequestBudget
from pipelines.sources.service import Service
from pipelines.sources.service_answers import Answer, TokenRefused
from pipelines.sources.source import LoginNeeded, SourceError

BACKEND_SCOPE = "api"
SPARE = dt.timedelta(minutes=2)
"""A token that ends within this is renewed before it is used."""

_READ_SECONDS = 75
"""Lean answers a slow bank after fifty seconds at the latest, with PENDING."""
_TOKEN_FORM = re.compile(r"[\x21-\x7e]{1,8192}")
_LONGEST_LIFE = 366 * 86_400

Meaning = TypeVar("Meaning")


class Login(Protocol):
    """What the client needs of a grant: the application's token."""

    @property
    def base_url(self) -> str:
        """Where Lean answers."""
        ...

    @property
    def login_id(self) -> str:
        """Opaque id of the application's login."""
        ...

    def fresh_token(self, refresh: Callable[[str, str], tuple[str, str, int]], spare: dt.timedelta) -> str:
        """The present token, renewed when it ends within `spare`."""
        ...

    def renew(self, stale: str, refresh: Callable[[str, str], tuple[str, str, int]]) -> str:
        """A token in place of a stale one."""
        ...


@dataclass(frozen=True, slots=True)
class Token:
    """An access token (not in its repr) and its seconds to live."""

    access: str = field(repr=False)
    expires_in: int


class LeanClient:
    """One connection to one of Lean's services; close it, or use it in a `with`."""

    def __init__(
        self,
        base_url: str,
        pace: Pace,
        budget: RequestBudget,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Prepare the connection; nothing is sent. Raises SourceError for an address that is not Lean's."""
        self._host = host_of(base_url)
        self._service = Service("Lean", self._host.base_url, pace, read_seconds=_READ_SECONDS, transport=transport)
        self._budget = budget

    def __enter__(self) -> Self:
        """This client."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Close the connection."""
        self._service.__exit__(kind, error, tb)

    @property
    def who(self) -> str:
        """The service as messages name it."""
        return self._service.who

    def data(self, login: Login, path: str, params: Mapping[str, str]) -> tuple[bytes, dict[str, Any] | Pending]:
        """One page of data, as bytes and parsed, or the id of results that come later.

        Raises SourceError and its kinds (`answers.meaning_of`), LoginNeeded when the application's login is gone.
        """
        return self.ask(login, "GET", path, data_or_pending, params=dict(params))

    def ask(
        self,
        login: Login,
        method: str,
        path: str,
        meaning: Callable[[Answer, str, dt.datetime], Meaning],
        **request: Any,
    ) -> tuple[bytes, Meaning]:
        """One request with the application's token; a refused token is renewed once."""
        token = login.fresh_token(self.refresh, SPARE)
        try:
            return self._with_token(login, token, method, path, meaning, **request)
        except TokenRefused:
            fresh = login.renew(token, self.refresh)
        try:
            return self._with_token(login, fresh, method, path, meaning, **request)
        except TokenRefused as refused:
            raise LoginNeeded(
                f"{self.who} refuses a token it has just given{refused.reference}. "
                "Give the application's id and secret again with `hisab connect lean`."
            ) from None

    def refresh(self, client_secret: str, client_id: str) -> tuple[str, str, int]:
        """A new token of the application: (access token, the same secret, seconds to live); see `Grant.renew`.

        Raises SourceError, LoginNeeded when Lean no longer takes the secret.
        """
        token = self.token(client_id, client_secret, BACKEND_SCOPE)
        return token.access, client_secret, token.expires_in

    def token(self, client_id: str, client_secret: str, scope: str) -> Token:
        """A token by client credentials for a scope: `api`, or `customer.<id>` for LinkSDK.

        Raises LoginNeeded when Lean does not take the credentials, SourceError for other refusals.
        """
        form = {
            "client_id": client_id,
            "client_secret": client_secret,
            "grant_type": "client_credentials",
            "scope": scope,
        }
        try:
            _, document = self._service.ask("POST", self._host.token_url, object_of, data=form)
        except TokenRefused as refused:
            raise _credentials_refused(self.who, refused.reference) from None
        except Refused as refused:
            if refused.word in {"invalid_client", "unauthorized_client"}:
                raise _credentials_refused(self.who, "") from None
            raise
        return self._token_of(document)

    def _with_token(
        self,
        login: Login,
        token: str,
        method: str,
        path: str,
        meaning: Callable[[Answer, str, dt.datetime], Meaning],
        **request: Any,
    ) -> tuple[bytes, Meaning]:
        return self._service.ask(
            method,
            path,
            meaning,
            before=lambda: self._budget.take(login.login_id),
            headers={"authorization": f"Bearer {token}"},
            **request,
        )

    def _token_of(self, document: Mapping[str, Any]) -> Token:
        access, seconds = document.get("access_token"), document.get("expires_in")
        try:
            lifetime = int(seconds)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            lifetime = 0
        if not isinstance(access, str) or not _TOKEN_FORM.fullmatch(access) or not 0 < lifetime <= _LONGEST_LIFE:
            raise SourceError(f"{self.who} answered without a usable token. Sync again later.")
        return Token(access, lifetime)


def _credentials_refused(who: str, reference: str) -> LoginNeeded:
    return LoginNeeded(
        f"{who} does not take the application's id and secret{reference}. "
        "Check both and give them again with `hisab connect lean`."
    )
