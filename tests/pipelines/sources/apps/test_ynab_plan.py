"""The plan YNAB exports, alone and in its ZIP beside the register."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from file_reading import FIXTURES, asked, decode

from pipelines.ingest import importing
from pipelines.ingest.decoding import Decoder
from pipelines.ingest.merging import merge_packs
from pipelines.sources.apps.ynab_register import FORMAT
from pipelines.sources.recognising import recognised
from pipelines.sources.source import SourceError
from pipelines.workplace import Workplace

HEADER = "Month,Category Group/Category,Category Group,Category,Assigned,Activity,Available\n"
USD = {"currency": "USD"}


def fixture(name: str) -> bytes:
    return (FIXTURES / "ynab" / name).read_bytes()


def archive(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name, body in members.items():
            made.writestr(f"My Plan as of 2026-06-20 - {name}.csv", body)
    return packed.getvalue()


def test_every_line_of_a_plan_is_an_envelope_of_a_month() -> None:
    whole = decode(FORMAT, fixture("plan.csv"), USD)
    assert whole.rows_read == {"accounts": 0, "ledger_entries": 0, "budgets": 3}
    columns = (
        "month_date",
        "category_group",
        "category_name",
        "budgeted_amount",
        "activity_amount",
        "available_amount",
    )
    assert whole.rows("budgets", *columns) == [
        (dt.date(2026, 1, 1), "Everyday", "Groceries", Decimal(600), Decimal("-412.3"), Decimal("187.7")),
        (dt.date(2026, 1, 1), "Everyday", "নাস্তা", Decimal(0), Decimal(-12), Decimal(-12)),
        (dt.date(2026, 2, 1), "Credit Card Payments", "Visa", Decimal(-50), Decimal(20), Decimal("1157.7")),
    ]
    assert set(whole.rows("budgets", "budget_kind", "currency_code", "extra")) == {("envelope", "USD", None)}


def test_an_older_plan_says_budgeted_and_its_months_may_be_in_another_language() -> None:
    body = fixture("budget-older.csv")
    assert asked(FORMAT, body) == []
    whole = decode(FORMAT, body)
    assert whole.rows("budgets", "month_date", "budgeted_amount", "available_amount", "currency_code") == [
        (dt.date(2020, 6, 1), Decimal(800), Decimal(0), "EUR"),
        (dt.date(2020, 7, 1), Decimal(800), Decimal(1600), "EUR"),
    ]


@pytest.mark.parametrize(
    ("month", "day"),
    [
        ("Jan 2026", dt.date(2026, 1, 1)),
        ("December 2025", dt.date(2025, 12, 1)),
        ("Sept. 2024", dt.date(2024, 9, 1)),
        ("2024-03", dt.date(2024, 3, 1)),
        ("2024-03-01", dt.date(2024, 3, 1)),
        ("2024/11", dt.date(2024, 11, 1)),
    ],
)
def test_months_are_read_as_people_and_programs_write_them(month: str, day: dt.date) -> None:
    whole = decode(FORMAT, f"{HEADER}{month},G: C,G,C,$1.00,$0.00,$1.00\n".encode(), USD)
    assert whole.rows("budgets", "month_date") == [(day,)]


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("Nonsense,G: C,G,C,$1.00,$0.00,$1.00", "Month", "no month"),
        ("2026-13,G: C,G,C,$1.00,$0.00,$1.00", "Month", "no month"),
        (",G: C,G,C,$1.00,$0.00,$1.00", "Month", "month is empty"),
        ("Jan 2026,G: ,G,,$1.00,$0.00,$1.00", "Category", "category is empty"),
        ("Jan 2026,G: C,G,C,,$0.00,$1.00", "Assigned", "amount is empty"),
        ("Jan 2026,G: C,G,C,$1.00,soon,$1.00", "Activity", ""),
    ],
)
def test_a_line_that_cannot_be_read_is_set_aside(row: str, column: str, reason: str) -> None:
    whole = decode(FORMAT, f"{HEADER}{row}\nJan 2026,G: D,G,D,$1.50,$0.00,$1.50\n".encode(), USD)
    assert whole.frames["budgets"].height == 1
    ((kind, row_no, found, why, cure),) = whole.rejects.select("kind", "row_no", "column", "reason", "cure").rows()
    assert (kind, row_no, found) == ("budgets", 2, column)
    assert reason in why
    assert cure


def test_a_zip_gives_what_its_register_and_its_plan_give() -> None:
    packed = archive(Register=fixture("month-first-dollar.csv"), Plan=fixture("plan.csv"))
    assert recognised(io.BytesIO(packed), {}).file_format is FORMAT
    assert asked(FORMAT, packed) == ["currency"]
    whole = decode(FORMAT, packed, USD)
    assert whole.rows_read == {"accounts": 2, "ledger_entries": 7, "budgets": 3}
    for kind, name in (("ledger_entries", "month-first-dollar.csv"), ("budgets", "plan.csv")):
        assert whole.frames[kind].equals(decode(FORMAT, fixture(name), USD).frames[kind])


def test_what_the_register_leaves_open_the_plan_may_settle() -> None:
    register = fixture("split.csv").replace(b"$0.00", b"0")
    for written, unsure in ((b"$22.22", b'"22,220"'), (b"$33.33", b'"33,330"')):
        register = register.replace(written, unsure)
    assert asked(FORMAT, archive(Register=register)) == ["decimal_mark", "date_order", "currency"]
    assert asked(FORMAT, archive(Register=register, Budget=fixture("budget-older.csv"))) == ["date_order"]


@pytest.mark.parametrize(
    ("packed", "line"),
    [
        (archive(Notes=b"x"), "neither a register nor a plan"),
        (archive(**{"A Register": b"x", "B Register": b"y"}), "several plans"),
        (archive(Register=b""), "empty"),
        (archive(Register=fixture("plan.csv")[:-40])[:-30], "damaged"),
    ],
)
def test_an_archive_that_holds_no_such_thing_is_refused_in_one_line(packed: bytes, line: str) -> None:
    with pytest.raises(SourceError, match=line) as told:
        decode(FORMAT, packed, USD)
    assert "\n" not in str(told.value)


def test_what_another_system_packed_beside_the_register_is_left_out() -> None:
    packed = io.BytesIO(archive(Register=fixture("month-first-dollar.csv")))
    with zipfile.ZipFile(packed, "a") as made:
        made.writestr("__MACOSX/._My Plan - Register.csv", b"\0\5\x16\7")
    assert decode(FORMAT, packed.getvalue(), USD).rows_read["ledger_entries"] == 7


def test_a_register_alone_and_in_its_zip_are_the_same_entries(workplace: Workplace, tmp_path: Path) -> None:
    alone, packed = tmp_path / "Register.csv", tmp_path / "export.zip"
    alone.write_bytes(fixture("month-first-dollar.csv"))
    packed.write_bytes(archive(Register=fixture("month-first-dollar.csv"), Plan=fixture("plan.csv")))
    loads = []
    with Decoder() as decoder:
        for path in (alone, packed):
            candidate = importing.prepare(
                workplace, decoder, path, party_label="Tarek", given=USD, ask=lambda _p, _q: None, known=set()
            )
            loads += merge_packs(workplace, decoder, [importing.land(workplace, candidate)])
    first, second = loads
    assert (first.problem, second.problem) == ("", "")
    assert first.connection_id == second.connection_id
    assert first.counts["ledger_entries"].merged == second.counts["ledger_entries"].unchanged == 7
    assert second.counts["budgets"].merged == 3
