"""The HTTP client of Hishebi Online: logs in, refreshes, and fetches pages of the ledger.

Put here requests, their timeouts and retries. Keep out what an answer means (`answers`), how long to wait
(`pacing`), which days to ask for (`pull`) and what an entry is (`records`).
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import ipaddress
import re
import secrets
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx

from pipelines.sources.grant import Grant
from pipelines.sources.hishebi.answers import Answer, Passing, TokenRefused, data_of
from pipelines.sources.hishebi.pacing import Pace, RequestBudget
from pipelines.sources.source import LoginNeeded, SourceError

TOKEN_PATH = "/api/v1/hishebi/auth/token"  # noqa: S105 - an address
REFRESH_PATH = "/api/v1/hishebi/auth/refresh"
LEDGER_PATH = "/api/v1/hishebi/ledger"
MOST_BYTES = 32 << 20
"""An answer larger than this is not a page of a household's ledger."""

_TIMEOUT = httpx.Timeout(10.0, read=30.0)
_WHOLE_ANSWER_SECONDS = 120.0
_TOKEN_FORM = re.compile(r"[\x21-\x7e]{1,8192}")


@dataclass(frozen=True, slots=True)
class Login:
    """What a login gives: a pair of tokens (not in its repr), their seconds to live, and the user's id there."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    user_id: str


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Loaded once: it costs more than a request, and a night has thousands of pulls."""
    return httpx.create_ssl_context()


def checked_address(base_url: str) -> str:
    """The address without a trailing slash. Raises SourceError unless it is https, or http on this computer."""
    try:
        url = httpx.URL(base_url.strip().rstrip("/"))
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL("")
    if not url.host or url.userinfo or url.query or (url.scheme != "https" and not _is_loopback(url)):
        raise SourceError(
            f"{url.host or 'That'} is not an address to log in at: it must begin with https:// "
            "(http:// is for the sandbox on this computer only) and hold no name, password or question mark."
        )
    return str(url)


def _is_loopback(url: httpx.URL) -> bool:
    try:
        return url.scheme == "http" and (url.host == "localhost" or ipaddress.ip_address(url.host).is_loopback)
    except ValueError:
        return False


class HishebiClient:
    """One pull's connection to one server; close it, or use it in a `with`."""

    def __init__(self, base_url: str, pace: Pace, budget: RequestBudget) -> None:
        """Prepare the connection; nothing is sent. Raises SourceError for an address that must not be used."""
        address = checked_address(base_url)
        self._place = str(httpx.URL(address).netloc.decode())
        self._pace = pace
        self._budget = budget
        self._http = httpx.Client(
            base_url=address,
            timeout=_TIMEOUT,
            verify=_certificates(),
            trust_env=not _is_loopback(httpx.URL(address)),  # a proxy cannot reach this computer's own ports
        )

    def __enter__(self) -> Self:
        """This client."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Close the connection."""
        self._http.close()

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
                f"Hishebi at {self._place} refuses a token it has just given{refused.reference}. "
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
                f"Hishebi at {self._place} has revoked the login{refused.reference}. "
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
                f"Hishebi at {self._place} does not know this e-mail address with this password{refused.reference}. "
                "Check both and try again."
            ) from None

    def _get(self, token: str, params: Mapping[str, str]) -> tuple[bytes, dict[str, Any]]:
        headers = {"authorization": f"Bearer {token}"}
        return self._try_often("GET", LEDGER_PATH, token, params=params, headers=headers)

    def _post(self, path: str, body: Mapping[str, Any], idempotency_key: str) -> dict[str, Any]:
        headers = {"idempotency-key": idempotency_key}
        return self._try_often("POST", path, None, json=body, headers=headers)[1]

    def _try_often(self, method: str, path: str, token: str | None, **request: Any) -> tuple[bytes, dict[str, Any]]:
        failures = 0
        while True:
            if token is not None:
                self._budget.take(token)
            try:
                answer = self._send(method, path, **request)
                return answer.body, data_of(answer, self._place, dt.datetime.now(dt.UTC))
            except Passing as trouble:
                failures += 1
                wait = trouble.wait_seconds
                if failures >= self._pace.tries or (wait or 0) > self._pace.longest_asked:
                    raise SourceError(trouble.line) from None
                self._pace.sleep(self._pace.wait_before_retry(failures) if wait is None else wait)

    def _send(self, method: str, path: str, **request: Any) -> Answer:
        try:
            with self._http.stream(method, path, **request) as response:
                return Answer(response.status_code, response.headers, self._body(response))
        except httpx.ConnectError:
            raise Passing(f"Hishebi at {self._place} cannot be reached. Check the network and the address.") from None
        except httpx.TimeoutException:
            raise Passing(f"Hishebi at {self._place} does not answer in time. Sync again later.") from None
        except httpx.RemoteProtocolError:
            raise Passing(f"Hishebi at {self._place} cuts its answers short. Sync again later.") from None
        except httpx.TransportError:
            raise Passing(f"The connection to Hishebi at {self._place} breaks off. Check the network.") from None
        except httpx.DecodingError:
            raise SourceError(f"Hishebi at {self._place} sends an answer whose compression is damaged.") from None

    def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        end = time.monotonic() + _WHOLE_ANSWER_SECONDS
        for piece in response.iter_bytes():
            body += piece
            if len(body) > MOST_BYTES:
                raise SourceError(f"Hishebi at {self._place} sends more than {MOST_BYTES >> 20} MB for one page.")
            if time.monotonic() > end:
                raise Passing(f"Hishebi at {self._place} sends too slowly. Sync again later.")
        return bytes(body)

    def _login_of(self, document: Mapping[str, Any]) -> Login:
        access, refresh = document.get("access_token"), document.get("refresh_token")
        seconds = document.get("expires_in")
        for token in (access, refresh):
            if not isinstance(token, str) or not _TOKEN_FORM.fullmatch(token):
                raise SourceError(f"Hishebi at {self._place} answered the login without usable tokens.")
        try:
            lifetime = int(seconds)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            lifetime = 0
        if not 0 < lifetime <= 366 * 86400:
            raise SourceError(f"Hishebi at {self._place} answered the login without a usable lifetime of its tokens.")
        return Login(str(access), str(refresh), lifetime, str(document.get("user_id", "")))


def log_in(
    base_url: str, email: str, password: str, device_id: str, scopes: tuple[str, ...], pace: Pace | None = None
) -> Login:
    """Log a person in at `base_url`, once, outside any pull. Raises SourceError."""
    pace = pace or Pace()
    with HishebiClient(base_url, pace, RequestBudget(pace)) as client:
        return client.log_in(email, password, device_id, scopes)
