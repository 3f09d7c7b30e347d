"""One service that is asked over HTTP: its address, timeouts, the bounds of an answer, and tries again.

Put here what is the same for every service. Keep out what an answer means (each source's `answers`) and how long to
wait (`pacing`).
"""

from __future__ import annotations

import datetime as dt
import functools
import ipaddress
import ssl
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from pipelines.sources.pacing import Pace
from pipelines.sources.service_answers import Answer, Passing
from pipelines.sources.source import SourceError

MOST_BYTES = 32 << 20
"""An answer larger than this is not a page of somebody's records."""

_CONNECT_SECONDS = 10.0
_WHOLE_ANSWER_SECONDS = 120.0

Meaning = TypeVar("Meaning")


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
    if not url.host or url.userinfo or url.query or (url.scheme != "https" and not _is_plain_loopback(url)):
        raise SourceError(
            f"{url.host or 'That'} is not an address to log in at: it must begin with https:// "
            "(http:// is for the sandbox on this computer only) and hold no name, password or question mark."
        )
    return str(url)


def is_loopback(base_url: str) -> bool:
    """Whether an address is a sandbox on this computer."""
    return _is_plain_loopback(httpx.URL(base_url))


def _is_plain_loopback(url: httpx.URL) -> bool:
    try:
        return url.scheme == "http" and (url.host == "localhost" or ipaddress.ip_address(url.host).is_loopback)
    except ValueError:
        return False


class Service:
    """The connection to one server; close it, or use it in a `with`."""

    def __init__(
        self,
        title: str,
        base_url: str,
        pace: Pace,
        *,
        read_seconds: int = 30,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Prepare the connection; nothing is sent.

        `title` names the service in messages, `read_seconds` is how long it may be silent; a test gives a transport.
        Raises SourceError for an address that must not be used.
        """
        address = checked_address(base_url)
        self.who = f"{title} at {httpx.URL(address).netloc.decode()}"
        self._pace = pace
        self._http = httpx.Client(
            base_url=address,
            timeout=httpx.Timeout(_CONNECT_SECONDS, read=read_seconds),
            verify=_certificates(),
            transport=transport,
            trust_env=not is_loopback(address),  # a proxy cannot reach this computer's own ports
        )

    def __enter__(self) -> Self:
        """This service."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Close the connection."""
        self._http.close()

    def ask(
        self,
        method: str,
        path: str,
        meaning: Callable[[Answer, str, dt.datetime], Meaning],
        *,
        before: Callable[[], None] | None = None,
        **request: Any,
    ) -> tuple[bytes, Meaning]:
        """Make one request, again after a passing trouble; the answer's bytes and what they mean.

        Args:
            method: GET, POST, ...
            path: Below the base address, or a whole address.
            meaning: Reads an answer (with the service's name for people and the present instant); raises Passing for
                what is worth another try.
            before: Called before each try, to wait for a budget.
            **request: What httpx sends with it.

        Raises SourceError when the trouble does not pass, and what `meaning` raises.
        """
        failures = 0
        while True:
            if before is not None:
                before()
            try:
                answer = self._send(method, path, **request)
                return answer.body, meaning(answer, self.who, dt.datetime.now(dt.UTC))
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
            raise Passing(f"{self.who} cannot be reached. Check the network and the address.") from None
        except httpx.TimeoutException:
            raise Passing(f"{self.who} does not answer in time. Sync again later.") from None
        except httpx.RemoteProtocolError:
            raise Passing(f"{self.who} cuts its answers short. Sync again later.") from None
        except httpx.TransportError:
            raise Passing(f"The connection to {self.who} breaks off. Check the network.") from None
        except httpx.DecodingError:
            raise SourceError(f"{self.who} sends an answer whose compression is damaged.") from None

    def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        end = time.monotonic() + _WHOLE_ANSWER_SECONDS
        for piece in response.iter_bytes():
            body += piece
            if len(body) > MOST_BYTES:
                raise SourceError(f"{self.who} sends more than {MOST_BYTES >> 20} MB for one page.")
            if time.monotonic() > end:
                raise Passing(f"{self.who} sends too slowly. Sync again later.")
        return bytes(body)
