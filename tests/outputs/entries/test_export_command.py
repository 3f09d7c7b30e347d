"""`hisab export entries`: a private file, whole or not at all, the choices, and a report people can keep."""

from __future__ import annotations

import csv
import datetime as dt
import stat
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from ledgers import Entry, fill, warehouse_of, written

from pipelines.commands import exporting
from pipelines.commands.setting_up import make_home
from pipelines.outputs.entries import reading
from pipelines.outputs.entries.reading import read_entries
from pipelines.outputs.entries.selecting import ExportProblem, Wanted, choose
from pipelines.workplace import Workplace, open_workplace
from warehouse.connections import party_id_of
from warehouse.home import Home
from warehouse.keys import Keyring

LUNCH = Entry("Cash", dt.date(2026, 5, 1), Decimal("-3.50"), payee="ভাত ঘর", labels="food", currency="USD")
EURO = replace(LUNCH, account="Giro", currency="EUR", date=dt.date(2026, 6, 1))


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    """A home with three entries."""
    made = Home(tmp_path / "home")
    make_home(made, "Asia/Dhaka")
    monkeypatch.setenv("HISAB_HOME", str(made.root))
    workplace = open_workplace(made)
    with workplace.warehouse("a test") as con:
        fill(con, [LUNCH, replace(LUNCH, amount=Decimal(-4)), EURO], "c_1")
    return workplace


def test_the_file_is_private_and_the_report_says_what_is_lost(
    workplace: Workplace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output, report = tmp_path / "out.csv", tmp_path / "report.csv"
    exporting.entries("ynab", Wanted(), output, report, force=False)
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    assert sorted(row["Outflow"] for row in csv.DictReader(output.open(encoding="utf-8"))) == ["3.50", "4.00"]
    rows = list(csv.reader(report.open(encoding="utf-8")))
    assert rows[0] == ["matter", "entries", "outcome"]
    assert rows[1] == ["entries", "2", "written for YNAB"]
    assert {(row[0], row[1]) for row in rows[2:]} == {("labels", "2"), ("entries in EUR", "1")}
    shown = capsys.readouterr().out
    assert "2 entries for YNAB" in " ".join(shown.split())
    assert "labels" in shown
    assert list(tmp_path.glob(".out*")) == []


def test_a_file_that_is_there_is_not_written_over(workplace: Workplace, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    output.write_text("mine")
    with pytest.raises(ExportProblem, match="--force"):
        exporting.entries("csv", Wanted(), output, None, force=False)
    assert output.read_text() == "mine"
    exporting.entries("csv", Wanted(), output, None, force=True)
    assert output.read_text().startswith("entry_id,")


def test_choices_that_leave_nothing_are_told_and_write_nothing(workplace: Workplace, tmp_path: Path) -> None:
    road = "1 as version, false as deleted, 'l' as _load_id, 'x' as _landed_sha256, now() as _loaded_at"
    with workplace.warehouse("a test") as con:
        con.execute(
            f"insert into raw.parties by name select uuid() as _key, 'c_1' as connection_id, 'party' as record_id, "
            f"? as party_id, 'Rahim' as party_label, 'person' as party_kind, {road}",
            [party_id_of(workplace.keyring, "Rahim")],
        )
        con.execute(
            f"insert into raw.bank_transactions by name select uuid() as _key, 'c_2' as connection_id, "
            f"'t' as record_id, 'a' as account_id, date '2027-05-01' as booked_date, 1 as transaction_amount, "
            f"'USD' as currency_code, 'booked' as booking_status, {road}"
        )
    for wanted, reason in (
        (Wanted(first=dt.date(2028, 1, 1)), "no entries to export with these choices"),
        (Wanted(first=dt.date(2027, 1, 1)), "what was read with these choices is 1 bank transactions"),
        (Wanted(party="Nobody"), "no party called 'Nobody'; the parties are Rahim"),
        (Wanted(accounts=("none",)), "no account of that name with entries to export; there are Cash, Giro"),
        (Wanted(currency="BDT"), "EUR, USD"),
    ):
        with pytest.raises(ExportProblem, match=reason):
            exporting.entries("csv", wanted, tmp_path / "out.csv", None, force=False)
    assert not (tmp_path / "out.csv").exists()


def test_days_accounts_and_currencies_choose(keyring: Keyring) -> None:
    con = warehouse_of([LUNCH, replace(LUNCH, date=dt.date(2026, 5, 31)), EURO])
    for wanted, count in (
        (Wanted(), 3),
        (Wanted(last=dt.date(2026, 5, 31)), 2),
        (Wanted(first=dt.date(2026, 5, 2), last=dt.date(2026, 5, 31)), 1),
        (Wanted(accounts=("giro",)), 1),
        (Wanted(currency="usd"), 2),
    ):
        assert written(con, "firefly", keyring, wanted)[1].count(b"\n") == count + 1


def test_accounts_of_one_name_are_told_apart_and_ids_stay_unique(keyring: Keyring) -> None:
    con = warehouse_of([replace(LUNCH, split="s"), replace(LUNCH, split="s", note="two")], "c_1")
    fill(con, [replace(LUNCH, split="s"), replace(LUNCH, split="s", note="two")], "c_2")
    for connection, label in (("c_1", "Amina"), ("c_2", "Bilal")):
        con.execute(
            "insert into raw.parties (_key, connection_id, record_id, party_id, party_label, party_kind, version, "
            "deleted, _load_id, _landed_sha256, _loaded_at) "
            "values (uuid(), ?, 'p', ?, ?, 'person', 1, false, 'l', 'x', now())",
            [connection, label, label],
        )
    chosen = choose(con, keyring, Wanted(), one_currency=False)
    frames = list(read_entries(con, chosen))
    assert sorted(set(frames[0]["account"])) == ["Cash (Amina)", "Cash (Bilal)"]
    assert sorted(set(frames[0]["split_group"])) == ["c_1/s", "c_2/s"]
    assert frames[0]["part_count"].to_list() == [2] * 4


def test_days_are_read_in_slices_and_come_out_in_order(keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SLICE_ROWS", 3)
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=number * 7 % 5) for number in range(20)]
    con = warehouse_of([replace(LUNCH, date=day, amount=Decimal(-number)) for number, day in enumerate(days)])
    frames = list(read_entries(con, choose(con, keyring, Wanted(), one_currency=False)))
    assert len(frames) == 5
    assert [day for frame in frames for day in frame["entry_date"]] == sorted(days)
    assert sorted(amount for frame in frames for amount in frame["entry_amount"]) == [
        Decimal(-n) for n in range(19, -1, -1)
    ]
