"""Connecting YNAB."""

from __future__ import annotations

import sys

from rich.markup import escape
from rich.prompt import Prompt

from pipelines.commands.screen import console
from pipelines.settings import load_settings, ynab_token_of_environment
from pipelines.sources.source import SourceError
from pipelines.workplace import open_workplace
from pipelines.ynab_connecting import connect_ynab as connect


def connect_ynab(party: str, url: str, days: int) -> None:
    """Try the token and keep the connection. Raises SourceError or ConnectionProblem."""
    workplace = open_workplace()
    connection = connect(
        workplace.home,
        workplace.keyring,
        party_label=party,
        token=_token(),
        base_url=url or load_settings(workplace.home).ynab_url,
        days=days,
    )
    whose = f"{escape(connection.label)} of {escape(connection.party_label)}"
    console.print(f"Connected {whose} ({connection.connection_id}).")
    consent = connection.consent
    console.print(
        f"Consent: {' '.join(consent.scopes)}, until {consent.expires_at:%Y-%m-%d}. Next: [bold]hisab sync[/]."
    )


def _token() -> str:
    given = ynab_token_of_environment()
    if given:
        return given
    if not sys.stdin.isatty():
        raise SourceError("nobody can be asked for the access token here: set HISAB_YNAB_TOKEN for this command")
    console.print("Make a personal access token in YNAB: Account Settings, Developer Settings.")
    return Prompt.ask("Access token", password=True, console=console)
