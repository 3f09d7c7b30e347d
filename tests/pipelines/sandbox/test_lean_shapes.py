"""Every answer of the pretend Lean has the shape of the official example of its endpoint, key by key.

The examples are read from the corpus. An example and an answer fit when objects have the same keys, values the same
kind of content (an id, a day, an instant, another text, a number, a truth), and lists elements that fit. A null fits
anything: examples and answers of one account differ in what the bank happens to know.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pretend_lean import REGIONS, Letterbox, Region, letterbox, pretend_lean

from pipelines.sandbox.lean.event_words import EVENT_TYPES

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
DAY = re.compile(r"\d{4}-\d\d-\d\d")


@pytest.fixture(scope="module")
def regions() -> Iterator[dict[str, Region]]:
    with pretend_lean(results_seconds=0.0, refresh_seconds=20.0, refreshes_per_day=1_000) as both:
        yield both


@pytest.fixture
def examples(corpus: Path) -> Path:
    return corpus / "lean"


def kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "instant" if INSTANT.fullmatch(value) else "day" if DAY.fullmatch(value) else _kind_of_text(value)
    return type(value).__name__


def _kind_of_text(value: str) -> str:
    try:
        return "id" if str(uuid.UUID(value)) == value.lower() else "text"
    except ValueError:
        return "text"


def misfits(shown: list[Any], answer: Any, place: str = "") -> list[str]:
    """Where the answer does not fit what the examples show at this place."""
    shown = [value for value in shown if value is not None]
    if answer is None or not shown:
        return []
    kinds = {kind_of(value) for value in shown}
    if kind_of(answer) not in kinds:
        return [f"{place}: {kind_of(answer)} for {sorted(kinds)}"]
    if isinstance(answer, dict):
        wrong = [
            f"{place}: lacks {sorted(set(value) - set(answer))}, adds {sorted(set(answer) - set(value))}"
            for value in shown
            if set(value) != set(answer)
        ]
        inner = [misfits([v[name] for v in shown if name in v], answer[name], f"{place}.{name}") for name in answer]
        return wrong + [one for each in inner for one in each]
    if isinstance(answer, list):
        elements = [element for value in shown for element in value]
        return [one for each in answer for one in misfits(elements, each, f"{place}[]")]
    return []


def example(examples: Path, region: str, name: str) -> Any:
    return json.loads((examples / f"{region.upper()}_{name}.json").read_text(encoding="utf-8"))


def data(what: str) -> Callable[[Region], httpx.Response]:
    """Ask for something of a card or, where only current accounts have it, of a current account."""

    def ask(region: Region) -> httpx.Response:
        entity_id = region.entity()
        return region.of_account(entity_id, region.account(entity_id), what)

    return ask


def one_entity(region: Region) -> httpx.Response:
    customer = region.seen("/pretend/customers")[0]
    return region.get(f"/customers/v1/{customer['customer_id']}/entities/{customer['entities'][0]['entity_id']}")


def results(region: Region) -> httpx.Response:
    entity_id = region.entity()
    asked = region.get("/data/v2/accounts", **{"entity_id": entity_id, "async": "true"}).json()
    return region.get(f"/data/v2/results/{asked['results_id']}")


def refresh(region: Region, bank: int = 0) -> httpx.Response:
    """Ask for a refresh; every use has a bank of its own, so that none has to wait for another."""
    return region.post("/data/v2/refreshes", {"entity_id": region.entity(bank=bank)})


def refreshes(region: Region) -> httpx.Response:
    entity_id = region.entity(bank=1)
    region.post("/data/v2/refreshes", {"entity_id": entity_id})
    return region.get("/data/v2/refreshes", entity_id=entity_id)


def one_refresh(region: Region) -> httpx.Response:
    refresh_id = refreshes(region).json()["content"][0]["refresh_id"]
    return region.get(f"/data/v2/refreshes/{refresh_id}")


def customer_id(region: Region) -> str:
    return str(region.seen("/pretend/customers")[0]["customer_id"])


SUCCESSES: dict[str, Callable[[Region], httpx.Response]] = {
    "Generate_API_Access_Token_Success_200": lambda r: r.token("api"),
    "Generate_Customer_Access_Token_Success_200": lambda r: r.token(f"customer.{customer_id(r)}"),
    "Create_Customer_Create_Customer_200": lambda r: r.post(
        "/customers/v1/", {"app_user_id": f"somebody {uuid.uuid4()}"}
    ),
    "List_Customers_List_Customers_200": lambda r: r.get("/customers/v1"),
    "Get_Customer_by_ID_Get_Customer_by_ID_200": lambda r: r.get(f"/customers/v1/{customer_id(r)}"),
    "Get_Customer_by_app_user_id_Get_Customer_by_app_user_id_200": lambda r: r.get(
        "/customers/v1/app-user-id/pretend-1"
    ),
    "Get_Entities_for_Customer_Get_Entities_for_Customer_200": lambda r: r.get(
        f"/customers/v1/{customer_id(r)}/entities"
    ),
    "Get_Entity_by_ID_Get_Entity_by_ID_200": one_entity,
    "Retrieve_all_entities_for_a_given_data_range_Retrieve_all_entities_for_a_given_time_range_200": lambda r: r.get(
        "/customers/v1/entities", page_size=100
    ),
    "List_Banks_List_Banks_200": lambda r: r.get("/banks/v1"),
    "Get_Account_OK_200": lambda r: r.get("/data/v2/accounts", entity_id=r.entity()),
    "Get_Accounts_OK_200": lambda r: r.get("/data/v2/accounts", entity_id=r.entity()),
    "Get_identity_OK_200": lambda r: r.get("/data/v2/identity", entity_id=r.entity()),
    "Get_identities_OK_200": data("identities"),
    "Get_Balances_OK_200": data("balances"),
    "Get_Transactions_OK_200": data("transactions"),
    "Get_Beneficiaries_OK_200": data("beneficiaries"),
    "Get_Direct_Debits_OK_200": data("direct-debits"),
    "Get_Scheduled_Payments_OK_200": data("scheduled-payments"),
    "Get_Standing_Orders_OK_200": data("standing-orders"),
    "Get_Results_Get_results_200": results,
    "Trigger_a_Manual_Data_Refresh_Trigger_a_Manual_Data_Refresh_200": refresh,
    "Get_data_refreshes_Get_data_refreshes_200": refreshes,
    "get_Data_Refresh_Status_OK_200": one_refresh,
}
NOT_PART_OF_THIS = re.compile(
    r"(Cash_Balances|Cashflows|Credit_Obligations|Employment|Expenses|Freelancer|Income|Non_Credit_Obligations)"
)
"""Examples of Lean's insights, which Hisab does not read: it computes its own."""


@pytest.mark.corpus
@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("name", SUCCESSES)
def test_a_success_has_the_shape_of_its_example(
    regions: dict[str, Region], examples: Path, region: str, name: str
) -> None:
    if not (examples / f"{region.upper()}_{name}.json").exists():
        pytest.skip("the corpus has no example of this region")
    answer = SUCCESSES[name](regions[region])
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert misfits([example(examples, region, name)], answer.json()) == []


def refused(kind: str) -> Callable[[Region, str], httpx.Response]:
    """A data request that is turned down: a malformed entity, an unknown one, an unknown account, or a fault."""

    def ask(region: Region, what: str) -> httpx.Response:
        entity_id = {"malformed": "e34d8e49-9af2", "entity": str(uuid.uuid4())}.get(kind, region.entity())
        if kind == "fault":
            region.steer("/pretend/faults", fault="500", on="any")
        if what in {"accounts", "identity", "refreshes"}:
            return region.get(f"/data/v2/{what}", entity_id=entity_id)
        if what == "ask":
            return region.post("/data/v2/refreshes", {"entity_id": entity_id})
        if what in {"results", "refresh"}:
            path = "results" if what == "results" else "refreshes"
            wanted = "nothing" if kind == "malformed" else str(uuid.uuid4())
            return region.get(f"/data/v2/{path}/{wanted}")
        return region.of_account(entity_id, str(uuid.uuid4()), what)

    return ask


ENDPOINTS = {
    "Get_Account": "accounts",
    "Get_Accounts": "accounts",
    "Get_Balances": "balances",
    "Get_Beneficiaries": "beneficiaries",
    "Get_Direct_Debits": "direct-debits",
    "Get_Results": "results",
    "Get_Scheduled_Payments": "scheduled-payments",
    "Get_Standing_Orders": "standing-orders",
    "Get_Transactions": "transactions",
    "Get_data_refreshes": "refreshes",
    "Get_identities": "identities",
    "Get_identity": "identity",
    "Trigger_a_Manual_Data_Refresh": "ask",
    "get_Data_Refresh_Status": "refresh",
}
CAUSES = {
    "Bad_Request_400": refused("malformed"),
    "Entity_not_found_404": refused("entity"),
    "Account_or_entity_not_found_404": refused("account"),
    "Account_not_found_404": refused("account"),
    "Result_not_found_404": refused("results"),
    "Internal_Server_Error_500": refused("fault"),
}


def same_refusal(shown: dict[str, Any], code: int, answer: httpx.Response) -> None:
    """The same code, status, keys and words, but for the value a message repeats."""
    said = answer.json()
    assert (answer.status_code, said["status"]) == (code, shown["status"])
    assert misfits([shown], said) == []
    assert said["message"].partition(", field: ")[0] == shown["message"].partition(", field: ")[0]


@pytest.mark.corpus
@pytest.mark.parametrize("region", REGIONS)
def test_every_refusal_has_the_words_of_its_example(regions: dict[str, Region], examples: Path, region: str) -> None:
    compared = 0
    for path in sorted(examples.glob(f"{region.upper()}_*_[45]??.json")):
        name = path.stem.removeprefix(f"{region.upper()}_")
        found = [(e, c) for e in ENDPOINTS for c in CAUSES if name == f"{e}_{c}"]
        if found:
            ((endpoint, cause),) = found
            answer = CAUSES[cause](regions[region], ENDPOINTS[endpoint])
            same_refusal(json.loads(path.read_text(encoding="utf-8")), int(name[-3:]), answer)
            compared += 1
        else:
            assert NOT_PART_OF_THIS.match(name) or name in REFUSALS_OF_STATES, name
    assert compared >= 30


def consent_expired(region: Region) -> httpx.Response:
    entity_id = region.entity(customer=1)
    region.steer(f"/pretend/entities/{entity_id}/expire-consent")
    return region.post("/data/v2/refreshes", {"entity_id": entity_id})


def asked_twice(region: Region) -> httpx.Response:
    entity_id = region.entity(customer=1, bank=1)
    region.post("/data/v2/refreshes", {"entity_id": entity_id})
    return region.post("/data/v2/refreshes", {"entity_id": entity_id})


REFUSALS_OF_STATES: dict[str, Callable[[Region], httpx.Response]] = {
    "Create_Customer_Create_Customer_CUSTOMER_ALREADY_EXISTS_409": lambda r: r.post(
        "/customers/v1", {"app_user_id": "pretend-1"}
    ),
    "Trigger_a_Manual_Data_Refresh_Forbidden_Consent_expired_403": consent_expired,
    "Trigger_a_Manual_Data_Refresh_Too_Many_Requests_Duplicated_request_429": asked_twice,
}


@pytest.mark.corpus
@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("name", REFUSALS_OF_STATES)
def test_a_refusal_for_a_state_has_the_words_of_its_example(
    regions: dict[str, Region], examples: Path, region: str, name: str
) -> None:
    shown_in = region if (examples / f"{region.upper()}_{name}.json").exists() else "uae"
    same_refusal(example(examples, shown_in, name), int(name[-3:]), REFUSALS_OF_STATES[name](regions[region]))


@pytest.fixture(scope="module")
def box() -> Iterator[Letterbox]:
    with letterbox() as made:
        yield made


@pytest.mark.corpus
@pytest.mark.parametrize("region", REGIONS)
def test_events_have_the_shape_of_their_examples(
    regions: dict[str, Region], examples: Path, box: Letterbox, region: str
) -> None:
    lean = regions[region]
    box.clear()
    lean.steer("/webhooks", url=box.url, secret="s")
    for kind in EVENT_TYPES:
        entity_id = lean.entity() if kind.startswith("entity.") else ""
        lean.steer("/webhooks/send", type=kind, entity_id=entity_id)
    sent = {event["type"]: event for event in box.events(len(EVENT_TYPES))}
    paths = list((examples / f"{region.upper()}_Webhooks").glob("*.json"))
    assert paths
    for path in paths:
        shown = json.loads(path.read_text(encoding="utf-8"))
        event = sent[shown["type"]]
        assert misfits([shown], event) == []
        assert event["message"] == shown["message"]
        assert list(event) == list(shown)
    lean.delete("/webhooks", {})


def test_the_examples_are_told_apart_from_what_does_not_fit() -> None:
    shown = [{"id": str(uuid.uuid4()), "at": "2026-01-01T00:00:00Z", "rows": [{"a": 1.5, "b": None}]}]
    assert misfits(shown, {"id": str(uuid.uuid4()), "at": "2026-02-02T00:00:00.5Z", "rows": [{"a": 2, "b": "x"}]}) == []
    assert misfits(shown, {"id": "x", "at": "2026-02-02", "rows": [{"a": True}]}) == [
        ".id: text for ['id']",
        ".at: day for ['instant']",
        ".rows[]: lacks ['b'], adds []",
        ".rows[].a: truth for ['number']",
    ]
