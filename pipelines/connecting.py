"""What stands behind `hisab connect`, `disconnect` and `connections`: making, ending and listing connections.

Put here the steps a person takes. Keep out what a connection is (`warehouse.connections`), how a service is asked
(`pipelines.sources`) and how the answer looks on a screen (`pipelines.cli`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pipelines.sources.hishebi import client
from pipelines.sources.hishebi.pull import SOURCE
from pipelines.sources.service import checked_address
from warehouse import connections
from warehouse.connection_files import ConnectionProblem
from warehouse.connections import Connection, Consent
from warehouse.home import Home
from warehouse.keys import Keyring
from warehouse.tokens import Tokens, TokenStore

DEFAULT_PURPOSE = "Bring my ledger together with my other money records"
DEFAULT_DAYS = 365
MOST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """One line of `hisab connections`; instants are UTC."""

    connection_id: str
    party_label: str
    source: str
    label: str
    state: str
    scopes: str
    granted_at: dt.datetime
    expires_at: dt.datetime | None
    base_url: str


def connect_hishebi(
    home: Home,
    keyring: Keyring,
    *,
    party_label: str,
    email: str,
    password: str,
    base_url: str,
    party_kind: str = "person",
    label: str = "",
    purpose: str = DEFAULT_PURPOSE,
    days: int = DEFAULT_DAYS,
    now: dt.datetime | None = None,
) -> Connection:
    """Log in at Hishebi and keep the connection, its tokens and a consent of `days` days.

    Only the scopes the source needs are asked for. Raises SourceError when the login fails, ConnectionProblem when
    the words given cannot make a connection.
    """
    if not party_label.strip():
        raise ConnectionProblem("A connection needs the name of its party: say whose money this is.")
    if not purpose.strip() or not 1 <= days <= MOST_DAYS:
        raise ConnectionProblem(f"A consent needs a purpose and an end within 1 to {MOST_DAYS} days.")
    address = checked_address(base_url)
    email = email.strip().lower()
    device_id = keyring.opaque_id("hisab", connections.party_id_of(keyring, party_label), SOURCE.source, email)
    login = client.log_in(address, email, password, device_id, SOURCE.scopes)
    now = now or dt.datetime.now(dt.UTC)
    return connections.connect(
        home,
        keyring,
        party_label=party_label,
        party_kind=party_kind,
        source=SOURCE.source,
        user_name=login.user_id or email,
        label=label or SOURCE.title,
        base_url=address,
        consent=Consent(SOURCE.scopes, purpose.strip(), now, now + dt.timedelta(days=days)),
        tokens=Tokens(login.access_token, login.refresh_token, device_id, now + dt.timedelta(seconds=login.expires_in)),
    )


def disconnect(home: Home, keyring: Keyring, name: str, now: dt.datetime | None = None) -> Connection:
    """End the connection a person names: its consent ends and its tokens are gone. Raises ConnectionProblem."""
    connection = named(home, keyring, name)
    return connections.end(home, keyring, connection.connection_id, now or dt.datetime.now(dt.UTC))


def named(home: Home, keyring: Keyring, name: str) -> Connection:
    """The connection with this id, the beginning of one, this label or this party.

    Raises ConnectionProblem when there is none or more than one.
    """
    everyone = connections.all_connections(home, keyring)
    wanted = name.strip().casefold()
    exact = [c for c in everyone if wanted in {c.connection_id, c.label.casefold(), c.party_label.casefold()}]
    found = exact or [c for c in everyone if wanted and c.connection_id.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise ConnectionProblem(f"No connection is called {name!r}; `hisab connections` lists them.")
    ids = ", ".join(c.connection_id for c in found)
    raise ConnectionProblem(f"{name!r} names {len(found)} connections ({ids}): give the id of the one you mean.")


def connection_rows(home: Home, keyring: Keyring, now: dt.datetime | None = None) -> list[ConnectionRow]:
    """Every connection as a line for people, sorted by party. Raises ConnectionProblem when a file is damaged."""
    now = now or dt.datetime.now(dt.UTC)
    rows = []
    for connection in connections.all_connections(home, keyring):
        tokens = TokenStore(home, keyring, connection.connection_id).load()
        rows.append(
            ConnectionRow(
                connection_id=connection.connection_id,
                party_label=connection.party_label,
                source=connection.source,
                label=connection.label,
                state=connections.state_of(connection, tokens, now),
                scopes=" ".join(connection.consent.scopes),
                granted_at=connection.consent.granted_at,
                expires_at=connection.consent.expires_at,
                base_url=connection.base_url,
            )
        )
    return rows
