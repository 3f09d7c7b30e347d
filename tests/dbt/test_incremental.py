"""Night after night, the incremental marts hold exactly what a full refresh makes of the same raw rows."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
from tiny_warehouse import TinyWarehouse, account, balance, bank_row, consent, entry, party, record, statement

CONNECTIONS = ("c1", "c2", "c3")
BANKS = {"lean": "b1", "ofx": "b2", "qif": "b3"}
WORDS = ("salary", "groceries", "Kites", "", "ভাড়া", "savings", "transfer", "loan")


def _first_night() -> list[dict[str, Any]]:
    rows = []
    for connection in CONNECTIONS:
        owner = "p2" if connection == "c3" else "p1"
        rows += [party(connection, owner), consent(connection, owner), account(connection)]
    for source, connection in BANKS.items():
        rows += [party(connection, "p1"), consent(connection, "p1", source)]
    return rows


def _random_entry(dice: random.Random, connection: str, record: int) -> dict[str, Any]:
    day = dt.date(2026, 1, 1) + dt.timedelta(days=dice.randrange(120))
    amount = f"{dice.choice((1, -1)) * dice.randrange(1, 10**7) / 100:.2f}"
    kind = dice.choice(("", "", "", "transfer", "debt_payment", "opening_balance", "adjustment"))
    return entry(
        connection,
        f"e{record}",
        day.isoformat(),
        amount,
        entry_kind=kind,
        category_name=dice.choice(WORDS),
        currency_code=dice.choice(("BDT", "EUR")),
        account_id=dice.choice(("cash", "unheard of")),
        excluded_from=dice.choice((None, None, None, "budget", "reports")),
        # a tombstone as likely as not to hit a row that stands
        deleted=dice.random() < 0.2,
    )


def _bank_night(dice: random.Random) -> list[dict[str, Any]]:
    """Three sources that tell of the same accounts, by numbers that come and go; few days and amounts, so they meet.

    The days are those the loads are read on, so that some balances are read while their day goes on.
    """
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for _ in range(14):
        bank, day = (
            dice.choice(list(BANKS.values())),
            str(dt.date(2026, 10, 24) + dt.timedelta(days=dice.randrange(20))),
        )
        which = dice.choice(("current", "current", "card"))
        told = dice.randrange(4)
        gone = dice.random() < 0.15
        if told == 0:
            number = dice.choice((None, "n1", "n1", "n2"))
            currency = dice.choice(("BDT", None))
            row = account(bank, which, number_key=number, currency_code=currency, deleted=gone)
        elif told == 1:
            kind = dice.choice(("ledger", "opening", "available"))
            row = balance(bank, day, f"{dice.randrange(500)}.5", kind, account_id=which, deleted=gone)
        elif told == 2:
            row = statement(bank, (day, "2026-11-28"), "10", "-4", "6", account_id=which, deleted=gone)
        else:
            status = dice.choice(("booked", "booked", "booked", "pending"))
            amount = dice.choice(("-15", "-20", "7.25"))
            number = f"t{dice.randrange(12)}"
            row = bank_row(bank, number, day, amount, account_id=which, booking_status=status, deleted=gone)
        rows[bank, row["record_id"]] = row
    return list(rows.values())


def _plans(dice: random.Random) -> list[dict[str, Any]]:
    """A budget line and a debt of either party, new or told anew; a category that no entry may ever have."""
    connection, month = dice.choice(CONNECTIONS), dice.randrange(1, 5)
    line = {
        "month_date": f"2026-0{month}-01",
        "category_name": dice.choice((*WORDS, "Sea")) or "Kites",
        "budget_kind": dice.choice(("limit", "envelope")),
        "budgeted_amount": "50",
        "activity_amount": dice.choice((None, "-7")),
        "available_amount": dice.choice((None, "43")),
        "deleted": dice.random() < 0.2,
    }
    debt = {
        "counterparty_name": dice.choice(("Rahim", "Salma", "সালমা")),
        "debt_direction": dice.choice(("borrowed", "lent")),
        "outstanding_amount": str(dice.randrange(3)),
    }
    return [
        record("budgets", connection, f"b{dice.randrange(6)}", **line),
        record("debts", connection, f"d{dice.randrange(4)}", **debt),
    ]


def _night(dice: random.Random) -> list[dict[str, Any]]:
    """New rows, corrections that move days, deletions, and once in a while a connection that changes hands."""
    records = [(dice.choice(CONNECTIONS), dice.randrange(30)) for _ in range(12)]
    rows = [_random_entry(dice, connection, record) for connection, record in dict.fromkeys(records)]
    if dice.random() < 0.5:
        rows.append(bank_row("c2", f"b{dice.randrange(4)}", f"2026-0{dice.randrange(1, 5)}-11", "-40"))
    if dice.random() < 0.5:
        rows.append(party("c3", dice.choice(("p1", "p2", "p3")), dice.choice(("Salma", "সালমা"))))
    if dice.random() < 0.2:
        rows.append(party("b2", dice.choice(("p1", "p2"))))
    return [*rows, *_plans(dice), *_bank_night(dice)]


@pytest.mark.parametrize("seed", [20261120, 7])
def test_incremental_nights_equal_a_full_refresh(tiny: TinyWarehouse, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - seeded nights are wanted
    tiny.load(*_first_night(), *_night(dice))
    assert tiny.build(tests=False).ok
    for _ in range(3):
        tiny.load(*_night(dice))
        tiny.load(*_night(dice))
        assert tiny.proven() == []
    nightly = tiny.marts()
    assert tiny.build(full_refresh=True, tests=False).ok
    assert nightly == tiny.marts()


def test_a_row_that_moves_leaves_its_old_month_and_an_empty_month_loses_its_rows(tiny: TinyWarehouse) -> None:
    tiny.load(
        party("c1", "p1"),
        consent("c1", "p1"),
        entry("c1", "a", "2026-01-31", "-5"),
        entry("c1", "b", "2026-03-01", "-7"),
    )
    assert tiny.build(tests=False).ok
    tiny.load(entry("c1", "a", "2026-02-01", "-5"), {**entry("c1", "b", "2026-03-01", "-7"), "deleted": True})
    assert tiny.proven() == []
    months = "select month_date, transaction_count from household.rpt_monthly_cashflow"
    assert tiny.rows(months) == [(dt.date(2026, 2, 1), 1)]
    assert tiny.rows("select transaction_date from core.fct_transactions") == [(dt.date(2026, 2, 1),)]


def test_a_build_that_died_before_its_mark_is_made_good_by_the_next(built_karim: TinyWarehouse) -> None:
    mark = built_karim.rows("select max(load_seq) from intermediate.int_core__connections_built")
    built_karim.load(entry("c1", "late", "2026-04-20", "-9", category_name="rent"))
    assert built_karim.build(tests=False).ok
    whole = built_karim.marts()
    # the fact was written, the reports were not, and the mark still names the load before
    built_karim.change(
        f"update intermediate.int_core__connections_built set load_seq = {mark[0][0]}",
        "delete from household.rpt_monthly_cashflow where month_date = date '2026-04-01'",
        "delete from household.rpt_monthly_savings where month_date = date '2026-04-01'",
    )
    assert built_karim.proven() == []
    assert built_karim.marts() == whole


def test_renaming_a_party_rebuilds_no_month(built_karim: TinyWarehouse) -> None:
    built_karim.load(party("c1", "p1", "আব্বা"))
    assert built_karim.proven() == []
    assert built_karim.rows("select count(*) from intermediate.int_core__party_months_changed") == [(0,)]
    assert built_karim.rows("select party_label from core.dim_parties") == [("আব্বা",)]


def test_a_night_without_loads_changes_nothing(built_karim: TinyWarehouse) -> None:
    before = built_karim.marts()
    assert built_karim.proven() == []
    assert built_karim.marts() == before
