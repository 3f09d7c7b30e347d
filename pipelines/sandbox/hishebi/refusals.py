"""What the pretend service turns down: its error as its integrators describe the form."""

from __future__ import annotations


class Refused(Exception):
    """A request the pretend service turns down: HTTP status, error code, message and headers of the answer."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        """Keep what the answer will hold."""
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers or {}


def invalid() -> Refused:
    """A request that is not what the description says."""
    return Refused(400, "INVALID_REQUEST", "a field is missing or malformed")
