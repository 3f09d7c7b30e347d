"""The check sets aside exactly the rows that break a rule, however often values repeat and whatever came before."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from pipelines.ingest.checks import Checker
from warehouse.record_kinds import LEDGER_ENTRIES
from warehouse.schema_renderings import polars_schema

GOOD = {
    "record_id": "a",
    "account_id": "cash",
    "entry_date": dt.date(2026, 4, 5),
    "entry_kind": "expense",
    "entry_amount": Decimal("-5.0000"),
    "currency_code": "BDT",
}


@pytest.fixture(scope="module")
def checker() -> Checker:
    return Checker()


def frame(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(
        [{"row_no": number, **row} for number, row in enumerate(rows, 2)], schema=polars_schema(LEDGER_ENTRIES)
    )


BROKEN = [
    ("entry_kind", "gift"),
    ("currency_code", "taka"),
    ("entry_date", dt.date(1800, 1, 1)),
    ("entry_amount", None),
    ("account_id", None),
    ("entry_date", None),
    ("currency_code", None),
]


@pytest.mark.parametrize(("column", "value"), BROKEN)
def test_a_broken_row_is_set_aside_and_its_neighbours_go_on(checker: Checker, column: str, value: object) -> None:
    verdict = checker.check("ledger_entries", frame(GOOD, GOOD | {column: value}, GOOD))
    assert verdict.passed["row_no"].to_list() == [2, 4]
    assert verdict.rejects.select("row_no", "column").rows() == [(3, column)]
    assert verdict.rejects["reason"][0]
    assert verdict.rejects["cure"][0]


@pytest.mark.parametrize(("column", "value"), BROKEN)
def test_a_value_is_bad_again_after_good_ones_were_seen(checker: Checker, column: str, value: object) -> None:
    assert checker.check("ledger_entries", frame(GOOD)).passed.height == 1
    for _ in range(2):
        verdict = checker.check("ledger_entries", frame(GOOD | {column: value}, GOOD))
        assert verdict.rejects["row_no"].to_list() == [2]
        assert verdict.passed["row_no"].to_list() == [3]


def test_a_row_with_two_faults_is_set_aside_once(checker: Checker) -> None:
    verdict = checker.check("ledger_entries", frame(GOOD | {"entry_kind": "gift", "currency_code": "x"}, GOOD))
    assert verdict.rejects.height == 1
    assert verdict.passed.height == 1


def test_nothing_is_asked_about_known_good_values(checker: Checker, monkeypatch: pytest.MonkeyPatch) -> None:
    checker.check("ledger_entries", frame(GOOD))
    monkeypatch.setattr(checker, "_failures", lambda *_: pytest.fail("the suite ran again"))
    assert checker.check("ledger_entries", frame(GOOD, GOOD)).passed.height == 2


def test_every_date_out_of_range_is_found_not_only_the_outermost(checker: Checker) -> None:
    days = [dt.date(1700, 1, 1), dt.date(2026, 4, 5), dt.date(1800, 1, 1), None, dt.date(2300, 1, 1)]
    verdict = checker.check("ledger_entries", frame(*[GOOD | {"entry_date": day} for day in days]))
    assert verdict.rejects.sort("row_no")["row_no"].to_list() == [2, 4, 5, 6]
    assert verdict.passed["entry_date"].to_list() == [dt.date(2026, 4, 5)]


def test_days_between_good_days_are_not_asked_about_again(checker: Checker, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = [dt.date(2020, 1, 1), dt.date(2026, 12, 31)]
    checker.check("ledger_entries", frame(*[GOOD | {"entry_date": day} for day in ends]))
    monkeypatch.setattr(checker, "_failures", lambda *_: pytest.fail("the suite ran again"))
    between = [GOOD | {"entry_date": dt.date(2023, 5, day)} for day in range(1, 31)]
    assert checker.check("ledger_entries", frame(*between)).passed.height == len(between)


def test_an_empty_batch_passes(checker: Checker) -> None:
    assert checker.check("ledger_entries", frame()).passed.height == 0
