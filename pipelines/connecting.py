"""What stands behind `hisab connect`, `disconnect` and `connections`: making, ending and listing connections.

Put here the steps a person takes. Keep out what a connection is (`warehouse.connections`), how a service is asked
(`pipelines.sources`) and how the answer looks on a screen (`pipelines.cli`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines import lean_connecting
from pipelines.lean_connecting import Disconnected
from pipelines.sources.hishebi import client
from pipelines.sources.hishebi.pull import SOURCE
from pipelines.sources.hishebi.surfaces import READ_SCOPES
from pipelines.sources.lean.pull import SOURCE as LEAN
from pipelines.sources.service import checked_address
from pipelines.sources.source import ConsentRefused, ReconnectNeeded, StillPreparing
from warehouse import connections
from warehouse.connection_files import ConnectionProblem
from warehouse.connections import Connection, Consent
from warehouse.home import Home
from warehouse.keys import Keyring
from warehouse.standings import Standing, StandingStore
from warehouse.tokens import Tokens, TokenStore

DEFAULT_PURPOSE = "Bring my ledger together with my other money records"
DEFAULT_DAYS = 365
MOST_DAYS = 3650
DAMAGED = "damaged"
"""State of a connection whose files cannot be read."""

_ADVICE = {
    connections.EXPIRED: "connect again to renew the consent",
    connections.NEEDS_LOGIN: "connect again: the login is no longer valid",
    connections.ENDED: "ended; what was read stays",
    ReconnectNeeded.state: "connect the bank again: it wants you to prove yourself",
    ConsentRefused.state: "connect the bank again: the consent ended there",
    StillPreparing.state: "wait: it is read when the bank is ready, or at the next sync",
    lean_connecting.UNTOLD: "disconnect it again: the source was not told yet",
}


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """One line of `hisab connections`; instants are UTC.

    Attributes:
        connection_id: The connection.
        party_label: Whose money it is; empty when the file is damaged, like everything but state and advice.
        source: Name of the source.
        label: What people call the connection, for a bank login the bank.
        state: A few words: active, expired, ended, needs login, damaged, or what the source last said.
        scopes: What may be read, separated by spaces.
        granted_at: When the consent began.
        expires_at: When it ends by itself.
        base_url: Where the service answers.
        advice: What the person can do; empty while all is well.
        since: When the state began, where that is known.
    """

    connection_id: str
    party_label: str
    source: str
    label: str
    state: str
    scopes: str
    granted_at: dt.datetime | None
    expires_at: dt.datetime | None
    base_url: str
    advice: str = ""
    since: dt.datetime | None = None


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
    more_scopes: Sequence[str] = (),
    now: dt.datetime | None = None,
) -> Connection:
    """Log in at Hishebi and keep the connection, its tokens and a consent of `days` days.

    The scopes to read the books are asked for, and `more_scopes` (notes.write, export.read) where a person wants
    them. Raises SourceError when the login fails, ConnectionProblem when the words given cannot make a connection.
    """
    if not party_label.strip():
        raise ConnectionProblem("A connection needs the name of its party: say whose money this is.")
    if not purpose.strip() or not 1 <= days <= MOST_DAYS:
        raise ConnectionProblem(f"A consent needs a purpose and an end within 1 to {MOST_DAYS} days.")
    address = checked_address(base_url)
    email = email.strip().lower()
    device_id = keyring.opaque_id("hisab", connections.party_id_of(keyring, party_label), SOURCE.source, email)
    scopes = tuple(dict.fromkeys([*READ_SCOPES, *more_scopes]))
    login = client.log_in(address, email, password, device_id, scopes)
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
        consent=Consent(scopes, purpose.strip(), now, now + dt.timedelta(days=days)),
        tokens=Tokens(login.access_token, login.refresh_token, device_id, now + dt.timedelta(seconds=login.expires_in)),
    )


def disconnect(home: Home, keyring: Keyring, name: str, now: dt.datetime | None = None) -> Disconnected:
    """End the connection a person names, at the source where that can be told, and here in any case.

    Raises ConnectionProblem.
    """
    connection = named(home, keyring, name)
    now = now or dt.datetime.now(dt.UTC)
    if connection.source == LEAN.source:
        return lean_connecting.disconnect(home, keyring, connection, now)
    ended = connections.end(home, keyring, connection.connection_id, now)
    return Disconnected(ended, was_told=True, line="")


def named(home: Home, keyring: Keyring, name: str, source: str = "") -> Connection:
    """The connection with this id, the beginning of one, this label or this party; of one source where that is named.

    Raises ConnectionProblem when there is none or more than one.
    """
    everyone = [c for c in connections.register(home, keyring).connections if source in {"", c.source}]
    wanted = name.strip().casefold()
    exact = [c for c in everyone if wanted in {c.connection_id, c.label.casefold(), c.party_label.casefold()}]
    found = exact or [c for c in everyone if wanted and c.connection_id.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if not found:
        what = f"connection to {source}" if source else "connection"
        raise ConnectionProblem(f"No {what} is called {name!r}; `hisab connections` lists them.")
    ids = ", ".join(c.connection_id for c in found)
    raise ConnectionProblem(f"{name!r} names {len(found)} connections ({ids}): give the id of the one you mean.")


def connection_rows(home: Home, keyring: Keyring, now: dt.datetime | None = None) -> list[ConnectionRow]:
    """Every connection as a line for people, sorted by party; damaged ones last."""
    now = now or dt.datetime.now(dt.UTC)
    known = connections.register(home, keyring)
    standings = StandingStore(home, keyring)
    rows = [_row(home, keyring, connection, standings, now) for connection in known.connections]
    return rows + [
        ConnectionRow(connection_id, "", "", "", DAMAGED, "", None, None, "", advice=problem)
        for connection_id, problem in known.problems.items()
    ]


def _row(
    home: Home, keyring: Keyring, connection: Connection, standings: StandingStore, now: dt.datetime
) -> ConnectionRow:
    standing: Standing | None = None
    try:
        tokens = TokenStore(home, keyring, connection.tokens_id).load()
        state = connections.state_of(connection, tokens, now)
        standing = standings.load(connection.connection_id)
        advice = _ADVICE.get(state, "")
    except ConnectionProblem as problem:
        state, advice = DAMAGED, str(problem)
    if standing is not None and _is_shown(standing, state):
        state, advice = standing.state, _ADVICE.get(standing.state, standing.reason)
    else:
        standing = None
    return ConnectionRow(
        connection_id=connection.connection_id,
        party_label=connection.party_label,
        source=connection.source,
        label=connection.label,
        state=state,
        scopes=" ".join(connection.consent.scopes),
        granted_at=connection.consent.granted_at,
        expires_at=connection.consent.expires_at,
        base_url=connection.base_url,
        advice=advice,
        since=standing.since if standing else None,
    )


def _is_shown(standing: Standing, state: str) -> bool:
    """What the source said matters while the connection stands; what it was not told, after its end."""
    return state == (connections.ENDED if standing.state == lean_connecting.UNTOLD else connections.ACTIVE)
