"""The household of the demo: one partner keeps a Hishebi ledger, the other a YNAB plan; rates join their money."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from pipelines import connecting
from pipelines.sandbox.hishebi.people import PASSWORD, people
from pipelines.sandbox.hishebi.town import SandboxSettings
from pipelines.sandbox.ynab.settings import PERSON, TOKEN
from pipelines.workplace import Workplace
from pipelines.ynab_connecting import connect_ynab
from warehouse.connections import ACTIVE
from warehouse.home import Home, write_whole

HOUSEHOLD = "Rahman family"
BASE_CURRENCY = "BDT"
CONSENT_DAYS = 180
RATES_FILE = "pretend-bank-rates.csv"
WEEKS = 112
_RATES = (("AED", "33.15"), ("SAR", "32.45"), ("USD", "121.75"))
"""Taka for one unit, on the first of the weeks; each week adds a thousandth."""


def household_names(today: dt.date) -> tuple[str, str]:
    """Labels of the two partners: on Hishebi, on YNAB."""
    return people(SandboxSettings(today=today).seed, 1)[0].name, PERSON


def write_household(home: Home, names: Sequence[str]) -> None:
    """Say in the demo's hisab.toml who keeps house together and which currency sums are given in."""
    text = home.settings_file.read_text(encoding="utf-8")
    members = json.dumps(list(names), ensure_ascii=False)
    said = text.replace('base_currency = ""', f'base_currency = "{BASE_CURRENCY}"').replace(
        "[households]\n", f'[households]\n"{HOUSEHOLD}" = {members}\n'
    )
    write_whole(home.settings_file, said.encode())


def connect_partners(workplace: Workplace, url: str) -> list[str]:
    """Connect both partners, unless they are connected at this address already; their labels.

    Raises SourceError, ConnectionProblem.
    """
    rows = connecting.connection_rows(workplace.home, workplace.keyring)
    standing = {(row.source, row.base_url) for row in rows if row.state == ACTIVE}
    hishebi_name, ynab_name = household_names(workplace.today)
    if ("hishebi", url) not in standing:
        person = people(SandboxSettings(today=workplace.today).seed, 1)[0]
        connecting.connect_hishebi(
            workplace.home,
            workplace.keyring,
            party_label=hishebi_name,
            email=person.email,
            password=PASSWORD,
            base_url=url,
        )
    if ("ynab", f"{url}/ynab/v1") not in standing:
        connect_ynab(
            workplace.home,
            workplace.keyring,
            party_label=ynab_name,
            token=TOKEN,
            base_url=f"{url}/ynab/v1",
            days=CONSENT_DAYS,
        )
    return [hishebi_name, ynab_name]


def write_rates(folder: Path, made_on: dt.date) -> Path:
    """A pretend bank's weekly rates up to the day the demo was made, as a file to import."""
    lines = ["date,base,quote,rate,kind,source"]
    for week in range(WEEKS):
        day = made_on - dt.timedelta(weeks=WEEKS - 1 - week)
        for code, first in _RATES:
            rate = (Decimal(first) * (1000 + week) / 1000).quantize(Decimal("0.0001"))
            lines.append(f"{day},{code},{BASE_CURRENCY},{rate},mid,Pretend Padma Bank")
    path = folder / RATES_FILE
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
