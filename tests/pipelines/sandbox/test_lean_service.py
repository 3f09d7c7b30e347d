"""The pretend Lean's manners: consents, reconnects, refreshes, results and troubles on demand."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
from pretend_lean import REGIONS, Region, pretend_lean

from pipelines.sandbox.lean.refusals import BANK_ERRORS

ALL = [
    *("identity", "accounts", "balance", "transactions", "identities"),
    *("scheduled_payments", "standing_orders", "direct_debits", "beneficiaries"),
]


@pytest.fixture(scope="module")
def lean() -> Iterator[Region]:
    with pretend_lean(results_seconds=0.1, refresh_seconds=0.1) as regions:
        yield regions["ksa"]


def accounts(lean: Region, entity_id: str, **params: str) -> httpx.Response:
    return lean.get("/data/v2/accounts", entity_id=entity_id, **params)


def soon(ask: Any, wanted: str) -> dict[str, Any]:
    """Ask until the status is the wanted one."""
    end = time.monotonic() + 10
    while (said := ask().json())["status"] != wanted:
        assert time.monotonic() < end, said
        time.sleep(0.02)
    return dict(said)


def test_customers_are_created_once_and_found_again(lean: Region) -> None:
    made = lean.post("/customers/v1/", {"app_user_id": "somebody"}).json()
    assert lean.post("/customers/v1", {"app_user_id": "somebody"}).status_code == 409
    assert lean.get(f"/customers/v1/{made['customer_id']}").json() == made
    assert lean.get("/customers/v1/app-user-id/somebody").json() == made
    assert lean.get("/customers/v1/nobody").json()["status"] == "UNKNOWN_CUSTOMER"
    assert lean.post("/customers/v1", {}).json()["status"] == "INVALID_PARAMETERS"


def test_customers_and_entities_come_in_pages() -> None:
    with pretend_lean() as regions:
        lean = regions["uae"]
        made = lean.post("/customers/v1/", {"app_user_id": "somebody"}).json()
        pages = [lean.get("/customers/v1", page_number=page, page_size=2).json() for page in range(2)]
        assert [len(page["data"]) for page in pages] == [2, 1]
        assert pages[1]["data"] == [made]
        assert pages[0]["page"] == {"number": 0, "size": 2, "total_elements": 3, "total_pages": 2, "sort": None}
        entities = lean.get("/customers/v1/entities", page_size=3).json()
        assert (len(entities["data"]), entities["page"]["total_elements"]) == (3, 4)


def test_entities_are_listed_for_a_customer_and_by_the_day_they_came(lean: Region) -> None:
    customer = lean.seen("/pretend/customers")[0]
    own = lean.get(f"/customers/v1/{customer['customer_id']}/entities").json()
    assert [each["id"] for each in own] == [each["entity_id"] for each in customer["entities"]]
    assert lean.get("/customers/v1/entities", start_date="2026-11-21").json()["data"] == []
    assert lean.get("/customers/v1/entities", end_date="2026-11-19").json()["data"] == []
    other = lean.seen("/pretend/customers")[1]["customer_id"]
    assert lean.get(f"/customers/v1/{other}/entities/{own[0]['id']}").json()["status"] == "UNKNOWN_ENTITY"
    assert lean.delete(f"/customers/v1/{customer['customer_id']}/entities/{own[0]['id']}", {}).status_code == 400


@pytest.mark.parametrize(
    "params",
    [
        {"size": "101"}, {"size": "0"}, {"size": "x"}, {"page": "-1"}, {"start_date": "2026-13-01"},
        {"start_date": "2027-01-01"}, {"start_date": "2026-05-02", "end_date": "2026-05-01"}, {"async": "yes"},
    ],
)  # fmt: skip
def test_malformed_parameters_are_refused(lean: Region, params: dict[str, str]) -> None:
    entity_id = lean.entity()
    answer = lean.of_account(entity_id, lean.account(entity_id), "transactions", **params)
    assert (answer.status_code, answer.json()["status"]) == (400, "INVALID_PARAMETERS")


def test_only_what_was_permitted_can_be_read(lean: Region) -> None:
    customer_id = lean.post("/customers/v1", {"app_user_id": "careful"}).json()["customer_id"]
    asked = {"customer_id": customer_id, "bank_identifier": "LEA1_SAMAOB_SAU"}
    entity_id = lean.steer("/pretend/connect", **asked, permissions=["accounts", "balance"])["entity_id"]
    account_id = lean.account(entity_id)
    assert lean.of_account(entity_id, account_id, "balances").status_code == 200
    assert lean.of_account(entity_id, account_id, "transactions").status_code == 403
    own = lean.get(f"/customers/v1/{customer_id}/entities/{entity_id}").json()
    assert own["permissions"] == {name: name in {"accounts", "balance"} for name in ALL}
    wrong = lean.post("/pretend/connect", {**asked, "permissions": ["everything"]})
    assert wrong.json()["status"] == "INVALID_PARAMETERS"
    nowhere = lean.post("/pretend/connect", {**asked, "bank_identifier": "MOON"})
    assert nowhere.json()["status"] == "UNKNOWN_BANK"


def test_results_asked_for_later_are_the_same_as_at_once(lean: Region) -> None:
    entity_id = lean.entity()
    account_id = lean.account(entity_id)
    params = {"page": "1", "size": "40"}
    at_once = lean.of_account(entity_id, account_id, "transactions", **params).json()["data"]
    later = lean.of_account(entity_id, account_id, "transactions", **params, **{"async": "true"}).json()
    assert set(later) == {"status", "results_id", "message", "timestamp"}
    assert later["status"] == "PENDING"
    found = soon(lambda: lean.get(f"/data/v2/results/{later['results_id']}"), "OK")
    assert found["results_id"] == later["results_id"]
    assert found["data"]["transactions"] == at_once["transactions"]


def test_transactions_are_categorised_where_that_is_asked_for(lean: Region) -> None:
    entity_id = lean.entity()
    account_id = lean.account(entity_id)
    plain = lean.transactions(entity_id, account_id)
    insights = lean.transactions(entity_id, account_id, insights="true")
    assert {row["insights"] for row in plain} == {None}
    assert set(insights[0]["insights"]) == {"description_cleansed", "category", "category_confidence"}
    assert {row["insights"]["category"] for row in insights} >= {"GROCERIES", "SALARY_AND_REVENUE", "RENT_AND_SERVICES"}
    assert [{**row, "insights": None} for row in insights] == plain


def test_a_slow_bank_answers_pending_on_demand(lean: Region) -> None:
    lean.steer("/pretend/pending", on="balances")
    entity_id = lean.entity()
    account_id = lean.account(entity_id)
    pending = lean.of_account(entity_id, account_id, "balances").json()
    assert pending["status"] == "PENDING"
    assert lean.of_account(entity_id, account_id, "balances").json()["status"] == "OK"
    soon(lambda: lean.get(f"/data/v2/results/{pending['results_id']}"), "OK")


def test_a_bank_that_wants_its_customer_again_says_so_until_the_reconnect(lean: Region) -> None:
    entity_id = lean.somebody()["entity_id"]
    lean.steer(f"/pretend/entities/{entity_id}/require-reconnect")
    answer = accounts(lean, entity_id)
    said = answer.json()
    assert (answer.status_code, said["status"], said["data"]) == (200, "RECONNECT_REQUIRED", None)
    assert lean.get(f"/data/v2/results/{said['results_id']}").json()["status"] == "RECONNECT_REQUIRED"
    unknown = lean.post("/pretend/reconnect", {"reconnect_id": "nothing"})
    assert unknown.json()["status"] == "UNKNOWN_RESULTS_ID"
    assert lean.steer("/pretend/reconnect", reconnect_id=said["results_id"])["entity_id"] == entity_id
    assert lean.get(f"/data/v2/results/{said['results_id']}").json()["status"] == "OK"
    assert accounts(lean, entity_id).json()["status"] == "OK"


def test_a_reconnect_id_lasts_thirty_days() -> None:
    with pretend_lean() as regions:
        lean = regions["uae"]
        entity_id = lean.entity()
        lean.steer(f"/pretend/entities/{entity_id}/require-reconnect")
        reconnect_id = accounts(lean, entity_id).json()["results_id"]
        for _ in range(31):
            lean.steer("/pretend/next-day")
        assert lean.post("/pretend/reconnect", {"reconnect_id": reconnect_id}).status_code == 404


@pytest.mark.parametrize("told_as", ["error", "status"])
@pytest.mark.parametrize(("way", "status"), [("expire", "EXPIRED"), ("revoke", "REVOKED")])
def test_an_ended_consent_is_told_and_renewed_by_connecting_again(
    lean: Region, told_as: str, way: str, status: str
) -> None:
    own = lean.somebody()
    entity_id = own["entity_id"]
    lean.steer(f"/pretend/entities/{entity_id}/{way}-consent", told_as=told_as)
    answer = accounts(lean, entity_id)
    assert (answer.status_code, answer.json()["status"]) == (403 if told_as == "error" else 200, "CONSENT_EXPIRED")
    path = f"/customers/v1/{own['customer_id']}/entities/{entity_id}"
    assert [each["consent_status"] for each in lean.get(path).json()["consents"]] == [status]
    asked = {"customer_id": own["customer_id"], "bank_identifier": own["bank_identifier"]}
    assert lean.steer("/pretend/connect", **asked)["entity_id"] == entity_id
    assert [each["consent_status"] for each in lean.get(path).json()["consents"]] == [status, "ACTIVE"]
    assert accounts(lean, entity_id).status_code == 200


def test_consents_run_out_by_themselves() -> None:
    with pretend_lean(consent_days=2) as regions:
        lean = regions["uae"]
        entity_id = lean.entity()
        lean.steer("/pretend/next-day")
        assert accounts(lean, entity_id).status_code == 200
        for _ in range(2):
            lean.steer("/pretend/next-day")
        listed = lean.get("/customers/v1/entities").json()["data"]
        assert {each["consents"][0]["consent_status"] for each in listed} == {"EXPIRED"}
        assert accounts(lean, entity_id).json()["status"] == "CONSENT_EXPIRED"


def test_refreshes_are_pending_then_finished_and_few_a_day() -> None:
    with pretend_lean(refresh_seconds=1.0, refreshes_per_day=2) as regions:
        lean = regions["uae"]
        entity_id = lean.entity()
        asked = lean.post("/data/v2/refreshes", {"entity_id": entity_id}).json()["refresh_id"]
        again = lean.post("/data/v2/refreshes", {"entity_id": entity_id})
        assert (again.status_code, again.json()["status"]) == (429, "DUPLICATED_REQUEST")
        pending = lean.get(f"/data/v2/refreshes/{asked}").json()
        assert {pending["status"], pending["data_status"]["accounts"]} == {"PENDING"}
        finished = soon(lambda: lean.get(f"/data/v2/refreshes/{asked}"), "FINISHED")
        assert finished["data_status"]["account_data"][0]["transactionAvailability"] == {
            "start": "2025-05-01",
            "end": "2026-11-20",
        }
        second = lean.post("/data/v2/refreshes", {"entity_id": entity_id}).json()["refresh_id"]
        listed = lean.get("/data/v2/refreshes", entity_id=entity_id).json()
        assert [each["refresh_id"] for each in listed["content"]] == [second, asked]
        soon(lambda: lean.get(f"/data/v2/refreshes/{second}"), "FINISHED")
        third = lean.post("/data/v2/refreshes", {"entity_id": entity_id})
        assert (third.status_code, third.json()["status"]) == (429, "TOO_MANY_REQUESTS")
        lean.steer("/pretend/next-day")
        assert lean.post("/data/v2/refreshes", {"entity_id": entity_id}).status_code == 200


def test_every_trouble_can_be_ordered_once_and_then_all_is_well(lean: Region) -> None:
    entity_id = lean.entity()
    account_id = lean.account(entity_id)

    def ask(page: int = 0) -> httpx.Response:
        return lean.of_account(entity_id, account_id, "transactions", page=page, size=50)

    def order(name: str, **more: Any) -> None:
        lean.steer("/pretend/faults", fault=name, **more)

    first, second = ask().json()["data"], ask(1).json()["data"]
    order("429", seconds=7)
    assert (ask().status_code, ask().status_code) == (429, 200)
    order("500")
    assert ask().json()["status"] == "INTERNAL_SERVER_ERROR"
    order("error200")
    failed = ask()
    assert (failed.status_code, failed.json()["status"], failed.json()["data"]) == (200, "FAILED", None)
    order("html")
    assert ask().headers["content-type"].startswith("text/html")
    order("slow", seconds=0.3)
    started = time.monotonic()
    assert ask().status_code == 200
    assert time.monotonic() - started >= 0.3
    for name in ("cut", "lost"):
        order(name)
        with pytest.raises(httpx.RemoteProtocolError):
            ask()
    order("skew")
    assert parsedate_to_datetime(ask().headers["date"]) - dt.datetime.now(dt.UTC) > dt.timedelta(hours=1)
    assert ask().json()["data"]["transactions"] == first["transactions"]
    order("repeat")
    assert ask(1).json()["data"]["transactions"] == first["transactions"] != second["transactions"]
    order("500", on="any")
    assert accounts(lean, entity_id).status_code == 500
    order("500", on="token")
    assert lean.token("api").status_code == 500
    assert ask(1).json()["data"] == second
    assert lean.post("/pretend/faults", {"fault": "fire"}).status_code == 400


def test_errors_of_banks_come_in_the_envelope_with_the_code_that_is_ordered(lean: Region) -> None:
    entity_id = lean.entity()
    for status in BANK_ERRORS:
        lean.steer("/pretend/bank-errors", status=status, on="accounts", code=503)
        answer = accounts(lean, entity_id)
        assert (answer.status_code, answer.json()["status"]) == (503, status)
        assert set(answer.json()) == {"results_id", "timestamp", "status", "message", "metadata"}
    assert accounts(lean, entity_id).status_code == 200


def test_a_bank_that_is_disabled_is_listed_as_such(lean: Region) -> None:
    def active() -> list[bool]:
        return [bank["availability"]["active"]["data"] for bank in lean.get("/banks/v1").json()]

    lean.steer("/pretend/banks/LEA2_SAMAOB_SAU/availability", is_active=False)
    assert active() == [True, False, True]
    lean.steer("/pretend/banks/LEA2_SAMAOB_SAU/availability", is_active=True)
    assert active() == [True, True, True]
    events = lean.get("/events/v1", type="bank.availability.updated").json()["data"]
    assert [event["payload"]["availability"]["active"]["data"] for event in events] == [True, False]


@pytest.mark.parametrize("region", REGIONS)
def test_what_was_asked_can_be_counted(region: str) -> None:
    with pretend_lean() as regions:
        lean = regions[region]
        entity_id = lean.entity()
        accounts(lean, entity_id)
        lean.get("/data/v2/accounts", entity_id="x")
        stats = lean.seen("/pretend/stats")
        assert stats["requests"] == {"token": 1, "accounts": 2}
        assert stats["statuses"] == {"200": 2, "400": 1}
        assert lean.seen("/pretend/requests") == [
            {"path": "POST /oauth2/token", "status": 200},
            {"path": f"GET /data/v2/accounts?entity_id={entity_id}", "status": 200},
            {"path": "GET /data/v2/accounts?entity_id=x", "status": 400},
        ]
        assert lean.get("/nowhere").json()["status"] == "NOT_FOUND"
