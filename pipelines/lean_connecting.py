"""What stands behind `hisab connect lean`: the application's login, customers, their banks, and ending a connection.

A connection is one *entity*: one party's login at one bank, as Lean calls it. The application (client id and secret)
belongs to the operator and is shared by all connections of one region. Put here the steps a person takes at Lean. Keep
out how Lean is asked (`pipelines.sources.lean`), refreshes (`pipelines.lean_refreshing`) and screens and pages
(`pipelines.commands`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from warehouse.connections import Connection
from warehouse.home import Home
from warehouse.keys import Keyring

DEFAULT_PURPOSE = "See my bank accounts together with my other money records"


@dataclass(frozen=True, slots=True)
class Application:
    """The operator's application at Lean in one region; its secret lies in the token store, not here.

    Attributes:
        home: The home whose connections use it.
        keyring: The home's keys.
        base_url: Where Lean's API answers, without a trailing slash.
        client_id: The application's id; LinkSDK calls it app token.
        login_id: Name of the token store that all its connections share.
    """

    home: Home = field(repr=False)
    keyring: Keyring = field(repr=False)
    base_url: str
    client_id: str
    login_id: str


@dataclass(frozen=True, slots=True)
class Customer:
    """A party as Lean knows it; app_user_id is the party's opaque id, so Lean learns no name from Hisab."""

    customer_id: str
    app_user_id: str
    party_label: str = field(repr=False)
    party_kind: str = "person"


@dataclass(frozen=True, slots=True)
class CustomerToken:
    """A token for one customer, to hand to LinkSDK and to nothing else."""

    access_token: str = field(repr=False)
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Entity:
    """One login of a customer at one bank.

    Attributes:
        entity_id: Lean's id.
        customer_id: Whose it is.
        bank_identifier: Lean's name for the bank, e.g. LEAN_OF_RETAIL_UAE.
        permissions: What may be read, in Lean's words (identity, accounts, balance, transactions, ...), sorted.
        consent_status: Lean's word for the consent in force; empty when it tells of none.
        granted_at: When that consent began (UTC).
        expires_at: When it ends by itself (UTC), or None.
    """

    entity_id: str
    customer_id: str
    bank_identifier: str
    permissions: tuple[str, ...]
    consent_status: str
    granted_at: dt.datetime
    expires_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Disconnected:
    """An ended connection, and whether Lean was told; `line` says so to the person."""

    connection: Connection
    was_told: bool
    line: str


def keep_application(
    home: Home,
    keyring: Keyring,
    *,
    base_url: str,
    client_id: str,
    client_secret: str,
    now: dt.datetime | None = None,
) -> Application:
    """Try the credentials at Lean and keep them sealed, in place of earlier ones of the same application.

    Raises SourceError when Lean does not take them or cannot be reached.
    """
    raise NotImplementedError


def kept_application(home: Home, keyring: Keyring, *, base_url: str, client_id: str) -> Application | None:
    """The application if its credentials were kept and Lean did not refuse them since; else None: ask for them."""
    raise NotImplementedError


def ensure_customer(application: Application, party_label: str, party_kind: str = "person") -> Customer:
    """The party's customer at Lean, made when there is none. Raises SourceError, ConnectionProblem."""
    raise NotImplementedError


def customer_token(application: Application, customer: Customer) -> CustomerToken:
    """A token that lets LinkSDK act for this customer alone. Raises SourceError."""
    raise NotImplementedError


def entities_of(application: Application, customer: Customer) -> list[Entity]:
    """Every login the customer has, oldest first. Raises SourceError."""
    raise NotImplementedError


def bank_names(application: Application) -> dict[str, str]:
    """Bank identifier to the bank's name for people. Raises SourceError."""
    raise NotImplementedError


def connect_entity(
    application: Application,
    customer: Customer,
    entity: Entity,
    *,
    bank_name: str = "",
    purpose: str = DEFAULT_PURPOSE,
    now: dt.datetime | None = None,
) -> Connection:
    """Make the connection of an entity, or give the existing one the consent Lean tells of; twice is once.

    Raises SourceError when nothing may be read through the entity, ConnectionProblem.
    """
    raise NotImplementedError


def disconnect(home: Home, keyring: Keyring, connection: Connection, now: dt.datetime | None = None) -> Disconnected:
    """Delete the entity at Lean, then end the connection here; it also ends here when Lean cannot be told.

    What Lean was not told is tried again at the next disconnect of the same application. Raises ConnectionProblem.
    """
    raise NotImplementedError
