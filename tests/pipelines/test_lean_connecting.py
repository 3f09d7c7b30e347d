"""Connecting a bank at Lean, refreshing it and ending it, against a pretend Lean over HTTP."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest
from pretend_lean import Region, pretend_lean

from pipelines import lean_connecting, lean_refreshing
from pipelines.commands import connecting_banks
from pipelines.connecting import connection_rows, disconnect
from pipelines.lean_connecting import Application, Customer
from pipelines.sandbox.lean.settings import CLIENT_ID, CLIENT_SECRET
from pipelines.sources.lean.client import LeanClient
from pipelines.sources.lean.hosts import HOSTS, address_of, host_of, time_zone_of
from pipelines.sources.pacing import Pace, RequestBudget
from pipelines.sources.source import ConsentRefused, LoginNeeded, SourceError
from pipelines.stored_grant import StoredGrant
from warehouse.connection_files import ConnectionProblem
from warehouse.connections import Connection, all_connections
from warehouse.home import Home
from warehouse.keys import Keyring
from warehouse.tokens import TokenStore

NOW = dt.datetime.now(dt.UTC)


@pytest.fixture(scope="module")
def regions() -> Iterator[dict[str, Region]]:
    with pretend_lean(today=NOW.date(), refreshes_per_day=9) as both:
        yield both


@pytest.fixture
def lean(regions: dict[str, Region]) -> Region:
    return regions["uae"]


@pytest.fixture
def application(lean: Region, home: Home, keyring: Keyring) -> Application:
    return lean_connecting.keep_application(
        home, keyring, base_url=lean.base, client_id=CLIENT_ID, client_secret=CLIENT_SECRET
    )


@pytest.fixture
def customer(application: Application) -> Customer:
    return lean_connecting.ensure_customer(application, "আয়েশা رحمن")


def connected(lean: Region, application: Application, customer: Customer, number: int = 0) -> Connection:
    """The person logs in at one of the banks; its connection."""
    bank = lean.get("/banks/v1").json()[number]
    made = lean.steer("/pretend/connect", customer_id=customer.customer_id, bank_identifier=bank["identifier"])
    entities = lean_connecting.entities_of(application, customer)
    (entity,) = [each for each in entities if each.entity_id == made["entity_id"]]
    return lean_connecting.connect_entity(application, customer, entity, bank_name=bank["name"])


def entities_at(lean: Region, customer: Customer) -> list[str]:
    return [each["id"] for each in lean.get(f"/customers/v1/{customer.customer_id}/entities").json()]


def test_credentials_are_tried_kept_sealed_and_forgotten_when_refused(
    lean: Region, home: Home, keyring: Keyring
) -> None:
    ours = {"base_url": lean.base, "client_id": CLIENT_ID}
    assert lean_connecting.kept_application(home, keyring, **ours) is None
    with pytest.raises(LoginNeeded, match="does not take the application's id and secret") as caught:
        lean_connecting.keep_application(home, keyring, **ours, client_secret="canary-secret")
    assert "canary" not in str(caught.value)
    assert lean_connecting.kept_application(home, keyring, **ours) is None
    kept = lean_connecting.keep_application(home, keyring, **ours, client_secret=CLIENT_SECRET)
    assert lean_connecting.kept_application(home, keyring, **ours) == kept
    stored = b"".join(path.read_bytes() for path in home.root.rglob("*") if path.is_file())
    assert CLIENT_SECRET.encode() not in stored
    assert CLIENT_SECRET not in repr(kept)
    store = TokenStore(home, keyring, kept.login_id)
    tokens = store.load()
    assert tokens is not None
    with store.locked():
        store.swap(replace(tokens, needs_login=True), tokens.version)
    assert lean_connecting.kept_application(home, keyring, **ours) is None


def test_a_party_is_one_customer_however_often_it_is_made(
    lean: Region, application: Application, customer: Customer
) -> None:
    again = lean_connecting.ensure_customer(application, " আয়েশা رحمن ")
    assert again.customer_id == customer.customer_id
    told = lean.get(f"/customers/v1/{customer.customer_id}").json()["app_user_id"]
    assert told == customer.app_user_id
    assert "আয়েশা" not in told
    with pytest.raises(ConnectionProblem, match="name of its party"):
        lean_connecting.ensure_customer(application, " ")


def test_a_customers_token_is_for_that_customer_only_and_does_not_show(
    lean: Region, application: Application, customer: Customer
) -> None:
    token = lean_connecting.customer_token(application, customer)
    assert token.expires_at - dt.datetime.now(dt.UTC) > dt.timedelta(minutes=10)
    assert token.access_token not in repr(token)
    with httpx.Client(headers={"authorization": f"Bearer {token.access_token}"}) as client:
        assert client.get(f"{lean.base}/customers/v1").status_code == 403


def test_a_bank_login_becomes_one_connection_with_the_consent_lean_tells_of(
    lean: Region, application: Application, customer: Customer, home: Home, keyring: Keyring
) -> None:
    made = connected(lean, application, customer)
    (entity,) = [e for e in lean_connecting.entities_of(application, customer) if e.entity_id == made.user_name]
    assert (made.label, made.login_id, made.source) == (
        lean.get("/banks/v1").json()[0]["name"],
        application.login_id,
        "lean",
    )
    assert made.consent.scopes == entity.permissions
    assert (made.consent.granted_at, made.consent.expires_at) == (entity.granted_at, entity.expires_at)
    later = NOW + dt.timedelta(days=30)
    again = lean_connecting.connect_entity(application, customer, entity, bank_name=made.label, now=later)
    assert again == made
    assert lean_connecting.bank_names(application)[entity.bank_identifier] == made.label
    less = replace(entity, permissions=("accounts", "balance"))
    changed = lean_connecting.connect_entity(application, customer, less, bank_name=made.label, now=later)
    assert [consent.granted_at for consent in changed.consents] == [entity.granted_at, later]
    assert lean_connecting.connect_entity(application, customer, less, bank_name=made.label, now=later) == changed
    assert [each.connection_id for each in all_connections(home, keyring)] == [made.connection_id]
    assert connection_rows(home, keyring)[0].state == "active"


def test_a_login_that_lets_nothing_be_read_makes_no_connection(
    lean: Region, application: Application, customer: Customer, home: Home, keyring: Keyring
) -> None:
    made = connected(lean, application, customer)
    (entity,) = [e for e in lean_connecting.entities_of(application, customer) if e.entity_id == made.user_name]
    for useless in (replace(entity, permissions=("identity",)), replace(entity, consent_status="REVOKED")):
        with pytest.raises(SourceError, match="Connect the bank again"):
            lean_connecting.connect_entity(application, customer, replace(useless, entity_id="other"))
    assert len(all_connections(home, keyring)) == 1


def test_disconnecting_tells_lean_and_the_last_one_takes_the_secret_along(
    lean: Region, application: Application, customer: Customer, home: Home, keyring: Keyring
) -> None:
    one, other = connected(lean, application, customer), connected(lean, application, customer, 1)
    done = disconnect(home, keyring, one.connection_id)
    assert (done.was_told, done.line) == (True, "Lean has been told.")
    assert entities_at(lean, customer) == [other.user_name]
    assert TokenStore(home, keyring, application.login_id).load() is not None
    assert disconnect(home, keyring, one.connection_id).was_told
    assert disconnect(home, keyring, other.connection_id).was_told
    assert TokenStore(home, keyring, application.login_id).load() is None
    assert {row.state for row in connection_rows(home, keyring)} == {"ended"}


def test_what_lean_could_not_be_told_is_told_at_the_next_disconnect(
    lean: Region, application: Application, customer: Customer, home: Home, keyring: Keyring
) -> None:
    one, other = connected(lean, application, customer), connected(lean, application, customer, 1)
    lean.steer("/pretend/faults", fault="html", on="customers")
    done = disconnect(home, keyring, one.connection_id)
    assert not done.was_told
    assert done.connection.consent.ended_at is not None
    assert "could not be told" in done.line
    row = next(row for row in connection_rows(home, keyring) if row.connection_id == one.connection_id)
    assert (row.state, "disconnect it again" in row.advice) == (lean_connecting.UNTOLD, True)
    assert one.user_name in entities_at(lean, customer)
    assert disconnect(home, keyring, other.connection_id).was_told
    assert entities_at(lean, customer) == []
    assert {row.state for row in connection_rows(home, keyring)} == {"ended"}


def test_an_entity_gone_at_lean_is_told(
    lean: Region, application: Application, customer: Customer, home: Home, keyring: Keyring
) -> None:
    one = connected(lean, application, customer)
    lean.delete(f"/customers/v1/{customer.customer_id}/entities/{one.user_name}", {"reason": "x"})
    assert disconnect(home, keyring, one.connection_id).was_told


def test_refreshes_keep_their_quota_and_their_cooldown(
    lean: Region, application: Application, customer: Customer, home: Home, keyring: Keyring
) -> None:
    one = connected(lean, application, customer)

    def refresh(minutes: int, a_day: int = 2) -> tuple[bool, str]:
        now = NOW + dt.timedelta(minutes=minutes)
        made = lean_refreshing.refresh(home, keyring, one, a_day=a_day, now=now)
        return made.was_asked, made.refresh_id

    assert refresh(0)[0]
    assert refresh(9) == (True, "")
    assert refresh(11)[0]
    assert refresh(30) == (False, "")
    assert refresh(24 * 60 - 1) == (False, "")
    assert refresh(24 * 60 + 1)[0]
    assert refresh(60 * 60, a_day=0) == (False, "")
    lean.steer(f"/pretend/entities/{one.user_name}/expire-consent")
    with pytest.raises(ConsentRefused):
        refresh(3 * 24 * 60)


def test_many_threads_renew_the_shared_token_once(
    lean: Region, application: Application, customer: Customer, home: Home, keyring: Keyring
) -> None:
    made = [connected(lean, application, customer, number) for number in (0, 1)]
    before = lean.seen("/pretend/stats")["tokens"]
    hour = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=59)
    together = threading.Barrier(10)

    def token(number: int) -> str:
        grant = StoredGrant(home, keyring, made[number % 2], today=NOW.date(), now=lambda: hour)
        pace = Pace()
        with LeanClient(lean.base, pace, RequestBudget(pace)) as client:
            together.wait()
            return grant.fresh_token(client.refresh, dt.timedelta(minutes=2))

    with ThreadPoolExecutor(10) as pool:
        assert len(set(pool.map(token, range(10)))) == 1
    assert lean.seen("/pretend/stats")["tokens"] == before + 1


def test_hosts_are_leans_own_or_this_computer() -> None:
    assert {host_of(host.base_url) for host in HOSTS} == set(HOSTS)
    assert address_of("ksa", "production") == "https://api2.sa.leantech.me"
    assert host_of("http://127.0.0.1:8/ksa/").token_url == "http://127.0.0.1:8/ksa/oauth2/token"
    assert [time_zone_of(address_of(region, "sandbox")) for region in ("uae", "ksa")] == ["UTC+04:00", "UTC+03:00"]
    for wrong in ("https://leantech.me.example", "http://sandbox.leantech.me", "https://sandbox.leantech.me.evil", ""):
        with pytest.raises(SourceError):
            host_of(wrong)
    with pytest.raises(SourceError, match="region is one of uae, ksa"):
        address_of("kuwait", "sandbox")


def test_the_command_asks_every_bank_and_says_what_came_of_it(
    lean: Region,
    application: Application,
    customer: Customer,
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HISAB_HOME", str(home.root))
    connected(lean, application, customer)
    assert connecting_banks.refresh("") == 0
    assert "fetching fresh data already" in capsys.readouterr().out  # a new login is read at once
    assert connecting_banks.refresh("") == 0
    assert "asked for at" in capsys.readouterr().out
