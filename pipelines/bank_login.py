"""A person's login at their bank through Lean: the page is served, the new login awaited, connected and read.

Put here the steps in their order. Keep out how Lean is asked (`pipelines.lean_connecting`), the page itself
(`pipelines.connect_page`) and what the terminal shows (`pipelines.commands`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from pipelines import lean_connecting
from pipelines.connect_page.app import make_page, secret_path
from pipelines.connect_page.login import LinkConfig, Login, Reconnect, ShownAccount, Stage
from pipelines.ingest.decoding import Decoder
from pipelines.ingest.merging import merge_pending
from pipelines.ingest.pulling import connections_of, pull_connections
from pipelines.lean_connecting import Application, Customer, Entity
from pipelines.local_server import serving
from pipelines.progress import tell
from pipelines.sources.lean.hosts import REGIONS, LeanHost, address_of, host_of
from pipelines.sources.source import ReconnectNeeded, SourceError
from pipelines.workplace import Workplace
from warehouse.connections import Connection
from warehouse.standings import StandingStore

PERMISSIONS = (
    *("identity", "accounts", "balance", "transactions", "identities"),
    *("scheduled_payments", "standing_orders", "direct_debits", "beneficiaries"),
)
"""What a person is asked to allow, in LinkSDK's words: everything that can be read, nothing that moves money."""

POLL_SECONDS = 1.5
LAST_LOOK_SECONDS = 3.0
"""How long the page is served after the end when nobody looks at it."""
PAGE_LOOKS_EVERY_SECONDS = 1.2
"""A little more than the page waits between two looks."""

SOURCE = "lean"
_STANDS = "ACTIVE"
"""Lean's word for a consent in force."""

_LOADER = "https://cdn.leantech.me/link/loader/prod/{country}/latest/lean-link-loader.min.js"
_COUNTRIES = {"uae": "ae", "ksa": "sa"}


@dataclass(frozen=True, slots=True)
class Account:
    """One account as it was read.

    Attributes:
        bank: The bank's name.
        name: The account's name at the bank.
        kind: What the account is.
        masked_number: Last characters of its number, or empty.
        balance: The newest balance in `currency_code`, or None when the bank tells of none.
        currency_code: ISO 4217, or empty.
    """

    bank: str
    name: str
    kind: str
    masked_number: str
    balance: Decimal | None
    currency_code: str


@dataclass(frozen=True, slots=True)
class BankLogin:
    """What came of a login: the connections it made, their accounts, and what could not be read."""

    connections: Sequence[Connection]
    accounts: Sequence[Account]
    problems: Sequence[str]


def lean_host(region: str, environment: str) -> LeanHost:
    """The service that a region and `sandbox`, `production` or an address on this computer name. Raises SourceError."""
    if "://" not in environment:
        return host_of(address_of(region, environment))
    address = environment.rstrip("/")
    return host_of(address if address.endswith(REGIONS) else f"{address}/{region}")


def script_url(host: LeanHost) -> str:
    """Where LinkSDK comes from: Lean's own address, or beside the API of a pretend Lean."""
    if host_is_pretend(host):
        return f"{host.base_url}/linksdk.js"
    return _LOADER.format(country=_COUNTRIES[host.region])


def host_is_pretend(host: LeanHost) -> bool:
    """Whether this is a Lean on this computer."""
    return host.token_url.startswith(host.base_url)


def log_in(
    workplace: Workplace,
    application: Application,
    customer: Customer,
    host: LeanHost,
    *,
    seconds: float,
    ready: Callable[[str], None],
    show: Callable[[Account], str],
) -> BankLogin:
    """Serve the page until a new login appears at Lean, then connect and read it.

    `ready` is told the page's address; `show` words an account's balance for the page. Raises SourceError when
    nothing came in time or Lean cannot be asked, ConnectionProblem, ServeProblem.
    """
    login = Login(
        LinkConfig(
            script_url=script_url(host),
            app_token=application.client_id,
            customer_id=customer.customer_id,
            permissions=PERMISSIONS,
            is_sandbox=host.environment == "sandbox",
            reconnects=_reconnects(workplace, customer, application),
        ),
        token=lambda: lean_connecting.customer_token(application, customer).access_token,
    )
    before = lean_connecting.entities_of(application, customer)
    path = secret_path()
    with serving(lambda address: make_page(login, address, path)) as address:
        ready(f"{address}{path}/")
        try:
            entities = _await_entities(workplace, application, customer, login, before, seconds)
            login.tell(Stage.reading)
            found = _connected(workplace, application, customer, entities)
        except BaseException:
            login.tell(Stage.failed)
            raise
        login.tell(Stage.done, [_shown(account, show) for account in found.accounts])
        _linger(login)
    return found


def _reconnects(workplace: Workplace, customer: Customer, application: Application) -> tuple[Reconnect, ...]:
    """The party's banks of this application that want their person to log in again."""
    standings = StandingStore(workplace.home, workplace.keyring)
    found = []
    for connection in connections_of(workplace, SOURCE):
        standing = standings.load(connection.connection_id)
        is_ours = connection.party_id == customer.app_user_id and connection.login_id == application.login_id
        if is_ours and standing and standing.state == ReconnectNeeded.state and standing.reference:
            found.append(Reconnect(connection.label, connection.user_name, standing.reference))
    return tuple(found)


def _await_entities(
    workplace: Workplace,
    application: Application,
    customer: Customer,
    login: Login,
    before: Sequence[Entity],
    seconds: float,
) -> list[Entity]:
    """Logins that are new, were given a new consent or were logged in again, and what an earlier attempt left.

    Raises SourceError when there is none after `seconds`.
    """
    connected = {each.user_name for each in connections_of(workplace, SOURCE)}
    left = [each for each in before if each.entity_id not in connected and each.consent_status == _STANDS]
    tell("waiting for the bank login")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        present, again = lean_connecting.entities_of(application, customer), login.reconnected
        fresh = [each for each in present if each not in before or each.entity_id in again]
        if fresh:
            return [*left, *fresh]
        time.sleep(POLL_SECONDS)
    if left:
        return left
    raise SourceError(
        f"No bank login came within {seconds / 60:g} minutes; nothing was connected. Run the command again."
    )


def _connected(
    workplace: Workplace, application: Application, customer: Customer, entities: Sequence[Entity]
) -> BankLogin:
    names: dict[str, str] = {}
    with suppress(SourceError):  # the bank's own identifier will do
        names = lean_connecting.bank_names(application)
    made = [
        lean_connecting.connect_entity(
            application, customer, entity, bank_name=names.get(entity.bank_identifier, entity.bank_identifier)
        )
        for entity in entities
    ]
    pulls = pull_connections(workplace, made)
    ids = {connection.connection_id for connection in made}
    with Decoder() as decoder:
        loads = merge_pending(workplace, decoder, ids)
    problems = [pull.problem for pull in pulls if pull.problem] + [load.problem for load in loads if load.problem]
    return BankLogin(made, accounts_of(workplace, made), problems)


def accounts_of(workplace: Workplace, connections: Sequence[Connection]) -> list[Account]:
    """The accounts of these connections with their newest balance: what is booked, else what is available."""
    banks = {connection.connection_id: connection.label for connection in connections}
    with workplace.warehouse("showing accounts") as con:
        rows = con.execute(
            """
            select a.connection_id, a.account_name, a.account_kind, coalesce(a.masked_number, ''),
                first(b.balance_amount order by b.balance_date desc, b.balance_kind = 'ledger' desc),
                coalesce(first(b.currency_code order by b.balance_date desc, b.balance_kind = 'ledger' desc),
                    a.currency_code, '')
            from raw.accounts as a
            left join raw.balances as b
                on a.connection_id = b.connection_id and a.record_id = b.account_id and not b.deleted
                and b.balance_kind in ('ledger', 'available')
            where a.connection_id in (select unnest(?)) and not a.deleted
            group by a.connection_id, a.record_id, a.account_name, a.account_kind, a.masked_number, a.currency_code
            order by 1, 2, a.record_id
            """,
            [list(banks)],
        ).fetchall()
    return [Account(banks[connection], *rest) for connection, *rest in rows]


def _shown(account: Account, show: Callable[[Account], str]) -> ShownAccount:
    return ShownAccount(account.bank, account.name, account.masked_number, show(account))


def _linger(login: Login) -> None:
    """Wait until every open page has seen the end, but not long for one that was closed."""
    end = time.monotonic() + LAST_LOOK_SECONDS
    while not login.has_been_told and time.monotonic() < end:
        time.sleep(0.05)
    if login.has_been_told:
        time.sleep(PAGE_LOOKS_EVERY_SECONDS)
