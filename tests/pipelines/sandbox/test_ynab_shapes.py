"""Every answer of the pretend YNAB is what YNAB's own specification says, whatever the plan's currency."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from pretend_ynab import PlanServer, plan_server

from pipelines.sandbox.ynab.settings import TOKEN

PLAN = "/plans/last-used"
ANSWERS = {
    "/user": "UserResponse",
    "/plans": "PlanSummaryResponse",
    f"{PLAN}/settings": "PlanSettingsResponse",
    f"{PLAN}/accounts": "AccountsResponse",
    f"{PLAN}/categories": "CategoriesResponse",
    f"{PLAN}/payees": "PayeesResponse",
    f"{PLAN}/months": "MonthSummariesResponse",
    f"{PLAN}/months/2026-10-01": "MonthDetailResponse",
    f"{PLAN}/transactions": "TransactionsResponse",
    f"{PLAN}/scheduled_transactions": "ScheduledTransactionsResponse",
}


@pytest.fixture(scope="module")
def specification(corpus: Path) -> dict[str, Any]:
    text = (corpus / "ynab" / "open_api_spec.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return document


@pytest.fixture(scope="module")
def server() -> Iterator[PlanServer]:
    with plan_server(begun_on=dt.date(2026, 6, 1)) as served:
        yield served


def ask(server: PlanServer, path: str, token: str = TOKEN, **params: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}"}
    return httpx.get(f"{server.api}{path}", params=params or None, headers=headers, timeout=10)


def misfits(specification: dict[str, Any], name: str, document: Any) -> list[str]:
    schema = {"$ref": f"#/components/schemas/{name}", "components": specification["components"]}
    found = Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(document)
    return [f"{list(error.absolute_path)}: {error.message[:200]}" for error in found]


def properties(specification: dict[str, Any], name: str) -> set[str]:
    """Every field a schema names, with those of the schemas it is made of."""
    schema = specification["components"]["schemas"][name.rpartition("/")[2]]
    found = set(schema.get("properties", {}))
    for part in schema.get("allOf", []):
        found |= properties(specification, part["$ref"]) if "$ref" in part else set(part.get("properties", {}))
    return found


@pytest.mark.parametrize(("path", "name"), ANSWERS.items())
def test_every_answer_is_of_the_form_the_specification_says(
    server: PlanServer, specification: dict[str, Any], path: str, name: str
) -> None:
    assert misfits(specification, name, ask(server, path).json()) == []


@pytest.mark.parametrize("currency", ["JPY", "KWD", "EUR"])
def test_other_currencies_have_their_own_decimals(specification: dict[str, Any], currency: str) -> None:
    with plan_server(begun_on=dt.date(2026, 10, 1), currency=currency) as served:
        for path, name in ANSWERS.items():
            assert misfits(specification, name, ask(served, path).json()) == [], path
        digits = ask(served, f"{PLAN}/settings").json()["data"]["settings"]["currency_format"]["decimal_digits"]
        amounts = [row["amount"] for row in ask(served, f"{PLAN}/transactions").json()["data"]["transactions"]]
    assert amounts
    assert all(amount % 10 ** (3 - digits) == 0 for amount in amounts)


@pytest.mark.parametrize(
    ("path", "rows", "name"),
    [
        (f"{PLAN}/accounts", "accounts", "Account"),
        (f"{PLAN}/payees", "payees", "Payee"),
        (f"{PLAN}/months", "months", "MonthSummary"),
        (f"{PLAN}/transactions", "transactions", "TransactionDetail"),
        (f"{PLAN}/scheduled_transactions", "scheduled_transactions", "ScheduledTransactionDetail"),
    ],
)
def test_no_field_is_missing_and_none_is_made_up(
    server: PlanServer, specification: dict[str, Any], path: str, rows: str, name: str
) -> None:
    told = ask(server, path).json()["data"][rows]
    assert set(told[0]) == properties(specification, name)


def test_changes_alone_tell_of_what_is_gone(server: PlanServer, specification: dict[str, Any]) -> None:
    before = ask(server, f"{PLAN}/transactions", since_date="2026-06-01").json()["data"]
    for _ in range(20):
        server.steer("next-day")
    knowledge = str(before["server_knowledge"])
    changes = ask(server, f"{PLAN}/transactions", since_date="2026-06-01", last_knowledge_of_server=knowledge).json()
    assert misfits(specification, "TransactionsResponse", changes) == []
    gone = {row["id"] for row in changes["data"]["transactions"] if row["deleted"]}
    assert gone
    whole = ask(server, f"{PLAN}/transactions", since_date="2026-06-01").json()["data"]["transactions"]
    assert not gone & {row["id"] for row in whole}
    assert not any(part["deleted"] for row in whole for part in row["subtransactions"])
    for path, name in ANSWERS.items():
        assert misfits(specification, name, ask(server, path, last_knowledge_of_server=knowledge).json()) == []


def test_amounts_of_parts_add_up_and_transfers_meet(server: PlanServer) -> None:
    rows = ask(server, f"{PLAN}/transactions", since_date="2026-06-01").json()["data"]["transactions"]
    by_id = {row["id"]: row for row in rows}
    parted = [row for row in rows if row["subtransactions"]]
    assert parted
    assert all(row["amount"] == sum(part["amount"] for part in row["subtransactions"]) for row in parted)
    moved = [row for row in rows if row["transfer_transaction_id"]]
    assert moved
    assert all(by_id[row["transfer_transaction_id"]]["amount"] == -row["amount"] for row in moved)


def test_a_transaction_of_more_than_a_year_ago_is_only_told_when_it_is_asked_for() -> None:
    with plan_server() as served:
        everything = ask(served, f"{PLAN}/transactions", since_date="1970-01-01").json()["data"]["transactions"]
        recent = ask(served, f"{PLAN}/transactions").json()["data"]["transactions"]
    assert min(row["date"] for row in everything) == "2025-01-01"
    assert min(row["date"] for row in recent) > "2025-11-01"


@pytest.mark.parametrize(
    ("path", "status", "error_id"),
    [
        ("/plans/00000000-0000-0000-0000-000000000000/accounts", 404, "404.2"),
        (f"{PLAN}/months/1999-01-01", 404, "404.2"),
        (f"{PLAN}/transactions?since_date=yesterday", 400, "400"),
        ("/nowhere", 404, "404.1"),
    ],
)
def test_refusals_come_in_the_envelope(
    server: PlanServer, specification: dict[str, Any], path: str, status: int, error_id: str
) -> None:
    answer = ask(server, path)
    assert answer.status_code == status
    assert misfits(specification, "ErrorResponse", answer.json()) == []
    assert answer.json()["error"]["id"] == error_id


def test_a_wrong_token_is_refused_and_so_is_the_request_after_the_limit(specification: dict[str, Any]) -> None:
    with plan_server(begun_on=dt.date(2026, 11, 1), requests_per_hour=2) as served:
        refused = ask(served, "/user", token="another-token")
        answers = [ask(served, "/user") for _ in range(3)]
    assert (refused.status_code, refused.json()["error"]["id"]) == (401, "401")
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    for answer in (refused, answers[-1]):
        assert misfits(specification, "ErrorResponse", answer.json()) == []
