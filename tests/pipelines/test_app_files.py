"""Files of finance apps down the whole road: imported twice, in overlapping exports, learned, rebuilt, taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mmbak_files import LEDGER, backup
from workbooks import Cell, workbook

from pipelines.commands import moving
from pipelines.commands.moving import ImportOrder
from pipelines.ingest import importing
from pipelines.ingest.decoding import Decoder
from pipelines.ingest.file_trial import PROPOSED, Verdict, try_files
from pipelines.ingest.rebuild import rebuild
from pipelines.sources.source import SourceError
from pipelines.workplace import Workplace

FIXTURES = Path(__file__).parents[1] / "fixtures"
SPENDEE: list[list[Cell]] = [
    ["Date", "Wallet", "Type", "Category name", "Amount", "Currency", "Note", "Labels", "Author"],
    [dt.datetime.fromisoformat("2026-07-14T09:30:00"), "Cash", "Expense", "Food", -18.5, "CHF", "Tonic", "a", "N"],
    [dt.datetime.fromisoformat("2026-07-15T12:00:00"), "Cash", "Income", "Pay", 75, "CHF", None, None, "N"],
    [dt.datetime.fromisoformat("2026-07-15T12:00:00"), "Cash", "Income", "Pay", 75, "CHF", None, None, "N"],
]


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder() as made:
        yield made


def hand_over(workplace: Workplace, decoder: Decoder, path: Path, body: bytes, **answers: str) -> None:
    """What `hisab import` does with one file."""
    path.write_bytes(body)
    order = ImportOrder("Amina", answers, True)  # noqa: FBT003 - as the command makes it
    moving._import_one(workplace, decoder, path, order, importing.known_files(workplace))


def told(workplace: Workplace, sql: str) -> list[tuple[Any, ...]]:
    with workplace.warehouse("test") as con:
        return con.execute(sql).fetchall()


def entries(workplace: Workplace) -> list[tuple[Any, ...]]:
    return told(
        workplace,
        "select account_id, entry_date::varchar, entry_kind, entry_amount::varchar "
        "from raw.ledger_entries where not deleted order by all",
    )


def test_overlapping_exports_add_only_what_is_new(workplace: Workplace, decoder: Decoder, tmp_path: Path) -> None:
    hand_over(workplace, decoder, tmp_path / "july.xlsx", workbook({"Transactions": SPENDEE}))
    first = entries(workplace)
    assert [row[3] for row in first] == ["-18.5000", "75.0000", "75.0000"]
    hand_over(workplace, decoder, tmp_path / "again.xlsx", workbook({"Sheet": SPENDEE}))
    assert entries(workplace) == first
    later = [*SPENDEE, [dt.date(2026, 7, 20), "Cash", "Expense", "Food", -1.25, "CHF", None, None, "N"]]
    hand_over(workplace, decoder, tmp_path / "later.xlsx", workbook({"Sheet": [later[0], *later[2:]]}))
    assert [row for row in entries(workplace) if row not in first] == [("Cash", "2026-07-20", "expense", "-1.2500")]
    before = entries(workplace)
    rebuild(workplace, decoder)
    assert entries(workplace) == before


def test_fills_and_splits_are_merged_once(workplace: Workplace, decoder: Decoder, tmp_path: Path) -> None:
    body = (FIXTURES / "goodbudget" / "eight-columns.csv").read_bytes()
    hand_over(workplace, decoder, tmp_path / "one.csv", body, currency="BDT")
    hand_over(workplace, decoder, tmp_path / "two.csv", body + b"06/21/2026,Groceries,Checking,Shop,,-1.00,,\n")
    plans = told(workplace, "select category_name, budgeted_amount::varchar from raw.budgets order by all")
    assert plans == [
        ("Groceries", "-50.0000"),
        ("Groceries", "300.0000"),
        ("Household", "50.0000"),
        ("Rent", "900.0000"),
    ]
    assert len(entries(workplace)) == 7


def test_what_is_deleted_in_the_app_goes_with_the_next_backup(
    workplace: Workplace, decoder: Decoder, tmp_path: Path
) -> None:
    hand_over(workplace, decoder, tmp_path / "one.mmbak", backup())
    assert len(entries(workplace)) == 9
    later = [{**row, "IS_DEL": 1} if row["uid"] in {"t2", "t3", "t4"} else row for row in LEDGER]
    hand_over(workplace, decoder, tmp_path / "two.mmbak", backup(later, zipped=True))
    assert len(entries(workplace)) == 6
    assert told(workplace, "select account_name, account_group from raw.accounts order by 1") == [
        ("Bank", "আমার ব্যাংক"),
        ("Payoneer", "আমার ব্যাংক"),
        ("Wallet", "Cash"),
    ]
    before = entries(workplace)
    rebuild(workplace, decoder)
    assert entries(workplace) == before


def test_a_sheet_of_several_is_chosen_for_one_file_only(workplace: Workplace, decoder: Decoder, tmp_path: Path) -> None:
    both = workbook({"Mine": SPENDEE[:2], "Ours": [SPENDEE[0], *SPENDEE[2:]]})
    with pytest.raises(SourceError, match="--answer sheet="):
        hand_over(workplace, decoder, tmp_path / "both.xlsx", both)
    hand_over(workplace, decoder, tmp_path / "both.xlsx", both, sheet="Ours")
    assert [row[3] for row in entries(workplace)] == ["75.0000", "75.0000"]
    with pytest.raises(SourceError, match="--answer sheet="):
        hand_over(workplace, decoder, tmp_path / "more.xlsx", workbook({"Mine": SPENDEE, "Ours": SPENDEE}))


def test_a_banks_workbook_is_tried_and_learned_like_its_csv(
    workplace: Workplace, decoder: Decoder, tmp_path: Path
) -> None:
    sheet: list[list[Cell]] = [
        ["When", "Shop", "Sum"],
        [dt.date(2026, 4, 13), "Agora", -10],
        [dt.date(2026, 4, 15), "Meena Bazar", 5.25],
    ]
    path = tmp_path / "card.xlsx"
    path.write_bytes(workbook({"Cover": [["Dear customer"]], "Card": sheet}))
    (trial,) = try_files(decoder, [("bank", path)], {"currency": "BDT"})
    assert (trial.verdict, trial.source, trial.rows) == (Verdict.STATES_NOTHING, PROPOSED, 2)
    hand_over(workplace, decoder, path, path.read_bytes(), currency="BDT", account="Card", layout="proposed")
    booked = told(workplace, "select booked_date::varchar, transaction_amount::varchar from raw.bank_transactions")
    assert sorted(booked) == [("2026-04-13", "-10.0000"), ("2026-04-15", "5.2500")]
