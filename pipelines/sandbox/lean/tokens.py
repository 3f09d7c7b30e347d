"""OAuth2 client credentials: access tokens with a scope that end by themselves.

A token is a JSON web token, as Lean's are, signed with a key of the seed, so that it survives a restart of the sandbox.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from pipelines.sandbox.lean.refusals import Refusal, TokenRefusal
from pipelines.sandbox.lean.settings import CLIENT_ID, CLIENT_SECRET

BACKEND = "api"
CUSTOMER = "customer."


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says: whose application, for what, until which Unix time."""

    client_id: str
    scope: str
    expires_at: float


class Tokens:
    """Gives tokens out and knows them again."""

    def __init__(self, place: str, token_seconds: float, clock: Callable[[], float] = time.time) -> None:
        """Start with nothing given out; `place` stands for seed and region."""
        self._key = f"lean/{place}".encode()
        self._seconds = token_seconds
        self._clock = clock
        self._numbers = itertools.count(1)
        self._ended_before = 0.0
        self.given = 0

    def give(self, form: dict[str, str], is_customer: Callable[[str], bool]) -> dict[str, object]:
        """Answer a token request. Raises TokenRefusal."""
        if form.get("grant_type") != "client_credentials":
            raise TokenRefusal(400, "unsupported_grant_type", "only client_credentials is supported")
        if form.get("client_id") != CLIENT_ID or not hmac.compare_digest(
            form.get("client_secret", "").encode(), CLIENT_SECRET.encode()
        ):
            raise TokenRefusal(401, "invalid_client", "client authentication failed")
        scope = form.get("scope", "")
        if scope != BACKEND and not (scope.startswith(CUSTOMER) and is_customer(scope.removeprefix(CUSTOMER))):
            raise TokenRefusal(400, "invalid_scope", "the requested scope is invalid, unknown, or malformed")
        self.given += 1
        return {
            "access_token": self._written(scope),
            "scope": scope,
            "token_type": "Bearer",
            "expires_in": int(self._seconds),
        }

    def claims(self, token: str) -> Claims:
        """What a valid token says. Raises Refusal."""
        head, _, mark = token.rpartition(".")
        if not hmac.compare_digest(mark.encode(), self._mark(head).encode()):
            raise unauthorised()
        try:
            claims = json.loads(_decoded(head.partition(".")[2]))
        except (binascii.Error, ValueError):
            raise unauthorised() from None
        if claims["exp"] <= self._clock() or claims["nbf"] < self._ended_before:
            raise unauthorised()
        return Claims(claims["sub"], claims["scope"], claims["exp"])

    def end_all(self) -> None:
        """Let every token given out so far end now."""
        self._ended_before = self._clock()

    def _written(self, scope: str) -> str:
        now = self._clock()
        claims = {"sub": CLIENT_ID, "scope": scope, "nbf": now, "exp": now + self._seconds, "jti": next(self._numbers)}
        head = f"{_encoded({'alg': 'HS256', 'typ': 'JWT'})}.{_encoded(claims)}"
        return f"{head}.{self._mark(head)}"

    def _mark(self, head: str) -> str:
        return _text(hmac.new(self._key, head.encode(), "sha256").digest())


def unauthorised() -> Refusal:
    """401: no token, or one that is not valid any more."""
    return Refusal(401, "UNAUTHORIZED", "The access token is missing, malformed or expired.")


def _encoded(document: dict[str, object]) -> str:
    return _text(json.dumps(document).encode())


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
