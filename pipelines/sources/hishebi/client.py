"""The HTTP client of Hishebi Online: logs in, refreshes, and fetches pages of the ledger.

Put here what is asked and with which token. Keep out what an answer means (`answers`), timeouts and tries (`service`),
which days to ask for (`pull`) and what an entry is (`records`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from pipelines.sources.grant import Grant
from pipelines.sources.hishebi.answers import data_of
from pipelines.sources.pacing import Pace, RequestBudget
from pipelines.sources.service import Service
from pipelines.sources.service_answers import TokenRefused
from pipelines.sources.source import LoginNeeded, SourceError

TOKEN_PATH = "/api/v1/hishebi/auth/token"  # noqa: S105 - an address
REFRESH_PATH = "/api/v1/hishebi/auth/refresh"
LEDGER_PATH = "/api/v1/hishebi/ledger"

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

    def __init__(self, base_url: str, pace: Pace, budget: RequestBudget) -> None:
        """Prepare the connection; nothing is sent. Raises SourceError for an address that must not be used."""
        self._service = Service("Hishebi", base_url, pace)
        self._budget = budget

    def __enter__(self) -> Self:
        """This client."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Close the connection."""
        self._service.__exit__(kind, error, tb)

    def ledger_page(
        self, grant: Grant, first: dt.date, last: dt.date, page: str | None
    ) -> tuple[bytes, dict[str, Any]]:
        """One page of the entries from `first` to `last`, as bytes and parsed.

        A refused access token is renewed once. Raises SourceError, LoginNeeded when the grant is gone.
        """
        params = {"from": first.isoformat(), "to": last.isoformat()}
        if page is not None:
            params["page"] = page
        token = grant.access_token()
        try:
            return self._get(token, params)
        except TokenRefused:
            fresh = grant.renew(token, self.refresh)
        try:
            return self._get(fresh, params)
        except TokenRefused as refused:
            raise LoginNeeded(
                f"{self._service.who} refuses a token it has just given{refused.reference}. "
                "Log in again with `hisab connect hishebi`."
            ) from None

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

    def _get(self, token: str, params: Mapping[str, str]) -> tuple[bytes, dict[str, Any]]:
        headers = {"authorization": f"Bearer {token}"}
        return self._service.ask(
            "GET", LEDGER_PATH, data_of, before=lambda: self._budget.take(token), params=params, headers=headers
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
