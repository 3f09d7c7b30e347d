"""Connecting banks (the application's secret, the address of the page, the accounts that came) and refreshing them."""

from __future__ import annotations

import sys

from rich.markup import escape
from rich.prompt import Prompt

from pipelines import bank_login, connecting, lean_connecting, lean_refreshing
from pipelines.bank_login import Account, BankLogin
from pipelines.commands.screen import amount, asking, console, following, table
from pipelines.ingest.pulling import connections_of
from pipelines.lean_connecting import Application
from pipelines.settings import lean_secret_of_environment
from pipelines.sources.lean.pull import SOURCE
from pipelines.sources.source import SourceError
from pipelines.workplace import Workplace, open_workplace


def connect_lean(party: str, region: str, environment: str, minutes: int) -> None:
    """Connect the banks a person logs in at. Raises SourceError, ConnectionProblem, ServeProblem."""
    workplace = open_workplace()
    host = bank_login.lean_host(region, environment)
    application = _application(workplace, host.base_url)
    with following("connect") as warnings:
        customer = lean_connecting.ensure_customer(application, party)
        found = bank_login.log_in(
            workplace, application, customer, host, seconds=minutes * 60.0, ready=_tell_address, show=_balance
        )
        warnings.extend(found.problems if not warnings else [])
    _show(found)


def refresh(name: str) -> int:
    """Ask Lean to fetch anew from the bank of one connection, or of all; 1 when one could not be asked."""
    workplace = open_workplace()
    home, keyring = workplace.home, workplace.keyring
    found = [connecting.named(home, keyring, name)] if name else connections_of(workplace, SOURCE.source)
    banks = [each for each in found if each.source == SOURCE.source and each.consent.ended_at is None]
    if not banks:
        raise SourceError("There is no bank to ask: `hisab connections` lists what is connected.")
    problems = 0
    for bank in banks:
        try:
            line = lean_refreshing.refresh(home, keyring, bank, a_day=workplace.settings.lean_refreshes_a_day).line
        except SourceError as problem:
            line, problems = str(problem), problems + 1
        console.print(f"{escape(bank.label)} of {escape(bank.party_label)}: {escape(line)}", soft_wrap=True)
    if problems < len(banks):
        console.print("What comes of it is read by the next [bold]hisab sync[/], or when the webhook says so.")
    return 1 if problems else 0


def _tell_address(url: str) -> None:
    with asking():
        console.print("Open this page on this computer and log in at your bank; Ctrl+C gives up:", soft_wrap=True)
        console.print(f"  [bold]{url}[/]", soft_wrap=True)


def _application(workplace: Workplace, base_url: str) -> Application:
    """The kept application, or the one a person names now. Raises SourceError."""
    client_id = workplace.settings.lean_client_id or _asked("Application id at Lean", "HISAB_LEAN_CLIENT_ID")
    given = lean_secret_of_environment()
    kept = lean_connecting.kept_application(workplace.home, workplace.keyring, base_url=base_url, client_id=client_id)
    if kept is not None and not given:
        return kept
    return lean_connecting.keep_application(
        workplace.home,
        workplace.keyring,
        base_url=base_url,
        client_id=client_id,
        client_secret=given or _asked("Client secret at Lean", "HISAB_LEAN_CLIENT_SECRET", is_hidden=True),
    )


def _asked(question: str, variable: str, *, is_hidden: bool = False) -> str:
    if not sys.stdin.isatty():
        raise SourceError(f"nobody can be asked here: set {variable} for this command")
    return Prompt.ask(question, password=is_hidden, console=console)


def _show(found: BankLogin) -> None:
    for connection in found.connections:
        until = connection.consent.expires_at
        ends = f", consent until {until:%Y-%m-%d}" if until else ""
        console.print(
            f"Connected {escape(connection.label)} of {escape(connection.party_label)} "
            f"({connection.connection_id}){ends}."
        )
    if found.accounts:
        shown = table("Bank", "Account", "Kind", "Number", "Balance", right=("Balance",))
        for each in found.accounts:
            number = f"…{each.masked_number.lstrip('…')}" if each.masked_number else ""
            shown.add_row(escape(each.bank), escape(each.name), each.kind, escape(number), _balance(each))
        console.print(shown)
    console.print("Next: [bold]hisab sync[/] brings everything into the marts.")


def _balance(account: Account) -> str:
    return f"{account.currency_code} {amount(account.balance)}" if account.balance is not None else ""
