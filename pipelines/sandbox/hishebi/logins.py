"""The pretend service's logins: passwords, tokens that expire, and refresh tokens that may be used once.

A refresh token that is shown a second time ends the whole family of tokens, as RFC 9700 advises, unless it is the
very same exchange asked again (same idempotency key) before its answer was used: then the answer was lost on the
way, and is given again.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from pipelines.sandbox.hishebi.people import PASSWORD, Person
from pipelines.sandbox.hishebi.refusals import Refused


@dataclass(slots=True)
class Family:
    """One login on one device, and every pair of tokens that grew from it. `expires_at` is a Unix time."""

    name: str
    user_id: str
    device_id: str
    scopes: list[str]
    access: str = ""
    refresh: str = ""
    expires_at: float = 0.0
    pairs: int = 0
    is_revoked: bool = False
    used: list[str] = field(default_factory=list)
    last_key: str = ""


class Logins:
    """Every family of tokens; `saved` is what `document` gave in an earlier run."""

    def __init__(
        self,
        seed: int,
        people: list[Person],
        token_seconds: float,
        saved: list[dict[str, Any]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Know the people and the tokens given out before."""
        self._seed = seed
        self._people = {person.email: person for person in people}
        self._seconds = token_seconds
        self._clock = clock
        self._families = [Family(**document) for document in saved]

    def document(self) -> list[dict[str, Any]]:
        """Everything to remember, as JSON."""
        return [asdict(family) for family in self._families]

    def log_in(self, email: str, hashed: str, device_id: str, scopes: list[str]) -> dict[str, object]:
        """A new family for a person with the right password. Raises Refused."""
        person = self._people.get(email.strip().lower())
        right = hmac.compare_digest(hashed.encode(), hashlib.sha256(PASSWORD.encode()).hexdigest().encode())
        if person is None or not right:
            raise Refused(401, "INVALID_CREDENTIALS", "e-mail or password is wrong")
        family = Family(f"f{len(self._families) + 1}", person.user_id, device_id, scopes)
        self._families.append(family)
        return self._next_pair(family)

    def refresh(self, refresh_token: str, device_id: str, key: str) -> dict[str, object]:
        """The next pair of a family. Raises Refused; a token used before ends its family."""
        family = next((f for f in self._families if refresh_token == f.refresh or refresh_token in f.used), None)
        if family is None or family.is_revoked or family.device_id != device_id:
            raise Refused(401, "INVALID_TOKEN", "refresh token is not valid")
        if refresh_token != family.refresh:
            if key and key == family.last_key and refresh_token == family.used[-1]:
                return self._answer(family)
            family.is_revoked = True
            raise Refused(401, "INVALID_TOKEN", "refresh token was used before; the login is revoked")
        family.used.append(refresh_token)
        family.last_key = key
        return self._next_pair(family)

    def require(self, access_token: str, scope: str) -> str:
        """The user an access token stands for. Raises Refused."""
        family = next(
            (f for f in self._families if f.access and hmac.compare_digest(f.access.encode(), access_token.encode())),
            None,
        )
        if family is None or family.is_revoked or self._clock() >= family.expires_at:
            raise Refused(401, "INVALID_TOKEN", "access token is expired, revoked or unknown")
        if scope not in family.scopes:
            raise Refused(403, "INSUFFICIENT_SCOPE", f"the login does not cover {scope}")
        family.last_key = ""
        return family.user_id

    def revoke_all(self) -> int:
        """End every login, as a person can in the app's settings; how many were standing."""
        standing = [family for family in self._families if not family.is_revoked]
        for family in standing:
            family.is_revoked = True
        return len(standing)

    def standing(self) -> set[str]:
        """Users with a login that is not revoked."""
        return {family.user_id for family in self._families if not family.is_revoked}

    @property
    def revoked(self) -> int:
        """How many families are revoked."""
        return sum(family.is_revoked for family in self._families)

    def _next_pair(self, family: Family) -> dict[str, object]:
        family.pairs += 1
        family.access = "at_" + self._secret(f"{family.name}/access/{family.pairs}")
        family.refresh = "rt_" + self._secret(f"{family.name}/refresh/{family.pairs}")
        family.expires_at = self._clock() + self._seconds
        return self._answer(family)

    def _answer(self, family: Family) -> dict[str, object]:
        left = max(1, math.ceil(family.expires_at - self._clock()))
        return {
            "access_token": family.access,
            "refresh_token": family.refresh,
            "expires_in": left,
            "user_id": family.user_id,
        }

    def _secret(self, place: str) -> str:
        return hmac.new(f"sandbox/{self._seed}".encode(), place.encode(), "sha256").hexdigest()[:40]
