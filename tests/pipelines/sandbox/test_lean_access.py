"""Who is let in to the pretend Lean: tokens of the right scope that have not ended, and only so many requests."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest
from pretend_lean import Region, pretend_lean

from pipelines.sandbox.lean.limits import Limits
from pipelines.sandbox.lean.refusals import Refusal
from pipelines.sandbox.lean.settings import CLIENT_ID, CLIENT_SECRET
from pipelines.sandbox.lean.tokens import Tokens


@pytest.fixture(scope="module")
def lean() -> Iterator[Region]:
    with pretend_lean() as regions:
        yield regions["ksa"]


def test_a_token_needs_the_right_secret_a_known_grant_and_a_known_scope(lean: Region) -> None:
    wrong = lean.token("api", client_secret="wrong")
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert lean.token("api", grant_type="password").json()["error"] == "unsupported_grant_type"
    assert lean.token("everything").json()["error"] == "invalid_scope"
    assert lean.token("customer.nobody").json()["error"] == "invalid_scope"
    customer_id = lean.seen("/pretend/customers")[0]["customer_id"]
    answer = lean.token(f"customer.{customer_id}").json()
    assert (answer["scope"], answer["token_type"], answer["expires_in"]) == (f"customer.{customer_id}", "Bearer", 3599)


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer nonsense", "Bearer a.b.c", "Bearer é"])
def test_nothing_is_told_without_a_valid_token(lean: Region, authorization: str) -> None:
    headers = {"authorization": authorization.encode()} if authorization else {}
    answer = httpx.get(f"{lean.base}/customers/v1", headers=headers)
    assert (answer.status_code, answer.json()["status"]) == (401, "UNAUTHORIZED")


def test_a_token_of_a_customer_is_not_for_the_backend(lean: Region) -> None:
    customer_id = lean.seen("/pretend/customers")[0]["customer_id"]
    token = lean.token(f"customer.{customer_id}").json()["access_token"]
    answer = httpx.get(f"{lean.base}/customers/v1", headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["status"]) == (403, "FORBIDDEN")


def test_the_older_header_is_enough_alone_and_wrong_beside_a_token(lean: Region) -> None:
    alone = httpx.get(f"{lean.base}/customers/v1", headers={"lean-app-token": CLIENT_ID})
    assert alone.status_code == 200
    token = lean.token("api").json()["access_token"]
    both = {"lean-app-token": CLIENT_ID, "authorization": f"Bearer {token}"}
    answer = httpx.get(f"{lean.base}/customers/v1", headers=both)
    assert (answer.status_code, answer.json()["status"]) == (400, "INVALID_PARAMETERS")
    assert set(answer.json()) == {"timestamp", "status", "message", "metadata"}


def test_tokens_end_by_themselves() -> None:
    now = 1_000.0
    tokens = Tokens("place", 60.0, lambda: now)
    form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "grant_type": "client_credentials", "scope": "api"}
    token = str(tokens.give(form, lambda _customer: False)["access_token"])
    now += 59.9
    assert tokens.claims(token).scope == "api"
    now += 0.1
    with pytest.raises(Refusal, match="expired"):
        tokens.claims(token)


def test_tokens_end_on_demand() -> None:
    with pretend_lean() as regions:
        lean = regions["uae"]
        lean.steer("/pretend/expire-tokens")
        assert lean.get("/customers/v1").status_code == 401
        lean.renew()
        assert lean.get("/customers/v1").status_code == 200
        assert lean.seen("/pretend/stats")["tokens"] == 2


def test_an_allowance_is_saved_up_for_a_second_at_most() -> None:
    now = 0.0
    limits = Limits(4.0, 10, lambda: now)

    def granted() -> int:
        """How many requests one after the other are let in."""
        count = 0
        with suppress(Refusal):
            while True:
                with limits.request("app"):
                    count += 1
        return count

    assert granted() == 4
    now += 0.5
    assert granted() == 2
    now += 100.0
    assert granted() == 4
    assert limits.refused == 3


def test_an_application_that_asks_too_much_is_told_when_to_come_back() -> None:
    with pretend_lean(requests_per_second=0.01) as regions:
        lean = regions["uae"]
        assert lean.get("/customers/v1").status_code == 200
        lean.renew()  # a new token of the same application is no new allowance
        answer = lean.get("/customers/v1")
        assert (answer.status_code, answer.json()["status"]) == (429, "TOO_MANY_REQUESTS")
        assert 0 < int(answer.headers["retry-after"]) <= 100
        assert lean.seen("/pretend/stats")["rate_limited"] == 1
        assert regions["ksa"].get("/customers/v1").status_code == 200


def test_an_application_may_have_only_so_many_requests_open() -> None:
    with pretend_lean(most_in_flight=3, answer_seconds=0.4) as regions:
        lean = regions["uae"]
        entity_id = lean.entity()
        refused = []
        for workers in (3, 6):
            with ThreadPoolExecutor(workers) as pool:
                answers = list(
                    pool.map(lambda _: lean.get("/data/v2/accounts", entity_id=entity_id).status_code, range(workers))
                )
            refused.append(answers.count(429))
        assert refused[0] == 0 < refused[1] <= 3
        stats = lean.seen("/pretend/stats")
        assert (stats["most_in_flight"], stats["rate_limited"]) == (3, refused[1])
