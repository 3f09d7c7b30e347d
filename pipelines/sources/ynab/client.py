"""The HTTP client of YNAB: asks with a personal access token, within the requests an hour allows.

Put here what is asked and with which token. Keep out what an answer means (`answers`), timeouts and tries (`service`)
and which requests a pull makes (`pull`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from pipelines.sources.grant import Grant
from pipelines.sources.pacing import Pace, RequestBudget
from pipelines.sources.service import Service, checked_address
from pipelines.sources.service_answers import TokenRefused
from pipelines.sources.source import LoginNeeded, SourceError
from pipelines.sources.ynab.answers import data_of

PACE = Pace(requests=190, span=3600.0)
"""YNAB answers 200 requests an hour and token; ten are left for whoever else uses the token."""

_PLANS = ("plans", "budgets")
"""The path of plans, and what it was called before."""
_TOKEN_FORM = re.compile(r"[\x21-\x7e]{8,512}")


def split_address(base_url: str) -> tuple[str, str]:
    """The address of the API and the path of its plans: an address may end in `/plans` or `/budgets` to say which."""
    address = checked_address(base_url)
    head, _, last = address.rpartition("/")
    return (head, last) if last in _PLANS else (address, _PLANS[0])


class YnabClient:
    """One pull's connection to one server; close it, or use it in a `with`."""

    def __init__(self, base_url: str, pace: Pace, budget: RequestBudget) -> None:
        """Prepare the connection; nothing is sent. Raises SourceError for an address that must not be used."""
        address, self.plans_path = split_address(base_url)
        self._service = Service("YNAB", address, pace)
        self._budget = budget

    def __enter__(self) -> Self:
        """This client."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Close the connection."""
        self._service.__exit__(kind, error, tb)

    def get(self, grant: Grant, path: str, params: Mapping[str, str]) -> tuple[bytes, dict[str, Any]]:
        """One answer, as bytes and its parsed `data`. Raises SourceError, LoginNeeded once the token is refused."""
        token = grant.access_token()
        try:
            return self._get(token, path, params)
        except TokenRefused as refused:
            self._give_up(grant, token, refused)
            raise SourceError(f"{self._service.who} was connected again just now. Sync again.") from None

    def user_id(self, token: str) -> str:
        """The id of the user a token belongs to. Raises SourceError."""
        try:
            _, data = self._get(token, "/user", {})
        except TokenRefused as refused:
            raise SourceError(
                f"{self._service.who} does not know this token{refused.reference}. "
                "Make one there under Account Settings, Developer Settings, and try again."
            ) from None
        user = data.get("user")
        found = user.get("id") if isinstance(user, dict) else None
        if not isinstance(found, str) or not found:
            raise SourceError(f"{self._service.who} does not say whose token this is. Is the address right?")
        return found

    def _get(self, token: str, path: str, params: Mapping[str, str]) -> tuple[bytes, dict[str, Any]]:
        return self._service.ask(
            "GET",
            path,
            data_of,
            before=lambda: self._budget.take(token),
            params=dict(params),
            headers={"authorization": f"Bearer {token}"},
        )

    def _give_up(self, grant: Grant, token: str, refused: TokenRefused) -> None:
        """Have the login remembered as refused: a personal access token cannot be renewed. Raises LoginNeeded.

        Returns when the token is no longer the present one.
        """
        line = (
            f"{self._service.who} no longer takes the access token{refused.reference}. "
            "Make a new one there and run `hisab connect ynab` again."
        )

        def refresh(_refresh_token: str, _device_id: str) -> tuple[str, str, int]:
            raise LoginNeeded(line)

        grant.renew(token, refresh)


def user_of(base_url: str, token: str, pace: Pace = PACE) -> str:
    """The id of the user a personal access token belongs to, asked once. Raises SourceError."""
    if not _TOKEN_FORM.fullmatch(token):
        raise SourceError("That is not an access token of YNAB: it is one word of letters and digits.")
    with YnabClient(base_url, pace, RequestBudget(pace)) as client:
        return client.user_id(token)
