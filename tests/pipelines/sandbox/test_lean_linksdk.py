"""The pretend LinkSDK connects a bank from a page of another address, with a customer's token and nothing less."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page
from pretend_lean import Region, pretend_lean

from pipelines.sandbox.lean.settings import CLIENT_ID


@pytest.fixture(scope="module")
def lean() -> Iterator[Region]:
    with pretend_lean() as regions:
        yield regions["uae"]


def customer(lean: Region, name: str) -> tuple[str, str]:
    """A new customer and a token of theirs."""
    customer_id = lean.post("/customers/v1", {"app_user_id": name}).json()["customer_id"]
    return customer_id, lean.token(f"customer.{customer_id}").json()["access_token"]


def asked(lean: Region, path: str, token: str, **body: Any) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}", "content-type": "text/plain"}
    return httpx.post(f"{lean.base}/linksdk/{path}", headers=headers, json={"app_token": CLIENT_ID, **body})


def test_the_form_needs_the_application_and_a_token_of_this_very_customer(lean: Region) -> None:
    customer_id, token = customer(lean, "form")
    _, other = customer(lean, "another")
    wanted = {"customer_id": customer_id, "bank_identifier": "PALM_RETAIL_UAE", "permissions": ["accounts"]}
    assert asked(lean, "connect", "x", **wanted).status_code == 401
    assert asked(lean, "connect", other, **wanted).status_code == 401
    assert asked(lean, "connect", lean.token("api").json()["access_token"], **wanted).status_code == 401
    assert asked(lean, "connect", token, **{**wanted, "app_token": "x"}).status_code == 400
    assert asked(lean, "connect", token, **{**wanted, "permissions": "accounts"}).status_code == 400
    made = asked(lean, "connect", token, **wanted)
    assert made.headers["access-control-allow-origin"] == "*"
    assert lean.get(f"/customers/v1/{customer_id}/entities").json()[0]["id"] == made.json()["entity_id"]


def test_pages_of_other_addresses_may_ask(lean: Region) -> None:
    answer = httpx.options(f"{lean.base}/linksdk/connect")
    assert answer.status_code == 200
    assert "authorization" in answer.headers["access-control-allow-headers"]
    assert httpx.get(f"{lean.base}/linksdk.js").headers["content-type"].startswith("text/javascript")


PAGE = """<!doctype html><meta charset="utf-8"><title>Connect</title>
<script src="{base}/linksdk.js"></script><button id="go">Connect</button><p id="said"></p>
<script nonce="n">
document.getElementById("go").addEventListener("click", () => Lean.{call}({{
  app_token: "{app}", access_token: "{token}", {more} sandbox: true,
  callback: (response) => {{ document.getElementById("said").textContent = JSON.stringify(response); }},
}}));
</script>"""


class _Pages:
    """Serves one page at an address of its own, under a strict policy."""

    def __init__(self, lean: Region) -> None:
        """Allow the sandbox only."""
        origin = lean.base.rsplit("/", 1)[0]
        policy = f"default-src 'none'; script-src {origin} 'nonce-n'; connect-src {origin}"
        self.text = ""
        pages = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("content-type", "text/html; charset=utf-8")
                self.send_header("content-security-policy", policy)
                self.end_headers()
                self.wfile.write(pages.text.encode())

            def log_message(self, *_words: object) -> None:
                """Say nothing on the screen."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture
def pages(lean: Region) -> Iterator[_Pages]:
    made = _Pages(lean)
    threading.Thread(target=made.server.serve_forever, args=(0.02,), daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An open page, and at the end the proof that nothing complained."""
    complaints: list[str] = []
    opened = browser.new_page()
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.set_default_timeout(10_000)
    yield opened
    opened.close()
    assert complaints == []


def said(page: Page) -> Any:
    page.wait_for_function("document.getElementById('said').textContent")
    return json.loads(page.text_content("#said") or "")


@pytest.mark.browser
def test_a_person_chooses_a_bank_in_the_form(lean: Region, pages: _Pages, page: Page) -> None:
    customer_id, token = customer(lean, "chooser")
    more = f'customer_id: "{customer_id}", permissions: ["accounts", "balance"],'
    pages.text = PAGE.format(base=lean.base, call="connect", app=CLIENT_ID, token=token, more=more)
    page.goto(pages.url)
    page.click("#go")
    page.click("text=Palm Pretend Bank")
    assert said(page) == {
        "method": "CONNECT",
        "status": "SUCCESS",
        "secondary_status": "OK",
        "message": "The bank was connected.",
        "bank": {"bank_identifier": "PALM_RETAIL_UAE", "is_supported": True},
    }
    (entity,) = lean.get(f"/customers/v1/{customer_id}/entities").json()
    assert {name for name, is_given in entity["permissions"].items() if is_given} == {"accounts", "balance"}


@pytest.mark.browser
def test_a_form_that_is_closed_connects_nothing(lean: Region, pages: _Pages, page: Page) -> None:
    customer_id, token = customer(lean, "leaver")
    pages.text = PAGE.format(
        base=lean.base, call="connect", app=CLIENT_ID, token=token, more=f'customer_id: "{customer_id}",'
    )
    page.goto(pages.url)
    page.click("#go")
    page.click("text=Cancel")
    assert (said(page)["status"], said(page)["bank"]) == ("CANCELLED", None)
    assert lean.get(f"/customers/v1/{customer_id}/entities").json() == []


@pytest.mark.browser
def test_a_bank_named_beforehand_is_not_asked_for_and_a_wrong_token_is_told(
    lean: Region, pages: _Pages, page: Page
) -> None:
    customer_id, token = customer(lean, "decided")
    more = f'customer_id: "{customer_id}", bank_identifier: "DUNES_RETAIL_UAE",'
    pages.text = PAGE.format(base=lean.base, call="connect", app=CLIENT_ID, token=token, more=more)
    page.goto(pages.url)
    page.click("#go")
    assert said(page)["bank"]["bank_identifier"] == "DUNES_RETAIL_UAE"
    pages.text = pages.text.replace(token, "nonsense")
    page.goto(pages.url)
    page.click("#go")
    assert (said(page)["status"], said(page)["secondary_status"]) == ("ERROR", "FAILED")


@pytest.mark.browser
def test_a_person_signs_in_again(lean: Region, pages: _Pages, page: Page) -> None:
    own = lean.somebody()
    lean.steer(f"/pretend/entities/{own['entity_id']}/require-reconnect")
    reconnect_id = lean.get("/data/v2/accounts", entity_id=own["entity_id"]).json()["results_id"]
    token = lean.token(f"customer.{own['customer_id']}").json()["access_token"]
    pages.text = PAGE.format(
        base=lean.base, call="reconnect", app=CLIENT_ID, token=token, more=f'reconnect_id: "{reconnect_id}",'
    )
    page.goto(pages.url)
    page.click("#go")
    page.click("text=Sign in >> nth=-1")
    assert (said(page)["method"], said(page)["status"]) == ("RECONNECT", "SUCCESS")
    assert lean.get("/data/v2/accounts", entity_id=own["entity_id"]).json()["status"] == "OK"
