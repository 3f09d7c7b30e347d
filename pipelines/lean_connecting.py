"""What stands behind `hisab connect lean`: the application's login, customers, their banks, and ending a connection.

A connection is one *entity*: one party's login at one bank, as Lean calls it. The application (client id and secret)
belongs to the operator and is shared by all connections of one region. Put here the steps a person takes at Lean. Keep
out how Lean is asked (`pipelines.sources.lean`), refreshes (`pipelines.lean_refreshing`) and screens and pages
(`pipelines.commands`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from pipelines.sources.lean import customers
from pipelines.sources.lean.answers import Refused
from pipelines.sources.lean.client import BACKEND_SCOPE, LeanClient
from pipelines.sources.lean.hosts import host_of
from pipelines.sources.lean.pull import REQUESTS_A_MINUTE, SOURCE, paced
from pipelines.sources.pacing import Pace, RequestBudget
from pipelines.sources.source import SourceError
from pipelines.stored_login import Refresh, StoredLogin
from warehouse import connections
from warehouse.connection_files import ConnectionProblem
from warehouse.connections import Connection, Consent
from warehouse.home import Home
from warehouse.keys import Keyring
from warehouse.standings import Standing, StandingStore
from warehouse.tokens import Tokens, TokenStore

DEFAULT_PURPOSE = "See my bank accounts together with my other money records"
DEFAULT_DAYS = 365
"""How long a consent lasts whose end Lean does not tell."""
UNTOLD = "ended here, source not told"
"""Standing of an ended connection whose entity may still be there at Lean."""

Entity = customers.Entity
"""One login of a customer at one bank, as Lean tells of it."""

_ENDED_WORDS = frozenset({"EXPIRED", "REVOKED", "SUSPENDED", "REJECTED", "CANCELLED"})


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
    now = now or dt.datetime.now(dt.UTC)
    application = _application(home, keyring, base_url, client_id)
    with _client(application.base_url) as client:
        token = client.token(application.client_id, client_secret, BACKEND_SCOPE)
    store = TokenStore(home, keyring, application.login_id)
    tokens = Tokens(token.access, client_secret, client_id, now + dt.timedelta(seconds=token.expires_in))
    with store.locked():
        present = store.load()
        store.swap(tokens, present.version if present else 0)
    return application


def kept_application(home: Home, keyring: Keyring, *, base_url: str, client_id: str) -> Application | None:
    """The application if its credentials were kept and Lean did not refuse them since; else None: ask for them.

    Raises SourceError for an address that is not Lean's, ConnectionProblem when the kept file is damaged.
    """
    application = _application(home, keyring, base_url, client_id)
    tokens = TokenStore(home, keyring, application.login_id).load()
    return application if tokens is not None and not tokens.needs_login else None


def ensure_customer(application: Application, party_label: str, party_kind: str = "person") -> Customer:
    """The party's customer at Lean, made when there is none. Raises SourceError, ConnectionProblem."""
    if not party_label.strip():
        raise ConnectionProblem("A connection needs the name of its party: say whose money this is.")
    app_user_id = connections.party_id_of(application.keyring, party_label)
    with _client(application.base_url) as client:
        customer_id = customers.ensure_customer(client, _login_of(application), app_user_id)
    return Customer(customer_id, app_user_id, party_label, party_kind)


def customer_token(application: Application, customer: Customer) -> CustomerToken:
    """A token that lets LinkSDK act for this customer alone, made anew. Raises SourceError."""
    now, tokens = dt.datetime.now(dt.UTC), _login_of(application).login.tokens()
    with _client(application.base_url) as client:
        token = client.token(tokens.device_id, tokens.refresh, f"customer.{customer.customer_id}")
    return CustomerToken(token.access, now + dt.timedelta(seconds=token.expires_in))


def entities_of(application: Application, customer: Customer) -> list[Entity]:
    """Every login the customer has, oldest first. Raises SourceError."""
    with _client(application.base_url) as client:
        return customers.entities_of(client, _login_of(application), customer.customer_id)


def bank_names(application: Application) -> dict[str, str]:
    """Bank identifier to the bank's name for people. Raises SourceError."""
    with _client(application.base_url) as client:
        return customers.bank_names(client, _login_of(application))


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
    if not set(SOURCE.scopes) <= set(entity.permissions) or entity.consent_status in _ENDED_WORDS:
        raise SourceError(
            f"{bank_name or entity.bank_identifier} does not let the accounts be read. "
            "Connect the bank again and allow the accounts."
        )
    home, keyring = application.home, application.keyring
    party_id = connections.party_id_of(keyring, customer.party_label)
    connection_id = connections.connection_id_of(keyring, party_id, SOURCE.source, entity.entity_id)
    connection = connections.connect(
        home,
        keyring,
        party_label=customer.party_label,
        party_kind=customer.party_kind,
        source=SOURCE.source,
        user_name=entity.entity_id,
        label=bank_name or entity.bank_identifier,
        base_url=application.base_url,
        consent=_consent(entity, purpose, _last_consent(home, keyring, connection_id), now or dt.datetime.now(dt.UTC)),
        login_id=application.login_id,
    )
    StandingStore(home, keyring).clear(connection_id)
    return connection


def disconnect(home: Home, keyring: Keyring, connection: Connection, now: dt.datetime | None = None) -> Disconnected:
    """Delete the entity at Lean, then end the connection here; it also ends here when Lean cannot be told.

    What Lean was not told is tried again at the next disconnect of the same application. Raises ConnectionProblem.
    """
    now = now or dt.datetime.now(dt.UTC)
    standings = StandingStore(home, keyring)
    is_over = connection.consent.ended_at is not None and not _is_untold(standings, connection)
    why = "" if is_over else _untold_because(home, keyring, connection)
    if why:
        standings.keep(connection.connection_id, Standing(UNTOLD, why, now))
    elif not is_over:
        standings.clear(connection.connection_id)
    ended = connections.end(home, keyring, connection.connection_id, now)
    if why:
        return Disconnected(
            ended, was_told=False, line=f"Lean could not be told: {why} Disconnecting it again tries again."
        )
    _tell_others(home, keyring, ended)
    _forget_unused_login(home, keyring, ended.login_id)
    return Disconnected(ended, was_told=True, line="Lean has been told.")


class _Login:
    """The application's own login, for what is asked outside a pull; see `pipelines.sources.lean.client.Login`."""

    def __init__(self, home: Home, keyring: Keyring, base_url: str, login_id: str) -> None:
        self.base_url, self.login_id = base_url, login_id
        self.login = StoredLogin(home, keyring, login_id, who=f"Lean application {login_id}", source=SOURCE.source)

    def fresh_token(self, refresh: Refresh, spare: dt.timedelta) -> str:
        """The present token, renewed when it ends within `spare`."""
        return self.login.fresh(refresh, spare, _always)

    def renew(self, stale: str, refresh: Refresh) -> str:
        """A token in place of a stale one."""
        return self.login.renew(stale, refresh, _always)


def _login_of(application: Application) -> _Login:
    return _Login(application.home, application.keyring, application.base_url, application.login_id)


def _always() -> None:
    """The operator's own application needs no party's consent to ask about customers."""


_PACE = Pace()
_BUDGET = RequestBudget(paced(_PACE, REQUESTS_A_MINUTE))


@contextmanager
def _client(base_url: str) -> Iterator[LeanClient]:
    with LeanClient(base_url, _PACE, _BUDGET) as client:
        yield client


def _application(home: Home, keyring: Keyring, base_url: str, client_id: str) -> Application:
    address = host_of(base_url).base_url
    return Application(home, keyring, address, client_id, keyring.opaque_id("a", SOURCE.source, address, client_id))


def _last_consent(home: Home, keyring: Keyring, connection_id: str) -> Consent | None:
    try:
        return connections.load(home, keyring, connection_id).consent
    except ConnectionProblem:
        return None  # there is none yet; a damaged file is told of when the connection is made


def _consent(entity: Entity, purpose: str, last: Consent | None, now: dt.datetime) -> Consent:
    """The consent Lean tells of; the one that stands where it says the same, so that asking twice changes nothing."""
    began = min(entity.granted_at, now)
    ends = entity.expires_at or began + dt.timedelta(days=DEFAULT_DAYS)
    told = Consent(entity.permissions, purpose.strip() or DEFAULT_PURPOSE, began, ends)
    if last is None:
        return told
    if replace(told, granted_at=last.granted_at) == last:
        return last
    # two consents of one connection never begin in the same instant: it is what tells them apart
    is_newer = began > (last.ended_at or last.granted_at)
    return told if is_newer else replace(told, granted_at=now)


def _is_untold(standings: StandingStore, connection: Connection) -> bool:
    known = standings.load(connection.connection_id)
    return known is not None and known.state == UNTOLD


def _untold_because(home: Home, keyring: Keyring, connection: Connection) -> str:
    """Delete the entity of a connection at Lean; why that failed, or an empty text. No customer has no entity."""
    login = _Login(home, keyring, connection.base_url, connection.login_id)
    try:
        with _client(connection.base_url) as client:
            customer_id = customers.customer_of(client, login, connection.party_id)
            customers.delete_entity(client, login, customer_id, connection.user_name)
    except Refused as refused:
        return "" if refused.status == HTTPStatus.NOT_FOUND else str(refused)
    except SourceError as error:
        return str(error)
    return ""


def _tell_others(home: Home, keyring: Keyring, told: Connection) -> None:
    """Lean answers: tell it of connections of the same application that ended while it could not be told."""
    standings = StandingStore(home, keyring)
    for each in _sharing(home, keyring, told.login_id):
        if each.consent.ended_at is None or not _is_untold(standings, each):
            continue
        if not _untold_because(home, keyring, each):
            standings.clear(each.connection_id)


def _sharing(home: Home, keyring: Keyring, login_id: str) -> list[Connection]:
    known = connections.register(home, keyring)
    return [each for each in known.connections if each.login_id == login_id]


def _forget_unused_login(home: Home, keyring: Keyring, login_id: str) -> None:
    """The last connection that ends takes the application's secret along, once Lean knows of every end."""
    standings = StandingStore(home, keyring)
    sharing = _sharing(home, keyring, login_id)
    if any(each.consent.ended_at is None or _is_untold(standings, each) for each in sharing):
        return
    store = TokenStore(home, keyring, login_id)
    with store.locked():
        store.remove()
