"""What stands behind `hisab connect ynab`: a personal access token is tried, kept, and becomes a connection.

Put here the steps a person takes. Keep out how YNAB is asked (`pipelines.sources.ynab`) and how the answer looks on a
screen (`pipelines.commands`).
"""

from __future__ import annotations

import datetime as dt

from pipelines.sources.service import checked_address
from pipelines.sources.ynab.client import user_of
from pipelines.sources.ynab.pull import SOURCE
from warehouse import connections
from warehouse.connection_files import ConnectionProblem
from warehouse.connections import Connection, Consent
from warehouse.home import Home
from warehouse.keys import Keyring
from warehouse.tokens import Tokens

PURPOSE = "Bring my plans together with my other money records"
NO_END = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)
"""A personal access token stands until its owner revokes it."""


def connect_ynab(
    home: Home,
    keyring: Keyring,
    *,
    party_label: str,
    token: str,
    base_url: str,
    days: int,
    now: dt.datetime | None = None,
) -> Connection:
    """Ask YNAB whose token it is, and keep the connection, the token and a consent of `days` days.

    Raises SourceError when YNAB does not take the token, ConnectionProblem when the party has no name.
    """
    if not party_label.strip():
        raise ConnectionProblem("A connection needs the name of its party: say whose money this is.")
    address = checked_address(base_url)
    user_id = user_of(address, token.strip())
    now = now or dt.datetime.now(dt.UTC)
    return connections.connect(
        home,
        keyring,
        party_label=party_label,
        source=SOURCE.source,
        user_name=user_id,
        label=SOURCE.title,
        base_url=address,
        consent=Consent(SOURCE.scopes, PURPOSE, now, now + dt.timedelta(days=days)),
        tokens=Tokens(token.strip(), "", "", NO_END),
    )
