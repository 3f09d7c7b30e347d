"""Cutting a list into pages; a page token points behind the last row that was sent and is bound to its request."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Sequence
from operator import itemgetter

from pipelines.sandbox.hishebi.refusals import Refused
from pipelines.sandbox.hishebi.story import CURRENCY

Wire = dict[str, object]


class Pages:
    """The pages of one sandbox."""

    def __init__(self, seed: int, size: int) -> None:
        """Remember how many rows a page has."""
        self._key = f"sandbox/{seed}".encode()
        self._size = size

    def page(self, name: str, rows: Sequence[Wire], order: Sequence[str], request: str, token: str | None) -> Wire:
        """One page of the rows in the order of these fields, under this name, with the token of the next.

        Raises Refused for a token of another request.
        """
        placed = sorted((((*(str(row[field]) for field in order),), row) for row in rows), key=itemgetter(0))
        if token is not None:
            after = self._opened(token, request)
            placed = [(place, row) for place, row in placed if place > after]
        page, rest = placed[: self._size], placed[self._size :]
        following = self._sealed(page[-1][0], request) if rest else None
        return {"currency": CURRENCY, name: [row for _, row in page], "next_page": following}

    def _sealed(self, place: tuple[str, ...], request: str) -> str:
        text = json.dumps([*place, self._mark(place, request)])
        return base64.urlsafe_b64encode(text.encode()).decode()

    def _opened(self, token: str, request: str) -> tuple[str, ...]:
        """The place a page token points behind; a token of another person or request is no token."""
        try:
            *parts, mark = json.loads(base64.urlsafe_b64decode(token))
            place = (*(str(part) for part in parts),)
        except (binascii.Error, ValueError, TypeError):
            place, mark = (), ""
        if not place or not hmac.compare_digest(str(mark).encode(), self._mark(place, request).encode()):
            raise Refused(400, "INVALID_PAGE", "the page token is not of this request")
        return place

    def _mark(self, place: tuple[str, ...], request: str) -> str:
        message = json.dumps([request, place]).encode()
        return hmac.new(self._key, message, "sha256").hexdigest()[:16]
