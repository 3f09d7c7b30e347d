"""What each transaction of YNAB becomes, to the last milliunit, and which rows are set aside."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ynab_rows import PLAN, chosen, page, transaction

from pipelines.sources.source import Page, SourceError
from pipelines.sources.ynab.records import decode


def entries(*rows: Any, **meta: str) -> list[dict[str, Any]]:
    decoded = page("transactions", {"transactions": list(rows)}, **meta)
    assert decoded.rejects.is_empty(), decoded.rejects
    assert decoded.rows_read["ledger_entries"] == decoded.batches[0].frame.height
    return decoded.batches[0].frame.to_dicts()


def test_a_transaction_becomes_one_signed_entry_and_keeps_what_has_no_column() -> None:
    (row,) = entries(transaction(import_id="YNAB:-12340:2026-03-09:1", flag_color="red"))
    chosen(
        row,
        record_id="t1",
        account_id="cur",
        entry_date=dt.date(2026, 3, 9),
        entry_kind="expense",
        entry_amount=Decimal("-12.3400"),
        currency_code="AED",
        category_group="Everyday",
        category_name="Groceries",
        payee_name="Lulu",
        note="মাছ",
        cleared_status="cleared",
        split_group=None,
        transfer_group=None,
        excluded_from=None,
    )
    assert json.loads(row["extra"]) == {
        "approved": True,
        "flag_color": "red",
        "payee_id": "p1",
        "category_id": "food",
        "import_id": "YNAB:-12340:2026-03-09:1",
    }


@pytest.mark.parametrize(
    ("more", "kind", "category"),
    [
        (
            {"category_id": "rta", "category_name": "Inflow: Ready to Assign", "amount": 5_000},
            "income",
            "Ready to Assign",
        ),
        ({"category_id": "rta", "category_name": "Inflow: Ready to Assign"}, "income", "Ready to Assign"),
        ({"payee_name": "Starting Balance", "category_id": "rta", "amount": 900}, "opening_balance", "Ready to Assign"),
        ({"amount": 2_500}, "expense", "Groceries"),
        ({"category_id": "unc", "category_name": "Uncategorized", "amount": 10}, "income", None),
        ({"category_id": None, "category_name": None}, "expense", None),
        ({"category_id": "gone", "category_name": "Old name", "amount": 70}, "expense", "Old name"),
        ({"category_id": "gone", "category_name": "Inflow: To be Budgeted", "amount": 7}, "income", "To be Budgeted"),
        ({"amount": 0}, "expense", "Groceries"),
    ],
)
def test_the_category_says_what_an_entry_is_and_without_one_its_sign(
    more: dict[str, Any], kind: str, category: str | None
) -> None:
    (row,) = entries(transaction(**more))
    chosen(row, entry_kind=kind, category_name=category)


def test_what_the_app_calls_otherwise_keeps_its_name_of_the_api() -> None:
    (row,) = entries(transaction(category_id="unc", category_name="Uncategorized"))
    assert json.loads(row["extra"])["category_name"] == "Uncategorized"


def test_both_legs_of_a_transfer_name_each_other_and_share_a_group() -> None:
    out, into = entries(
        transaction(
            id="b", category_id=None, category_name=None, transfer_account_id="sav", transfer_transaction_id="a"
        ),
        transaction(
            id="a",
            account_id="sav",
            amount=12_340,
            category_id=None,
            category_name=None,
            transfer_account_id="cur",
            transfer_transaction_id="b",
        ),
    )
    chosen(out, entry_kind="transfer", transfer_account="Savings", transfer_group="a", entry_amount=Decimal("-12.34"))
    chosen(into, entry_kind="transfer", transfer_account="Current", transfer_group="a", entry_amount=Decimal("12.34"))


def test_an_account_that_is_not_known_is_named_by_the_payee() -> None:
    (row,) = entries(transaction(transfer_account_id="x", payee_name="Transfer : Old Wallet"))
    chosen(row, transfer_account="Old Wallet")


def test_every_live_part_of_a_split_is_an_entry_and_the_whole_is_none() -> None:
    parts = [
        {"id": "s1", "transaction_id": "t1", "amount": -10_000, "category_id": "food", "category_name": "Groceries"},
        {"id": "s2", "transaction_id": "t1", "amount": -2_000, "memo": "cash", "transfer_account_id": "sav"},
        {"id": "s3", "transaction_id": "t1", "amount": -340, "deleted": True},
    ]
    parts[1] |= {"payee_name": "Transfer : Savings", "transfer_transaction_id": "x"}
    one, two, other = entries(
        transaction(category_id=None, category_name="Split", amount=-12_000, subtransactions=parts),
        transaction(id="x", account_id="sav", amount=2_000, category_id=None, transfer_account_id="cur"),
    )
    chosen(
        one, record_id="s1", split_group="t1", entry_amount=Decimal("-10.0000"), category_name="Groceries", note="মাছ"
    )
    chosen(two, record_id="s2", split_group="t1", entry_kind="transfer", transfer_account="Savings", note="cash")
    assert two["transfer_group"] == other["transfer_group"] == "x"
    assert json.loads(two["extra"])["transaction_memo"] == "মাছ"
    chosen(one, payee_name="Lulu", category_group="Everyday", entry_date=dt.date(2026, 3, 9))


def test_changes_tell_every_transaction_anew_with_the_parts_it_has_now() -> None:
    decoded = page(
        "transactions",
        {"transactions": [transaction(), transaction(id="t2", deleted=True)], "server_knowledge": 9},
        is_delta="true",
    )
    assert decoded.rows_read == {"ledger_entries": 1}
    assert {(r.kind, r.column, r.values) for r in decoded.restated} == {
        ("ledger_entries", "record_id", ("t1", "t2")),
        ("ledger_entries", "split_group", ("t1", "t2")),
    }
    assert page("transactions", {"transactions": [transaction()]}).restated == ()


def test_a_plan_that_was_read_whole_says_so_of_each_of_its_accounts() -> None:
    windows = page("transactions", {"transactions": []}, ends_whole="true").windows
    assert {(w.kind, w.account_id) for w in windows} == {("ledger_entries", each) for each in ("cur", "sav", "stk")}
    assert {(w.first_date.year, w.last_date.year) for w in windows} == {(1900, 2199)}


def test_what_happens_off_the_budget_says_so() -> None:
    (row,) = entries(transaction(account_id="stk", category_id=None, category_name=None))
    chosen(row, excluded_from="budget")


@pytest.mark.parametrize(
    ("more", "column", "reason"),
    [
        ({"date": "2026-02-31"}, "date", "no day"),
        ({"date": None}, "date", "missing"),
        ({"amount": 1.5}, "amount", "milliunits"),
        ({"amount": "12"}, "amount", "milliunits"),
        ({"amount": None}, "amount", "missing"),
        ({"amount": 10**18}, "amount", "too large"),
        ({"id": None}, "id", "missing"),
        ({"memo": 7}, "memo", "not text"),
        ({"account_id": ""}, "account_id", "missing"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_and_the_others_are_not(
    more: dict[str, Any], column: str, reason: str
) -> None:
    decoded = page("transactions", {"transactions": [transaction(id="ok"), transaction(**more)]})
    assert decoded.batches[0].frame["record_id"].to_list() == ["ok"]
    assert decoded.rows_read == {"ledger_entries": 2}
    ((kind, row_no, found, why, cure),) = decoded.rejects.select("kind", "row_no", "column", "reason", "cure").rows()
    assert (kind, row_no, found) == ("ledger_entries", 2, column)
    assert reason in why
    assert cure


def test_a_plan_without_a_currency_sets_its_rows_aside_with_the_cure() -> None:
    body = json.dumps({"data": {"transactions": [transaction(), 7]}}).encode()
    decoded = decode(Page("key", body, {"what": "transactions", **PLAN.meta(with_names=True), "currency": ""}))
    assert decoded.rejects["cure"].to_list() == ["choose one in the plan's settings in YNAB", "report it to YNAB"]


@given(st.integers(-(10**17) + 1, 10**17 - 1))
def test_milliunits_are_read_to_the_last_one(milliunits: int) -> None:
    (row,) = entries(transaction(amount=milliunits))
    assert row["entry_amount"] * 1000 == milliunits


@given(st.lists(st.integers(-(10**9), 10**9), min_size=2, max_size=6))
def test_the_parts_of_a_split_are_as_much_as_the_whole(amounts: list[int]) -> None:
    parts = [{"id": f"s{number}", "amount": amount} for number, amount in enumerate(amounts)]
    rows = entries(transaction(amount=sum(amounts), subtransactions=parts))
    assert sum(row["entry_amount"] for row in rows) * 1000 == sum(amounts)


@pytest.mark.parametrize(
    ("body", "meta"),
    [
        (b"<html>", {}),
        (b'{"data":{}}', {}),
        (b'{"data":{"transactions":[{"id":', {}),
        (b'{"data":{"transactions":[]}}', {"categories": "{"}),
        (b'{"data":{"transactions":7}}', {}),
    ],
)
def test_a_damaged_page_is_told_in_one_line(body: bytes, meta: dict[str, str]) -> None:
    with pytest.raises(SourceError, match="landed page of YNAB"):
        decode(Page("key", body, {"what": "transactions", **PLAN.meta(with_names=True), **meta}))
