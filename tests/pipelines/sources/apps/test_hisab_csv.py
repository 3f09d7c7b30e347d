"""Hisab's own CSV: every column comes back, and what is damaged in it is set aside cell by cell."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from file_reading import FIXTURES, asked, decode

from pipelines.sources.apps.hisab_csv import FORMAT

BODY = (FIXTURES / "hisab_csv" / "entries.csv").read_bytes()


def test_every_column_comes_back_and_nothing_is_asked() -> None:
    assert FORMAT.sniff(BODY)
    assert asked(FORMAT, BODY) == []
    whole = decode(FORMAT, BODY)
    assert whole.rejects.is_empty()
    first = whole.frames["ledger_entries"].row(0, named=True)
    assert first["note"] == 'rice,\n"two" plates \\ tea'
    assert first["entry_at"] == dt.datetime(2026, 5, 1, 6, 30, 0, 123456, tzinfo=dt.UTC)
    assert json.loads(first["extra"]) == {"record_id": "r1"}
    rows = whole.rows("ledger_entries", "account_id", "entry_amount", "currency_code", "split_group", "original_amount")
    assert rows[1:3] == [
        ("بنك", Decimal("-12.345"), "KWD", "s", Decimal(-40)),
        ("بنك", Decimal(-1), "KWD", "s", None),
    ]
    assert whole.rows("accounts", "account_name", "account_kind") == [
        ("Cash", "other"),
        ("بنك", "other"),
        ("Savings", "other"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        (b"2026-05-01,", b"2026-02-31,", "entry_date"),
        (b",-3.50,USD", b",-3.5O,USD", "entry_amount"),
        (b",-3.50,USD", b",-3.50,dollar", "currency_code"),
        (b"06:30:00.123456Z", b"26:30:00Z", "entry_at"),
    ],
)
def test_a_damaged_cell_sets_its_row_aside(old: bytes, new: bytes, column: str) -> None:
    assert BODY.count(old) == 1
    whole = decode(FORMAT, BODY.replace(old, new))
    assert whole.rejects["column"].to_list() == [column]
    assert whole.frames["ledger_entries"].height == 5
