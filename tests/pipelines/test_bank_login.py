"""A person opens the page, logs in at a pretend bank, and the accounts come; nobody else can use the page."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page
from pretend_lean import Region, pretend_lean

from pipelines import bank_login, lean_connecting
from pipelines.bank_login import BankLogin, lean_host, script_url
from pipelines.connect_page.app import make_page, secret_path
from pipelines.connect_page.login import LinkConfig, Login, ShownAccount, Stage
from pipelines.local_server import serving
from pipelines.sandbox.lean.settings import CLIENT_ID, CLIENT_SECRET
from pipelines.sources.lean.hosts import HOSTS
from pipelines.sources.source import ReconnectNeeded, SourceError
from pipelines.workplace import Workplace
from warehouse.standings import Standing, StandingStore


@pytest.fixture(scope="module")
def regions() -> Iterator[dict[str, Region]]:
    with pretend_lean(customer_count=1, rows_per_account=60) as made:
        yield made


class Running:
    """One `log_in` in a thread of its own, as the command runs it; knows the page's address."""

    def __init__(self, workplace: Workplace, base_url: str, seconds: float = 60.0) -> None:
        """Start it and wait until the page is there."""
        application = lean_connecting.keep_application(
            workplace.home, workplace.keyring, base_url=base_url, client_id=CLIENT_ID, client_secret=CLIENT_SECRET
        )
        customer = lean_connecting.ensure_customer(application, "Ayesha")
        self._said: queue.Queue[Any] = queue.Queue()
        self._thread = threading.Thread(target=self._run, args=(workplace, application, customer, base_url, seconds))
        self._thread.start()
        self.url = str(self._said.get(timeout=20))

    def _run(self, workplace: Workplace, application: Any, customer: Any, base_url: str, seconds: float) -> None:
        try:
            found: Any = bank_login.log_in(
                workplace,
                application,
                customer,
                lean_host("uae", base_url),
                seconds=seconds,
                ready=self._said.put,
                show=lambda account: f"{account.currency_code} {account.balance}",
            )
        except SourceError as error:
            found = error
        self._said.put(found)

    def found(self) -> Any:
        """What came of it."""
        found = self._said.get(timeout=60)
        self._thread.join(20)
        return found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A phone that complains of nothing."""
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="ar-AE")
    opened = context.new_page()
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert complaints == []


@pytest.mark.browser
def test_a_person_logs_in_and_sees_the_accounts_that_came(
    workplace: Workplace, regions: dict[str, Region], page: Page
) -> None:
    running = Running(workplace, regions["uae"].base)
    page.goto(running.url)
    assert page.get_attribute("html", "dir") == "rtl"
    assert page.inner_text("h1") == "اربط حسابك البنكي"
    page.click("#languages button[lang=bn]")
    assert page.inner_text("h1") == "আপনার ব্যাংক যুক্ত করুন"
    page.click("#begin:not([disabled])")
    page.click("dialog button[data-bank-identifier=PALM_RETAIL_UAE]")
    page.wait_for_selector("#status[data-stage=done]")
    shown = page.locator("#list li").all_inner_texts()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = running.found()
    assert isinstance(found, BankLogin)
    assert [(each.label, each.party_label) for each in found.connections] == [("Palm Pretend Bank", "Ayesha")]
    assert found.problems == []
    assert len(found.accounts) == len(shown) >= 2
    assert all(account.balance is not None and account.currency_code for account in found.accounts)
    for account, text in zip(found.accounts, shown, strict=True):
        assert account.name in text
        assert str(account.balance) in text


@pytest.mark.browser
def test_a_bank_that_wants_its_person_again_is_offered_and_stays_one_connection(
    workplace: Workplace, regions: dict[str, Region], page: Page
) -> None:
    region = regions["uae"]
    application = lean_connecting.keep_application(
        workplace.home, workplace.keyring, base_url=region.base, client_id=CLIENT_ID, client_secret=CLIENT_SECRET
    )
    customer = lean_connecting.ensure_customer(application, "Ayesha")
    entity_id = region.steer("/pretend/connect", customer_id=customer.customer_id, bank_identifier="DUNES_RETAIL_UAE")[
        "entity_id"
    ]
    entity = next(e for e in lean_connecting.entities_of(application, customer) if e.entity_id == entity_id)
    connection = lean_connecting.connect_entity(application, customer, entity, bank_name="Dunes Pretend Bank")
    region.steer(f"/pretend/entities/{entity_id}/require-reconnect")
    asked = region.get("/data/v2/accounts", entity_id=entity_id).json()
    standings = StandingStore(workplace.home, workplace.keyring)
    standings.keep(
        connection.connection_id,
        Standing(ReconnectNeeded.state, "log in again", connection.created_at, asked["results_id"]),
    )
    running = Running(workplace, region.base)
    page.goto(running.url)
    page.click("#again button:not([disabled])")
    page.click("dialog button >> nth=0")
    page.wait_for_selector("#status[data-stage=done]")
    found = running.found()
    assert [each.connection_id for each in found.connections] == [connection.connection_id]
    assert found.accounts
    assert standings.load(connection.connection_id) is None


def test_a_login_that_never_comes_ends_in_one_line(workplace: Workplace, regions: dict[str, Region]) -> None:
    running = Running(workplace, regions["ksa"].base, seconds=0.1)
    found = running.found()
    assert isinstance(found, SourceError)
    assert "No bank login came" in str(found)


def test_a_login_an_earlier_attempt_left_is_connected(workplace: Workplace, regions: dict[str, Region]) -> None:
    region = regions["ksa"]
    application = lean_connecting.keep_application(
        workplace.home, workplace.keyring, base_url=region.base, client_id=CLIENT_ID, client_secret=CLIENT_SECRET
    )
    customer = lean_connecting.ensure_customer(application, "Ayesha")
    region.steer("/pretend/connect", customer_id=customer.customer_id, bank_identifier="LEA2_SAMAOB_SAU")
    found = Running(workplace, region.base, seconds=0.1).found()
    assert [each.label for each in found.connections] == ["Mockbank 2"]


CONFIG = LinkConfig("http://127.0.0.1:1/uae/linksdk.js", "an app", "a customer", ("accounts",), is_sandbox=True)


@pytest.fixture
def served() -> Iterator[tuple[Login, str, str]]:
    """A login, the page's address and its secret path."""
    login, path = Login(CONFIG, token=lambda: "a token"), secret_path()
    with serving(lambda address: make_page(login, address, path)) as address:
        yield login, address, path


def test_the_page_is_found_under_its_secret_path_and_its_own_name_only(served: tuple[Login, str, str]) -> None:
    _, address, path = served
    assert httpx.get(f"{address}{path}/").status_code == 200
    for other in ("/", "/state", f"{path[:-1]}x/", "/docs"):
        assert httpx.get(f"{address}{other}").status_code == 404
    assert httpx.get(f"{address}{path}/", headers={"host": "evil.example"}).status_code == 404
    assert secret_path() != secret_path()
    assert len(secret_path()) > 30


def test_scripts_come_from_the_page_and_from_linksdk_only(served: tuple[Login, str, str]) -> None:
    _, address, path = served
    answer = httpx.get(f"{address}{path}/")
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self' http://127.0.0.1:1"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert "a token" not in answer.text


def test_the_token_is_handed_out_when_the_person_begins(served: tuple[Login, str, str]) -> None:
    login, address, path = served
    assert httpx.post(f"{address}{path}/begin", json={}).json() == {
        "app_token": "an app",
        "access_token": "a token",
        "sandbox": True,
        "customer_id": "a customer",
        "permissions": ["accounts"],
    }
    assert login.state()["stage"] == "at_bank"


@pytest.mark.parametrize(("status", "stage"), [("CANCELLED", "waiting"), ("ERROR", "failed"), ("SUCCESS", "at_bank")])
def test_what_linksdk_says_is_shown_and_believed_in_nothing_else(
    served: tuple[Login, str, str], status: str, stage: str
) -> None:
    login, address, path = served
    httpx.post(f"{address}{path}/begin", json={})
    httpx.post(f"{address}{path}/end", json={"status": status})
    assert httpx.get(f"{address}{path}/state").json()["stage"] == stage
    login.tell(Stage.done, [ShownAccount("bank", "name", "1234", "AED 5.00")])
    httpx.post(f"{address}{path}/end", json={"status": "ERROR"})
    assert httpx.get(f"{address}{path}/state").json()["stage"] == "done"


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"[" * 3000, b"x" * 100_000, b'{"status": 5, "entity_id": []}'])
def test_a_page_that_sends_nonsense_changes_nothing(served: tuple[Login, str, str], body: bytes) -> None:
    login, address, path = served
    assert httpx.post(f"{address}{path}/end", content=body).status_code == 200
    assert login.state()["stage"] == "waiting"


def test_lean_that_gives_no_token_is_told_on_the_page(served: tuple[Login, str, str]) -> None:
    login, address, path = served

    def refused() -> str:
        raise SourceError("no")

    login.token = refused
    assert httpx.post(f"{address}{path}/begin", json={}).status_code == 502
    assert login.state()["stage"] == "waiting"


def test_linksdk_comes_from_leans_own_address_per_region() -> None:
    for host in HOSTS:
        country = {"uae": "ae", "ksa": "sa"}[host.region]
        assert script_url(host) == f"https://cdn.leantech.me/link/loader/prod/{country}/latest/lean-link-loader.min.js"
    assert script_url(lean_host("ksa", "http://127.0.0.1:9")) == "http://127.0.0.1:9/ksa/linksdk.js"
    with pytest.raises(SourceError):
        lean_host("uae", "https://lean.example")
