"""Where Lean answers: a host for the API and one for tokens, per region and environment.

A sandbox on this computer has one address for both.
"""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from pipelines.sources.service import checked_address, is_loopback
from pipelines.sources.source import SourceError

REGIONS = ("uae", "ksa")
ENVIRONMENTS = ("sandbox", "production")


@dataclass(frozen=True, slots=True)
class LeanHost:
    """One of Lean's services.

    Attributes:
        region: uae or ksa.
        environment: sandbox or production.
        base_url: Where the API answers.
        token_url: Where tokens are given.
    """

    region: str
    environment: str
    base_url: str
    token_url: str


HOSTS = (
    LeanHost("uae", "sandbox", "https://sandbox.leantech.me", "https://auth.sandbox.leantech.me/oauth2/token"),
    LeanHost("uae", "production", "https://api2.leantech.me", "https://auth.leantech.me/oauth2/token"),
    LeanHost("ksa", "sandbox", "https://sandbox.sa.leantech.me", "https://auth.sandbox.sa.leantech.me/oauth2/token"),
    LeanHost("ksa", "production", "https://api2.sa.leantech.me", "https://auth.sa.leantech.me/oauth2/token"),
)
"""As Lean's own collections name them; other hosts are refused, so that no secret goes to a mistyped address."""

_ZONES = {"uae": "UTC+04:00", "ksa": "UTC+03:00"}


def address_of(region: str, environment: str) -> str:
    """The API's address of a region and an environment. Raises SourceError for words that are neither."""
    for host in HOSTS:
        if (host.region, host.environment) == (region, environment):
            return host.base_url
    raise SourceError(
        f"Lean has no {region} {environment}: the region is one of {', '.join(REGIONS)}, "
        f"the environment one of {', '.join(ENVIRONMENTS)}."
    )


def host_of(base_url: str) -> LeanHost:
    """The service behind an API address: one of `HOSTS`, or a sandbox on this computer. Raises SourceError.

    A sandbox on this computer gives its tokens at `<address>/oauth2/token`; one whose address ends with /ksa is of
    that region, any other of the UAE.
    """
    address = checked_address(base_url)
    for host in HOSTS:
        if host.base_url == address:
            return host
    if is_loopback(address):
        return LeanHost("ksa" if address.endswith("/ksa") else "uae", "sandbox", address, f"{address}/oauth2/token")
    known = ", ".join(host.base_url for host in HOSTS)
    raise SourceError(f"{httpx.URL(address).host} is none of Lean's addresses ({known}).")


def time_zone_of(base_url: str) -> str:
    """The region's offset, as Lean writes time zones; for days of records that do not name their own."""
    return _ZONES[host_of(base_url).region]
