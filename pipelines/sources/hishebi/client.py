"""The HTTP client of Hishebi Online: logs in, refreshes, fetches pages and files, posts notes.

Put here what is asked and with which token. Keep out what an answer means (`answers`), timeouts and tries (`service`),
which lists and days to ask for (`pull`) and what a row is (`records`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from pipelines.sources.grant import Grant
from pipelines.sources.hishebi.answers import data_of
from pipelines.sources.pacing import Pace, RequestBudget
from pipelines.sources.service import Service
from pipelines.sources.service_answers import Answer, TokenRefused
from pipelines.sources.source import LoginNeeded, SourceError

PREFIX = "/api/v1/hishebi"
TOKEN_PATH = f"{PREFIX}/auth/token"
REFRESH_PATH = f"{PREFIX}/auth/refresh"

Meaning = TypeVar("Meaning")
_TOKEN_FORM = re.compile(r"[\x21-\x7e]{1,8192}")


@dataclass(frozen=True, slots=True)
class Login:
    """What a login gives: a pair of tokens (not in its repr), their seconds to live, and the user's id there."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    user_id: str


class HishebiClient:
    """One pull's connection to one server; close it, or use it in a `with`."""

    def __init__(
        self, base_url: str, pace: Pace, budget: RequestBudget, transport: httpx.BaseTransport | None = None
    ) -> None:
        """Prepare the connection; nothing is sent. Raises SourceError for an address that must not be used."""
        self._service = Service("Hishebi", base_url, pace, transport=transport)
        self._budget = budget

    def __enter__(self) -> Self:
        """This client."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Close the connection."""
        self._service.__exit__(kind, error, tb)

    def page(self, grant: Grant, path: str, params: Mapping[str, str]) -> tuple[bytes, dict[str, Any]]:
        """One page of the list at `path` below the API's own, as bytes and parsed.

        Raises SourceError; NotGiven when there is no such list, LoginNeeded when the grant is gone.
        """
        return self._with_token(grant, "GET", path, data_of, params=params)

    def file(
        self,
        grant: Grant,
        path: str,
        params: Mapping[str, str],
        meaning: Callable[[Answer, str, dt.datetime], None],
    ) -> bytes:
        """The bytes of a file; `meaning` raises for an answer that is not that file. Raises like `page`."""
        return self._with_token(grant, "GET", path, meaning, params=params)[0]

    def post(self, grant: Grant, path: str, body: Mapping[str, Any], idempotency_key: str) -> dict[str, Any]:
        """The answer to a POST that the key lets happen once, however often it is asked. Raises like `page`."""
        headers = {"idempotency-key": idempotency_key}
        return self._with_token(grant, "POST", path, data_of, json=body, headers=headers)[1]

    def refresh(self, refresh_token: str, device_id: str) -> tuple[str, str, int]:
        """Exchange a refresh token: (access token, refresh token, seconds to live). Raises SourceError, LoginNeeded.

        The idempotency key comes from the token, so that the same exchange, asked again because its answer was
        lost, gives the same pair.
        """
        key = hashlib.sha256(f"hishebi-refresh\x1f{device_id}\x1f{refresh_token}".encode()).hexdigest()
        body = {"refresh_token": refresh_token, "device_id": device_id}
        try:
            login = self._login_of(self._post(REFRESH_PATH, body, key))
        except TokenRefused as refused:
            raise LoginNeeded(
                f"{self._service.who} has revoked the login{refused.reference}. "
                "Log in again with `hisab connect hishebi`."
            ) from None
        return login.access_token, login.refresh_token, login.expires_in

    def log_in(self, email: str, password: str, device_id: str, scopes: tuple[str, ...]) -> Login:
        """Log a person in for `scopes`. Raises SourceError; a wrong password is told as such.

        The password is sent as the SHA-256 of its UTF-8 bytes, in hex: our reading of the "hashed" in the API's
        description, which does not say how.
        """
        hashed = hashlib.sha256(password.encode()).hexdigest()
        body = {"email": email, "password": hashed, "device_id": device_id, "scope": list(scopes)}
        try:
            return self._login_of(self._post(TOKEN_PATH, body, secrets.token_hex(16)))
        except TokenRefused as refused:
            raise SourceError(
                f"{self._service.who} does not know this e-mail address with this password{refused.reference}. "
                "Check both and try again."
            ) from None

    def _with_token(
        self,
        grant: Grant,
        method: str,
        path: str,
        meaning: Callable[[Answer, str, dt.datetime], Meaning],
        **request: Any,
    ) -> tuple[bytes, Meaning]:
        """One request with the grant's access token; one that is refused is renewed once."""
        token = grant.access_token()
        try:
            return self._ask(token, method, path, meaning, **request)
        except TokenRefused:
            fresh = grant.renew(token, self.refresh)
        try:
            return self._ask(fresh, method, path, meaning, **request)
        except TokenRefused as refused:
            raise LoginNeeded(
                f"{self._service.who} refuses a token it has just given{refused.reference}. "
                "Log in again with `hisab connect hishebi`."
            ) from None

    def _ask(
        self,
        token: str,
        method: str,
        path: str,
        meaning: Callable[[Answer, str, dt.datetime], Meaning],
        *,
        headers: Mapping[str, str] | None = None,
        **request: Any,
    ) -> tuple[bytes, Meaning]:
        return self._service.ask(
            method,
            f"{PREFIX}/{path}",
            meaning,
            before=lambda: self._budget.take(token),
            headers={**(headers or {}), "authorization": f"Bearer {token}"},
            **request,
        )

    def _post(self, path: str, body: Mapping[str, Any], idempotency_key: str) -> dict[str, Any]:
        headers = {"idempotency-key": idempotency_key}
        return self._service.ask("POST", path, data_of, json=body, headers=headers)[1]

    def _login_of(self, document: Mapping[str, Any]) -> Login:
        access, refresh = document.get("access_token"), document.get("refresh_token")
        seconds = document.get("expires_in")
        for token in (access, refresh):
            if not isinstance(token, str) or not _TOKEN_FORM.fullmatch(token):
                raise SourceError(f"{self._service.who} answered the login without usable tokens.")
        try:
            lifetime = int(seconds)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            lifetime = 0
        if not 0 < lifetime <= 366 * 86400:
            raise SourceError(f"{self._service.who} answered the login without a usable lifetime of its tokens.")
        return Login(str(access), str(refresh), lifetime, str(document.get("user_id", "")))


def log_in(
    base_url: str, email: str, password: str, device_id: str, scopes: tuple[str, ...], pace: Pace | None = None
) -> Login:
    """Log a person in at `base_url`, once, outside any pull. Raises SourceError."""
    pace = pace or Pace()
    with HishebiClient(base_url, pace, RequestBudget(pace)) as client:
        return client.log_in(email, password, device_id, scopes)
