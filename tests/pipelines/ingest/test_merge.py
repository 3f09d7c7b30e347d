"""The merge gives one state for the same rows, in whatever order and however often they come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.ingest.decoding import Rows, Stretch
from pipelines.ingest.merge import KindCount, KindMerge, LoadStamp
from pipelines.ingest.staging_area import drop_stage, stage_load
from warehouse.record_kinds import BENEFICIARIES, KINDS, LEDGER_ENTRIES
from warehouse.road_tables import ROAD_TABLES
from warehouse.schema_renderings import arrow_schema, ddl, polars_schema

IDENTITY = ("account_id", "entry_date", "entry_amount", "payee_name")
DAY = dt.date(2026, 4, 5)


@contextmanager
def raw_tables() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    con.execute("create schema raw")
    for table in (*KINDS.values(), *ROAD_TABLES.values()):
        con.execute(ddl(table))
    yield con
    con.close()


def entry(
    record_id: str | None, amount: str, day: dt.date = DAY, payee: str = "Agora", account: str = "cash"
) -> dict[str, object]:
    return {
        "record_id": record_id,
        "account_id": account,
        "entry_date": day,
        "entry_kind": "expense",
        "entry_amount": Decimal(amount),
        "currency_code": "BDT",
        "payee_name": payee,
    }


def rows(entries: list[dict[str, object]], *, by_content: bool = False) -> Rows:
    numbered = [{"row_no": number, **each} for number, each in enumerate(entries, 2)]
    frame = pl.DataFrame(numbered, schema=polars_schema(LEDGER_ENTRIES))
    table = frame.to_arrow().cast(arrow_schema(LEDGER_ENTRIES))
    return Rows("ledger_entries", IDENTITY if by_content else (), "page", "00", table)


def merge(
    con: duckdb.DuckDBPyConnection,
    version: int,
    entries: list[dict[str, object]],
    *,
    by_content: bool = False,
    window: tuple[str, ...] | None = None,
    accept: bool = False,
) -> KindCount:
    pieces = [rows(entries, by_content=by_content), Stretch({"ledger_entries": len(entries)}, (), None)]
    load_id = f"load-{version}"
    staged = stage_load(con, load_id, "c_1", iter(pieces))
    kind = KindMerge(con, LEDGER_ENTRIES, LoadStamp(load_id, version, "c_1", version, dt.datetime.now(dt.UTC)))
    count = kind.run()
    assert len(entries) == count.merged + count.unchanged
    if window:
        count = kind.delete_absent(*window, accept=accept)
    drop_stage(con, staged)
    return count


def state(con: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return con.execute(
        "select record_id, _key, entry_date, entry_amount, payee_name, version, deleted "
        "from raw.ledger_entries where not deleted order by all"
    ).fetchall()


def test_a_second_merge_of_the_same_rows_changes_nothing() -> None:
    with raw_tables() as con:
        assert merge(con, 1, [entry("a", "-5"), entry("b", "-6")]) == KindCount(merged=2, unchanged=0)
        before = state(con)
        assert merge(con, 1, [entry("a", "-5"), entry("b", "-6")]) == KindCount(merged=0, unchanged=2)
        assert state(con) == before
        assert con.execute("select count(*) from raw.changes").fetchone() == (1,)


def test_a_higher_version_wins_and_a_lower_one_never_does() -> None:
    with raw_tables() as con:
        merge(con, 2, [entry("a", "-7")])
        assert merge(con, 1, [entry("a", "-5")]) == KindCount(merged=0, unchanged=1)
        assert merge(con, 3, [entry("a", "-9")]) == KindCount(merged=1, unchanged=0)
        assert [row[3] for row in state(con)] == [Decimal("-9.0000")]


def test_two_equal_purchases_on_one_day_stay_two_and_overlap_adds_nothing() -> None:
    with raw_tables() as con:
        bought = [entry(None, "-50"), entry(None, "-50"), entry(None, "-20")]
        assert merge(con, 1, bought, by_content=True) == KindCount(merged=3, unchanged=0)
        assert merge(con, 2, [*bought, entry(None, "-50")], by_content=True) == KindCount(merged=1, unchanged=3)
        assert sorted(row[3] for row in state(con)) == [Decimal(-50)] * 3 + [Decimal(-20)]


def test_a_repeated_page_inside_one_load_keeps_the_last_state() -> None:
    with raw_tables() as con:
        count = merge(con, 1, [entry("a", "-5"), entry("a", "-5"), entry("a", "-6")])
        assert count == KindCount(merged=1, unchanged=2)
        assert [row[3] for row in state(con)] == [Decimal("-6.0000")]


def test_an_id_that_looks_like_a_number_of_a_repeat_is_still_an_id() -> None:
    with raw_tables() as con:
        assert merge(con, 1, [entry("#1", "-5"), entry("#1", "-6")]) == KindCount(merged=1, unchanged=1)
        assert [row[3] for row in state(con)] == [Decimal("-6.0000")]


def test_what_a_whole_window_lacks_is_gone_and_both_months_of_a_moved_row_are_told() -> None:
    with raw_tables() as con:
        merge(con, 1, [entry("a", "-5"), entry("b", "-6", dt.date(2026, 3, 9)), entry("c", "-7")])
        con.execute("delete from raw.changes")
        count = merge(
            con, 2, [entry("b", "-6", dt.date(2026, 4, 9)), entry("c", "-7")], window=("2026-04-01", "2026-04-30")
        )
        assert count.deleted == 1
        assert [row[0] for row in state(con)] == ["b", "c"]
        months = con.execute("select month_date from raw.changes order by 1").fetchall()
        assert months == [(dt.date(2026, 3, 1),), (dt.date(2026, 4, 1),)]


def test_an_empty_answer_does_not_delete_a_ledger() -> None:
    with raw_tables() as con:
        everything = [entry(str(number), "-1") for number in range(40)]
        merge(con, 1, everything)
        count = merge(con, 2, [], window=("2026-04-01", "2026-04-30"))
        assert (count.deleted, count.held_back) == (0, 40)
        assert len(state(con)) == 40
        assert merge(con, 3, [], window=("2026-04-01", "2026-04-30"), accept=True).deleted == 40
        assert state(con) == []


def test_a_row_that_comes_back_after_its_deletion_lives_again() -> None:
    with raw_tables() as con:
        merge(con, 1, [entry("a", "-5")])
        merge(con, 2, [], window=("2026-04-01", "2026-04-30"))
        assert state(con) == []
        assert merge(con, 1, [entry("a", "-5")]) == KindCount(merged=0, unchanged=1)
        assert state(con) == []
        assert merge(con, 3, [entry("a", "-5")]) == KindCount(merged=1, unchanged=0)
        assert len(state(con)) == 1


def test_a_row_from_before_a_window_that_lacked_it_arrives_deleted() -> None:
    with raw_tables() as con:
        merge(con, 2, [entry("b", "-6")], window=("2026-04-01", "2026-04-30"))
        assert merge(con, 1, [entry("a", "-5")]) == KindCount(merged=0, unchanged=1)
        assert [row[0] for row in state(con)] == ["b"]


def test_a_window_of_one_account_leaves_the_others_alone() -> None:
    with raw_tables() as con:
        merge(con, 1, [entry("a", "-5"), entry("b", "-6", account="card"), entry("c", "-7")])
        count = merge(con, 2, [entry("c", "-7")], window=("2026-04-01", "2026-04-30", "cash"))
        assert count.deleted == 1
        assert [row[0] for row in state(con)] == ["b", "c"]
        # what comes late is judged by the windows of its own account
        merge(con, 1, [entry("d", "-1"), entry("e", "-1", account="card")])
        assert [row[0] for row in state(con)] == ["b", "c", "e"]


def test_a_list_without_days_that_was_read_whole_ends_what_it_lacks() -> None:
    def payees(*names: str) -> Rows:
        kept = [{"row_no": n, "record_id": name, "account_id": "current"} for n, name in enumerate(names, 1)]
        frame = pl.DataFrame(kept, schema=polars_schema(BENEFICIARIES))
        return Rows("beneficiaries", (), "page", "00", frame.to_arrow().cast(arrow_schema(BENEFICIARIES)))

    with raw_tables() as con:
        for version, names in ((1, "ab"), (3, "b"), (2, "abc")):  # the second load is merged last
            staged = stage_load(con, f"load-{version}", "c_1", iter([payees(*names)]))
            stamp = LoadStamp(f"load-{version}", version, "c_1", version, dt.datetime.now(dt.UTC))
            kind = KindMerge(con, BENEFICIARIES, stamp)
            kind.run()
            kind.delete_absent("1900-01-01", "2199-12-31", "current", accept=False)
            drop_stage(con, staged)
        assert con.execute("select record_id from raw.beneficiaries where not deleted").fetchall() == [("b",)]


LOADS = st.lists(
    st.tuples(
        st.lists(
            st.tuples(st.sampled_from("abcd"), st.sampled_from(["-1", "-2", "-3"]), st.integers(1, 28)),
            unique_by=lambda each: each[0],
            max_size=4,
        ),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=40, deadline=None)
@given(LOADS, st.randoms(use_true_random=False), st.data())
def test_any_order_and_any_repetition_gives_the_same_state(
    loads: list[tuple[list[tuple[str, str, int]], bool]], random: object, data: st.DataObject
) -> None:
    numbered = list(enumerate(loads, 1))
    shuffled = data.draw(st.permutations(numbered + data.draw(st.lists(st.sampled_from(numbered), max_size=2))))

    def play(order: list[tuple[int, tuple[list[tuple[str, str, int]], bool]]]) -> list[tuple[object, ...]]:
        with raw_tables() as con:
            for version, (given_rows, whole) in order:
                made = [entry(name, amount, dt.date(2026, 4, day)) for name, amount, day in given_rows]
                window = ("2026-04-01", "2026-04-30") if whole else None
                merge(con, version, made, window=window, accept=True)
            return [(row[0], *row[2:5]) for row in state(con)]

    assert play(list(shuffled)) == play(numbered)


def test_content_keys_differ_between_connections_and_never_between_runs() -> None:
    with raw_tables() as con:
        merge(con, 1, [entry(None, "-50")], by_content=True)
        first = state(con)
    with raw_tables() as con:
        merge(con, 1, [entry(None, "-50")], by_content=True)
        assert state(con) == first


@pytest.mark.parametrize("left", ["account_id", "payee_name"])
def test_parts_of_a_content_key_do_not_run_together(left: str) -> None:
    with raw_tables() as con:
        one = entry(None, "-5", payee="xy") | {"account_id": "ab"}
        two = entry(None, "-5", payee="bxy") | {"account_id": "a"}
        assert merge(con, 1, [one, two], by_content=True).merged == 2
        assert len({row[1] for row in state(con)}) == 2


def restate(con: duckdb.DuckDBPyConnection, version: int, entries: list[dict[str, object]], ids: set[str]) -> KindCount:
    """Merge a load that tells `ids` anew: `entries` are all the rows they have now."""
    load_id = f"load-{version}"
    stretch = Stretch(
        {}, (), None, tuple(("ledger_entries", name, tuple(ids)) for name in ("record_id", "split_group"))
    )
    staged = stage_load(con, load_id, "c_1", iter([rows(entries), stretch]))
    kind = KindMerge(con, LEDGER_ENTRIES, LoadStamp(load_id, version, "c_1", version, dt.datetime.now(dt.UTC)))
    count = kind.run()
    assert len(entries) == count.merged + count.unchanged
    deleted = 0
    for (_, column), values in staged.restated.items():
        deleted += kind.delete_restated(column, values).deleted
    drop_stage(con, staged)
    return KindCount(count.merged, count.unchanged, deleted)


def part(record_id: str, amount: str, of: str) -> dict[str, object]:
    return entry(record_id, amount) | {"split_group": of}


def test_a_restatement_ends_what_it_does_not_hold_and_no_brake_holds_it_back() -> None:
    with raw_tables() as con:
        merge(con, 1, [entry(str(number), "-1") for number in range(40)])
        con.execute("delete from raw.changes")
        assert restate(con, 2, [], {str(number) for number in range(30)}) == KindCount(0, 0, deleted=30)
        assert len(state(con)) == 10
        assert con.execute("select count(*), min(month_date) from raw.changes").fetchone() == (1, dt.date(2026, 4, 1))
        assert restate(con, 3, [], {"1", "2"}).deleted == 0
        assert con.execute("select count(*), max(version) from raw.restatements where value = '1'").fetchone() == (2, 3)


def test_parts_of_a_split_that_were_replaced_or_made_whole_again_go() -> None:
    with raw_tables() as con:
        merge(con, 1, [entry("t", "-9"), entry("u", "-5")])
        assert restate(con, 2, [part("p", "-4", "t"), part("q", "-5", "t")], {"t"}).deleted == 1
        assert [row[0] for row in state(con)] == ["p", "q", "u"]
        assert restate(con, 3, [part("q", "-6", "t"), part("r", "-3", "t")], {"t"}) == KindCount(2, 0, deleted=1)
        assert [row[0] for row in state(con)] == ["q", "r", "u"]
        assert restate(con, 4, [entry("t", "-9")], {"t"}).deleted == 2
        assert [row[0] for row in state(con)] == ["t", "u"]


def test_a_row_from_before_its_restatement_arrives_deleted_and_one_from_after_lives() -> None:
    with raw_tables() as con:
        restate(con, 3, [], {"a", "t"})
        assert merge(con, 1, [entry("a", "-5"), part("p", "-4", "t"), entry("b", "-6")]) == KindCount(1, 2)
        assert [row[0] for row in state(con)] == ["b"]
        assert restate(con, 2, [entry("a", "-7")], {"a"}) == KindCount(0, 1)
        assert merge(con, 4, [entry("a", "-8")]) == KindCount(merged=1, unchanged=0)
        assert [row[0] for row in state(con)] == ["a", "b"]


TELLINGS = st.lists(
    st.dictionaries(
        st.sampled_from("tuv"),
        st.lists(
            st.tuples(st.sampled_from("12345"), st.sampled_from(["-1", "-2"])), max_size=3, unique_by=lambda p: p[0]
        ),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=60, deadline=None)
@given(TELLINGS, st.data())
def test_restatements_in_any_order_and_repetition_give_the_same_state(
    tellings: list[dict[str, list[tuple[str, str]]]], data: st.DataObject
) -> None:
    numbered = list(enumerate(tellings, 1))
    shuffled = data.draw(st.permutations(numbered + data.draw(st.lists(st.sampled_from(numbered), max_size=2))))

    def play(order: list[tuple[int, dict[str, list[tuple[str, str]]]]]) -> list[tuple[object, ...]]:
        with raw_tables() as con:
            for version, telling in order:
                made = [
                    part(f"{of}{name}", amount, of) if len(parts) > 1 else entry(of, amount)
                    for of, parts in telling.items()
                    for name, amount in parts
                ]
                restate(con, version, made, set(telling))
            return [(row[0], *row[2:6]) for row in state(con)]

    assert play(list(shuffled)) == play(numbered)
