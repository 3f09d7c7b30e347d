"""Changes told one by one, in any grouping, give what a whole reading gives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pretend_ynab import InProcess, live, merged, pulled, raw_tables

from pipelines.sandbox.ynab.book import PlanBook, Transaction
from pipelines.sandbox.ynab.settings import YnabSettings
from pipelines.sandbox.ynab.town import CHANGE, NEXT_DAY, YnabTown

FIRST = dt.date(2026, 1, 1)
KINDS = ("accounts", "savings_goals", "recurring_entries", "budgets", "ledger_entries")


def town(days: int = 20) -> YnabTown:
    return YnabTown(YnabSettings(today=FIRST + dt.timedelta(days=days), begun_on=FIRST))


def ordinary(book: PlanBook, number: int) -> Transaction:
    """One of the transactions that are there and no transfer."""
    found = [each for each in book.transactions.values() if not each.deleted and each.transfer is None]
    return found[number % len(found)]


def recategorise(town: YnabTown, number: int) -> None:
    each = ordinary(town.book, number)
    if not each.parts:
        each.category = town.book.category("Phone").id
        town.book.change(each)


def edit(town: YnabTown, number: int) -> None:
    each = ordinary(town.book, number)
    if not each.parts:
        each.amount -= 1_000
        each.date -= dt.timedelta(days=number % 9)
        each.date = max(each.date, FIRST)
        town.book.change(each)


def part(town: YnabTown, number: int) -> None:
    each = ordinary(town.book, number)
    if all(known.transfer is None for known in each.parts):
        groceries, medicine = town.book.category("Groceries"), town.book.category("Medicine")
        town.book.split(each, [(each.amount - 500 * number, groceries), (500 * number, medicine)])


def make_whole(town: YnabTown, number: int) -> None:
    parted = [each for each in town.book.transactions.values() if each.live_parts and not each.deleted]
    parted = [each for each in parted if all(known.transfer is None for known in each.parts)]
    if parted:
        each = parted[number % len(parted)]
        each.category = town.book.category("Groceries").id
        town.book.split(each, [])


def hand_out_cash(town: YnabTown, number: int) -> None:
    book, story = town.book, town.story
    bought = book.enter(story.card, town.today, -9_000 - number, "Shwapno", book.category("Groceries"))
    book.split(bought, [(-8_000 - number, book.category("Groceries")), (-1_000, None)])
    book.split_transfer(bought, bought.live_parts[1], story.cash)


def delete(town: YnabTown, number: int) -> None:
    town.book.delete(ordinary(town.book, number))


def move(town: YnabTown, number: int) -> None:
    town.book.transfer(town.story.current, town.story.savings, town.today, 1_000 * (number + 1))


def unmove(town: YnabTown, number: int) -> None:
    moved = [each for each in town.book.transactions.values() if each.other and not each.deleted]
    if moved:
        town.book.delete(moved[number % len(moved)])


def assign(town: YnabTown, number: int) -> None:
    book = town.book
    book.assign(FIRST, book.category("Rent"), -1_000 * number)
    book.assign(FIRST, book.category("Phone"), 1_000 * number)


def rename(town: YnabTown, number: int) -> None:
    what = ("account", "category", "payee")[number % 3]
    rows = {"account": town.book.accounts, "category": town.book.categories, "payee": town.book.payees}[what]
    known = [each for each in rows.values() if not each.deleted and not getattr(each, "account", None)]
    names = [each.name for each in known if each.name not in {"Inflow: Ready to Assign", "Starting Balance"}]
    fixed = {"Groceries", "Medicine", "Phone", "Rent", "Fun Money", "BRAC Visa", "Emergency Fund", "Uncategorized"}
    free = [name for name in names if name not in fixed]
    town.book.rename(what, free[number % len(free)], f"{free[number % len(free)]} ({number})")


def drop_goal(town: YnabTown, number: int) -> None:
    town.book.category("New Laptop").goal.clear() if number % 2 else None
    town.book.touch()


def merge_away(town: YnabTown, _number: int) -> None:
    gym = [each for each in town.book.categories.values() if each.name == "Gym" and not each.deleted]
    if gym:
        town.book.merge_category(gym[0], town.book.category("Fun Money"))


def close_deposit(town: YnabTown, _number: int) -> None:
    if not town.story.old.deleted:
        town.book.enter(town.story.old, FIRST, 2_000, "found", None)
        town.book.delete_account(town.story.old)


def unschedule(town: YnabTown, number: int) -> None:
    for each in list(town.book.scheduled.values())[: number % 2]:
        each.deleted = True
        town.book.schedule(each)


STEPS: tuple[Callable[[YnabTown, int], None], ...] = (
    recategorise,
    edit,
    part,
    make_whole,
    hand_out_cash,
    delete,
    move,
    unmove,
    assign,
    rename,
    drop_goal,
    merge_away,
    close_deposit,
    unschedule,
    lambda town, _: town.step(CHANGE),
)


def state_of(client: InProcess) -> dict[str, object]:
    """What a whole reading gives now."""
    with raw_tables() as con:
        merged(con, 1, pulled(client, None))
        return {kind: live(con, kind) for kind in KINDS}


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 60), st.booleans()), max_size=12))
def test_changes_in_any_grouping_give_what_a_whole_reading_gives(
    steps: list[tuple[Callable[[YnabTown, int], None], int, bool]],
) -> None:
    lived = town()
    client = InProcess(lived)
    with raw_tables() as con:
        cursor, version = merged(con, 1, pulled(client, None)), 1
        for step, number, is_pulled in [*steps, (lambda _town, _number: None, 0, True)]:
            step(lived, number)
            if is_pulled:
                version += 1
                cursor = merged(con, version, pulled(client, cursor))
        told = {kind: live(con, kind) for kind in KINDS}
    whole = state_of(client)
    for kind in KINDS:
        assert told[kind] == whole[kind], kind


def test_every_single_step_is_told_by_its_changes() -> None:
    for step in STEPS:
        lived = town()
        client = InProcess(lived)
        with raw_tables() as con:
            cursor = merged(con, 1, pulled(client, None))
            for number in (1, 2, 3):
                step(lived, number)
                cursor = merged(con, 1 + number, pulled(client, cursor))
            told = {kind: live(con, kind) for kind in KINDS}
        assert told == state_of(client), step


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1), (3, 1, 2), (1, 2, 2, 3, 1)])
def test_loads_merged_in_another_order_and_twice_give_one_state(order: tuple[int, ...]) -> None:
    lived = town()
    client = InProcess(lived)
    loads, cursor = {}, None
    for version in (1, 2, 3):
        loads[version] = pulled(client, cursor)
        with raw_tables() as con:
            cursor = merged(con, version, loads[version])
        for number, step in enumerate((part, make_whole, delete, unmove, edit)):
            step(lived, version * 7 + number)
    with raw_tables() as con:
        for version in (1, 2, 3):
            merged(con, version, loads[version])
        expected = {kind: live(con, kind) for kind in KINDS}
    with raw_tables() as con:
        for version in order:
            merged(con, version, loads[version])
        assert {kind: live(con, kind) for kind in KINDS} == expected


def test_a_day_costs_few_requests_and_an_unchanged_one_tells_nothing_new() -> None:
    lived = town(days=200)
    client = InProcess(lived)
    cursor = pulled(client, None)[-1].meta["cursor"]
    first = len(client.asked)
    client.asked.clear()
    same = pulled(client, cursor)
    assert len(client.asked) == 9
    assert pulled(client, cursor) == same
    assert same[-1].meta["cursor"] == cursor
    client.asked.clear()
    lived.step(NEXT_DAY)
    pulled(client, cursor)
    assert len(client.asked) <= 13 < first
    asked = [path for path in client.asked if "/transactions?" in path]
    assert asked
    assert all("since_date=1970-01-01" in path and "last_knowledge_of_server=" in path for path in asked)
