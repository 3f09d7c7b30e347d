"""The pretend Lean's world: whole pages, true balances, the same story every time, and changes between two pulls."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from pretend_lean import REGIONS, TODAY, Region, pretend_lean

from pipelines.sandbox.hishebi.town import SandboxSettings
from pipelines.sandbox.lean.settings import LeanTownSettings
from pipelines.sandbox.running import running_sandbox

KINDS = ("CURRENT", "SAVINGS", "CREDIT", "PERSONAL_LOAN")
TRANSACTION_KEYS = {
    *("entity_id", "account_id", "transaction_id", "transaction_information", "transaction_reference"),
    *("credit_debit_indicator", "amount", "transaction_mutability", "booking_date_time", "insights", "balance"),
    *("status", "statement_reference", "value_date_time", "index", "charge_amount", "bank_transaction_code"),
    *("card_instrument", "merchant_details", "proprietary_bank_transaction_code", "currency_exchange"),
    *("creditor_account", "creditor_agent", "debtor_account", "debtor_agent", "local_time_zone"),
    *("transaction_type", "sub_transaction_type", "payment_modes", "flags", "regional_data"),
}
"""The keys that documents and excerpts of official examples name; whole examples are used where the corpus has them."""


@pytest.mark.parametrize("region", REGIONS)
def test_a_transaction_has_every_documented_key(regions: dict[str, Region], region: str) -> None:
    lean = regions[region]
    for bank in (0, 1):
        entity_id = lean.entity(bank=bank)
        rows = lean.transactions(entity_id, lean.account(entity_id))
        assert {frozenset(row) for row in rows} == {frozenset(TRANSACTION_KEYS)}
        abroad = [row["currency_exchange"] for row in rows if row["currency_exchange"]]
        assert abroad
        assert set(abroad[0]) == {
            *("source_currency", "target_currency", "unit_currency", "exchange_rate"),
            *("contract_identification", "quotation_date", "instructed_amount"),
        }
        codes = {row["merchant_details"]["merchant_category_code"] for row in rows if row["merchant_details"]}
        assert all(re.fullmatch(r"CC\d{4}", code) for code in codes)


@pytest.fixture(scope="module")
def regions() -> Iterator[dict[str, Region]]:
    with pretend_lean() as both:
        yield both


def exact(answer: httpx.Response) -> Any:
    """The document with the digits of the wire."""
    return json.loads(answer.text, parse_float=Decimal, parse_int=Decimal)["data"]


def signed(row: dict[str, Any]) -> Decimal:
    amount = Decimal(row["amount"]["amount"])
    assert amount >= 0
    return -amount if row["credit_debit_indicator"] == "DEBIT" else amount


def rows_of(lean: Region, entity_id: str, account_id: str) -> list[dict[str, Any]]:
    """Every transaction with exact amounts, newest first."""
    rows: list[dict[str, Any]] = []
    for page in range(100):
        data = exact(lean.of_account(entity_id, account_id, "transactions", page=page, size=100))
        rows += data["transactions"]
        if page + 1 >= data["page"]["total_pages"]:
            break
    return rows


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_balances_are_the_sum_of_the_transactions(regions: dict[str, Region], region: str, kind: str) -> None:
    lean = regions[region]
    entity_id = lean.entity()
    account_id = lean.account(entity_id, kind)
    rows = rows_of(lean, entity_id, account_id)
    told = {
        each["type"]: signed(each) for each in exact(lean.of_account(entity_id, account_id, "balances"))["balances"]
    }
    booked = [row for row in reversed(rows) if row["status"] == "BOOKED"]
    opening = signed(booked[0]["balance"]) - signed(booked[0])
    running = opening
    for row in booked:
        running += signed(row)
        assert signed(row["balance"]) == running
    pending = sum(signed(row) for row in rows if row["status"] == "PENDING")
    assert told["CLOSING_BOOKED"] == told["INTERIM_BOOKED"] == running
    assert told["EXPECTED"] == told["CLOSING_AVAILABLE"] == running + pending
    today = f"{TODAY}T00:00:00Z"
    assert told["PREVIOUSLY_CLOSED_BOOKED"] == running - sum(
        signed(row) for row in booked if row["booking_date_time"] == today
    )


def test_pages_hold_every_transaction_once_whatever_their_size(regions: dict[str, Region]) -> None:
    lean = regions["uae"]
    entity_id = lean.entity()
    account_id = lean.account(entity_id)
    whole = [row["transaction_id"] for row in lean.transactions(entity_id, account_id)]
    assert len(whole) == len(set(whole)) == 360
    for size in (7, 50, 100):
        found: list[str] = []
        for page in range(-(-360 // size) + 1):
            data = lean.of_account(entity_id, account_id, "transactions", page=page, size=size).json()["data"]
            assert data["page"]["total_pages"] == -(-360 // size)
            found += [row["transaction_id"] for row in data["transactions"]]
        assert found == whole


def test_a_window_of_dates_holds_its_days_and_no_other(regions: dict[str, Region]) -> None:
    lean = regions["ksa"]
    entity_id = lean.entity()
    account_id = lean.account(entity_id)
    every = lean.transactions(entity_id, account_id)
    window = {"start_date": "2026-03-01", "end_date": "2026-03-31"}
    found = lean.transactions(entity_id, account_id, **window)
    wanted = [row for row in every if "2026-03-01" <= row["booking_date_time"][:10] <= "2026-03-31"]
    assert [row["transaction_id"] for row in found] == [row["transaction_id"] for row in wanted] != []
    assert min(row["booking_date_time"] for row in every)[:7] == "2025-05"


def test_the_story_has_two_scripts_other_currencies_reversals_and_twins(regions: dict[str, Region]) -> None:
    kinds: set[str] = set()
    currencies: set[str] = set()
    texts: list[str] = []
    for lean in regions.values():
        for bank in (0, 1):
            entity_id = lean.entity(bank=bank)
            for account in lean.get("/data/v2/accounts", entity_id=entity_id).json()["data"]["accounts"]:
                for row in lean.transactions(entity_id, account["account_id"]):
                    kinds |= {row["transaction_type"], str(row["sub_transaction_type"]), row["status"]}
                    texts.append(row["transaction_information"])
                    if exchange := row["currency_exchange"]:
                        currencies.add(exchange["instructed_amount"]["currency"])
                        assert exchange["source_currency"] == row["amount"]["currency"]
    assert any(re.search("[\u0600-\u06ff]", text) for text in texts)
    assert "PURCHASE_REVERSAL" in kinds
    assert kinds >= {"POS", "E_COMMERCE", "ATM", "LOCAL_BANK_TRANSFER", "SAME_BANK_TRANSFER", "BOOKED", "PENDING"}
    assert currencies >= {"USD", "JPY", "GBP", "KWD", "EUR"}


def test_an_amount_abroad_times_its_rate_is_the_amount_at_home(regions: dict[str, Region]) -> None:
    lean = regions["uae"]
    entity_id = lean.entity()
    rows = rows_of(lean, entity_id, lean.account(entity_id))
    abroad = [row for row in rows if row["currency_exchange"] and row["status"] == "BOOKED"]
    assert abroad
    for row in abroad:
        exchange = row["currency_exchange"]
        home = exchange["instructed_amount"]["amount"] * exchange["exchange_rate"]
        assert abs(home - row["amount"]["amount"]) <= Decimal("0.01")


def test_whole_amounts_are_integers_on_the_wire_and_others_have_two_decimals(regions: dict[str, Region]) -> None:
    lean = regions["uae"]
    entity_id = lean.entity()
    body = lean.of_account(entity_id, lean.account(entity_id), "transactions", size=100).text
    rows = json.loads(body, parse_float=str, parse_int=str)["data"]["transactions"]
    amounts = [row["amount"]["amount"] for row in rows]
    assert any("." not in amount for amount in amounts)
    assert any("." in amount for amount in amounts)
    assert all(len(amount.partition(".")[2]) <= 2 for amount in amounts)


def test_account_numbers_have_right_check_digits_and_stay_when_a_bank_is_connected_anew() -> None:
    with pretend_lean() as regions:
        for lean in regions.values():
            customer = lean.seen("/pretend/customers")[0]
            first = customer["entities"][0]["entity_id"]
            before = lean.get("/data/v2/accounts", entity_id=first).json()["data"]["accounts"]
            for account in before:
                number = account["account"][0]["identification"]
                turned = "".join(str(int(letter, 36)) for letter in number[4:] + number[:4])
                assert int(turned) % 97 == 1
            path = f"/customers/v1/{customer['customer_id']}/entities/{first}"
            assert lean.delete(path, {"reason": "USER_REQUESTED"}).status_code == 200
            assert lean.get(path).json()["status"] == "UNKNOWN_ENTITY"
            bank = customer["entities"][0]["bank_identifier"]
            again = lean.steer("/pretend/connect", customer_id=customer["customer_id"], bank_identifier=bank)
            after = lean.get("/data/v2/accounts", entity_id=again["entity_id"]).json()["data"]["accounts"]
            assert [each["account"] for each in before] == [each["account"] for each in after]
            assert {each["account_id"] for each in before}.isdisjoint(each["account_id"] for each in after)


def told(today: dt.date, **settings: Any) -> dict[str, list[dict[str, Any]]]:
    """Every transaction of the first customer's banks in both regions on a day, by account."""
    with pretend_lean(today=today, **settings) as regions:
        return {
            account["account_id"]: lean.transactions(lean.entity(bank=bank), account["account_id"])
            for lean in regions.values()
            for bank in (0, 1)
            for account in lean.get("/data/v2/accounts", entity_id=lean.entity(bank=bank)).json()["data"]["accounts"]
        }


def test_the_same_settings_give_the_same_transactions_and_another_seed_others() -> None:
    first = told(TODAY)
    assert told(TODAY) == first
    assert set(told(TODAY, seed=8)).isdisjoint(first)


def booked(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["transaction_id"]: row for row in rows if row["status"] == "BOOKED"}


@pytest.mark.parametrize("bank", [0, 1])
def test_a_pending_purchase_posts_under_the_same_id_or_a_new_one(bank: int) -> None:
    with pretend_lean(rows_per_account=1_500) as regions:
        for region, lean in regions.items():
            entity_id = lean.entity(bank=bank)
            account_id = lean.account(entity_id)
            pending = [r for r in lean.transactions(entity_id, account_id) if r["status"] == "PENDING"]
            assert pending
            assert {row["balance"] for row in pending} == {row["value_date_time"] for row in pending} == {None}
            for _ in range(2):
                lean.steer("/pretend/next-day")
            posted = {r["transaction_reference"]: r for r in booked(lean.transactions(entity_id, account_id)).values()}
            gives_new_ids = (region, bank) in {("uae", 1), ("ksa", 0)}
            for row in pending:
                later = posted[row["transaction_reference"]]
                assert (later["transaction_id"] != row["transaction_id"]) == gives_new_ids
                assert later["value_date_time"] == row["booking_date_time"] < later["booking_date_time"]
                if row["currency_exchange"] is None:
                    assert later["amount"] == row["amount"]


def closing(lean: Region, entity_id: str, account_id: str) -> Decimal:
    """What the account holds, booked."""
    balances = exact(lean.of_account(entity_id, account_id, "balances"))["balances"]
    return next(signed(each) for each in balances if each["type"] == "CLOSING_BOOKED")


def test_between_two_pulls_one_row_is_corrected_one_disappears_and_one_is_late() -> None:
    with pretend_lean() as regions:
        lean = regions["uae"]
        entity_id = lean.entity()
        account_id = lean.account(entity_id)
        before, held = booked(rows_of(lean, entity_id, account_id)), closing(lean, entity_id, account_id)
        assert lean.steer("/pretend/change") == {"today": TODAY.isoformat()}
        after = booked(rows_of(lean, entity_id, account_id))
        (late,) = set(after) - set(before)
        (gone,) = set(before) - set(after)
        (edited,) = (key for key in set(before) & set(after) if signed(before[key]) != signed(after[key]))
        assert after[late]["booking_date_time"] == "2026-11-17T00:00:00Z"
        assert after[edited]["transaction_information"].endswith("(CORRECTED)")
        assert after[edited]["transaction_mutability"] == "MUTABLE"
        moved = signed(after[late]) - signed(before[gone]) + signed(after[edited]) - signed(before[edited])
        assert closing(lean, entity_id, account_id) == held + moved


def test_a_restart_continues_where_it_was(tmp_path: Path) -> None:
    state = tmp_path / "lean.json"
    with pretend_lean(state_file=state) as regions:
        lean = regions["ksa"]
        created = lean.post("/customers/v1", {"app_user_id": "me"}).json()["customer_id"]
        entity_id = lean.steer("/pretend/connect", customer_id=created, bank_identifier="NAJD_SAMAOB_SAU")["entity_id"]
        lean.steer("/pretend/next-day")
        before = lean.transactions(entity_id, lean.account(entity_id))
        lean.steer(f"/pretend/entities/{entity_id}/expire-consent")
    with pretend_lean(state_file=state, today=TODAY + dt.timedelta(days=1)) as regions:
        lean = regions["ksa"]
        assert lean.seen("/pretend/stats")["today"] == "2026-11-21"
        assert lean.get("/data/v2/accounts", entity_id=entity_id).json()["status"] == "CONSENT_EXPIRED"
        again = lean.steer("/pretend/connect", customer_id=created, bank_identifier="NAJD_SAMAOB_SAU")
        assert again["entity_id"] == entity_id
        assert lean.transactions(entity_id, lean.account(entity_id)) == before
    with pretend_lean(state_file=state, seed=8) as regions:
        assert len(regions["ksa"].get("/customers/v1").json()["data"]) == 2


def test_a_day_of_the_sandbox_passes_for_every_service_in_it() -> None:
    settings = LeanTownSettings(today=TODAY)
    with running_sandbox(SandboxSettings(today=TODAY), lean=settings) as url:
        assert httpx.post(f"{url}/sandbox/next-day").json() == {"today": "2026-11-21"}
        for region in REGIONS:
            assert httpx.get(f"{url}/{region}/pretend/stats").json()["today"] == "2026-11-21"


def test_a_thousand_rows_an_account_are_served_fast() -> None:
    with pretend_lean(rows_per_account=1_000, customer_count=4) as regions:
        lean = regions["uae"]
        started = time.monotonic()
        for customer in range(4):
            entity_id = lean.entity(customer=customer)
            assert len(lean.transactions(entity_id, lean.account(entity_id))) == 1_000
        assert time.monotonic() - started < 4  # a page takes milliseconds; the rest is room for a busy machine
