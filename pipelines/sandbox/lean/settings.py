"""What a pretend Lean is made of: its size, its limits, its speed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

CLIENT_ID = "1ea00000-0000-4000-8000-00000000da7a"
"""Application id of the pretend application, in both regions; the `app_token` of its LinkSDK calls."""

CLIENT_SECRET = "lean-demo-secret"  # noqa: S105 - the sandbox prints it
"""Client secret of the pretend application."""


@dataclass(frozen=True, slots=True)
class LeanTownSettings:
    """A pretend Lean. The same settings and steps give the same customers, accounts and transactions.

    Attributes:
        today: The day it is there.
        seed: Chooses the story.
        customer_count: Customers that are there from the start, `pretend-1` onwards, in each region.
        banks_each: Banks (entities) each of them has connected, at most three.
        rows_per_account: Transactions of a current account in its 18 months up to the first day, pending ones
            included; fewer than the regular ones (salary, rent, bills) is not possible. A card has 2 for every 5.
        token_seconds: How long an access token lives.
        requests_per_second: Requests an application may make in a second; what it saves up lasts for one second.
        most_in_flight: Requests an application may have open at once.
        answer_seconds: How long the bank thinks about each data request.
        results_seconds: How long after an asynchronous request its results are ready.
        refresh_seconds: How long a data refresh takes.
        refreshes_per_day: Refreshes an entity may have on one day.
        consent_days: How long a consent lasts.
        retry_minute_seconds: Seconds that a minute of the webhook retries lasts (1, 2, 5, 10, 60 and 180 minutes).
        state_file: Where customers, consents and steps are remembered (one file per region beside this name), or
            None to forget them at the end.
    """

    today: dt.date
    seed: int = 7
    customer_count: int = 2
    banks_each: int = 2
    rows_per_account: int = 360
    token_seconds: float = 3599.0
    requests_per_second: float = 50.0
    most_in_flight: int = 10
    answer_seconds: float = 0.0
    results_seconds: float = 0.2
    refresh_seconds: float = 0.3
    refreshes_per_day: int = 4
    consent_days: int = 365
    retry_minute_seconds: float = 60.0
    state_file: Path | None = None
