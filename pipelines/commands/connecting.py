"""Connections: making, listing and ending them."""

from __future__ import annotations

import datetime as dt
import sys

from rich.markup import escape
from rich.prompt import Prompt

from pipelines import connecting
from pipelines.commands.screen import console, table
from pipelines.ingest.pulling import land_connection
from pipelines.settings import load_settings, password_of_environment
from pipelines.sources.source import SourceError
from pipelines.workplace import open_workplace

_DATE_WIDTH = len("2026-12-31")


def connect_hishebi(party: str, email: str, url: str, days: int, scopes: list[str]) -> None:
    """Log in and keep the connection; `scopes` are asked for too. Raises SourceError or ConnectionProblem."""
    workplace = open_workplace()
    address = url or load_settings(workplace.home).hishebi_url
    if not address:
        raise SourceError("Say where Hishebi Online answers: --url https://…, or hishebi_url in hisab.toml.")
    connection = connecting.connect_hishebi(
        workplace.home,
        workplace.keyring,
        party_label=party,
        email=email,
        password=_password(),
        base_url=address,
        days=days,
        more_scopes=scopes,
    )
    consent = connection.consent
    console.print(
        f"Connected {escape(connection.label)} of {escape(connection.party_label)} ({connection.connection_id})."
    )
    console.print(
        f"Consent: {' '.join(consent.scopes)}, until {consent.expires_at:%Y-%m-%d}. Next: [bold]hisab sync[/]."
    )


def connections() -> None:
    """List every connection with its state and what to do."""
    workplace = open_workplace()
    rows = connecting.connection_rows(workplace.home, workplace.keyring)
    if not rows:
        console.print(
            "Nothing is connected yet: [bold]hisab connect lean[/], [bold]hisab connect hishebi[/], "
            "[bold]hisab connect ynab[/] or [bold]hisab import FILE[/]."
        )
        return
    with workplace.warehouse("listing connections") as con:
        last = dict(con.execute("select connection_id, max(pulled_at) from raw.loads group by all").fetchall())
    shown = table(
        *("Bank or source", "Connection", "State", "May read", "Consent until", "Last read"), whole=("Connection",)
    )
    for column in shown.columns[-2:]:
        column.min_width = _DATE_WIDTH
    zone = workplace.settings.zone
    told = ""
    for row in rows:
        if row.party_label != told:
            told = row.party_label
            shown.add_row(f"[bold]{escape(told)}[/]")
        until = f"{row.expires_at.astimezone(zone):%Y-%m-%d}" if row.expires_at else ""
        read: dt.datetime | None = last.get(row.connection_id)
        shown.add_row(
            escape(row.label),
            row.connection_id,
            f"{row.state} since {row.since.astimezone(zone):%Y-%m-%d}" if row.since else row.state,
            _in_short(row.scopes),
            until,
            f"{read.astimezone(zone):%Y-%m-%d %H:%M}" if read else "never",
        )
    console.print(shown)
    for row in rows:
        if row.advice:
            console.print(
                f"[yellow]![/] {escape(row.label)} of {escape(row.party_label)} ({row.connection_id}): "
                f"{escape(row.advice)}",
                soft_wrap=True,
            )


def disconnect(name: str) -> None:
    """End a connection. Raises ConnectionProblem."""
    workplace = open_workplace()
    done = connecting.disconnect(workplace.home, workplace.keyring, name)
    ended = done.connection
    land_connection(workplace, ended)
    console.print(f"Ended {escape(ended.label)} of {escape(ended.party_label)}; what was read stays. {done.line}")


def _password() -> str:
    given = password_of_environment()
    if given:
        return given
    if not sys.stdin.isatty():
        raise SourceError("nobody can be asked for the password here: set HISAB_PASSWORD for this command")
    return Prompt.ask("Password", password=True, console=console)


def _in_short(scopes: str) -> str:
    """The first scope and how many more there are: a bank's ten would fill the screen."""
    first, *others = scopes.split() or [""]
    return f"{first} +{len(others)}" if others else first
