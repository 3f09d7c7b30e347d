"""Money Manager's backup: types, mirrors, deletions, currencies, both platforms, files that lie."""

from __future__ import annotations

import datetime as dt
import io
import json
import sqlite3
from collections import Counter
from decimal import Decimal

import polars as pl
import pytest
from file_reading import asked, decode
from hypothesis import given, settings
from hypothesis import strategies as st
from mmbak_files import ANDROID, IPHONE, LEDGER, backup

from pipelines.sources.apps import mmbak_tables
from pipelines.sources.apps.mmbak import FORMAT
from pipelines.sources.recognising import recognised
from pipelines.sources.source import SourceError

MONEY = ("record_id", "account_id", "entry_kind", "entry_amount", "currency_code")


def one(**cells: object) -> dict[str, object]:
    return {"uid": "u", "DO_TYPE": "1", "assetUid": "a1", "AMOUNT_ACCOUNT": 5.0, **cells}


@pytest.mark.parametrize("zipped", [False, True])
def test_every_type_of_row_and_both_legs_of_each_transfer(zipped: bool) -> None:
    raw = backup(zipped=zipped)
    assert recognised(io.BytesIO(raw), {}).file_format is FORMAT
    assert asked(FORMAT, raw) == []
    whole = decode(FORMAT, raw)
    assert whole.rejects.is_empty()
    assert whole.rows("ledger_entries", *MONEY) == [
        ("t0", "a2", "adjustment", Decimal(1000), "BDT"),
        ("t1", "a2", "income", Decimal("52000.5"), "BDT"),
        ("t2", "a1", "expense", Decimal("-12.5"), "BDT"),
        ("t3", "a2", "transfer", Decimal(-200), "BDT"),
        ("t3:in", "a1", "transfer", Decimal(200), "BDT"),
        ("t5", "a2", "transfer", Decimal(-1220), "BDT"),
        ("t5:in", "a3", "transfer", Decimal(10), "USD"),
        ("t8", "a1", "adjustment", Decimal(-5), "BDT"),
        ("t9", "a1", "expense", Decimal("-1220.1235"), "BDT"),
    ]
    assert whole.rows_read["ledger_entries"] == 9
    assert whole.rows("ledger_entries", "transfer_account", "transfer_group")[3:5] == [("Wallet", "t3"), ("Bank", "t3")]
    row = whole.frames["ledger_entries"].row(8, named=True)
    assert (row["original_amount"], row["original_currency_code"]) == (Decimal(-10), "USD")
    assert json.loads(row["extra"]) == {"exact_amount": "1220.123456789"}


def test_categories_are_those_of_the_rows_own_tree() -> None:
    whole = decode(FORMAT, backup([*LEDGER, one(uid="z", DO_TYPE="0", ctgUid="c-food"), one(uid="y", ctgUid="-4")]))
    found = {row[0]: row[1:] for row in whole.rows("ledger_entries", "record_id", "category_group", "category_name")}
    assert found["t2"] == ("Food", "Eating out")
    assert found["t9"] == (None, "Food")
    assert found["z"] == (None, "Food money")
    assert found["y"] == (None, "Modified balance")
    assert found["t8"] == (None, None)


def test_accounts_have_their_group_kind_and_currency_and_deleted_ones_go_unless_used() -> None:
    columns = ("record_id", "account_name", "account_kind", "account_group", "currency_code")
    assert decode(FORMAT, backup()).rows("accounts", *columns) == [
        ("a1", "Wallet", "cash", "Cash", "BDT"),
        ("a2", "Bank", "current", "আমার ব্যাংক", "BDT"),
        ("a3", "Payoneer", "current", "আমার ব্যাংক", "USD"),
    ]
    used = decode(FORMAT, backup([one(assetUid="a9"), one(uid="v", assetUid="gone")]))
    assert [name for (name,) in used.rows("accounts", "account_name")] == [
        "Wallet",
        "Bank",
        "Payoneer",
        "Closed",
        "gone",
    ]


def test_what_was_deleted_is_taken_back() -> None:
    (ledger, _) = FORMAT.read(io.BytesIO(backup()), {})
    (restated,) = ledger.restated
    assert (restated.kind, restated.column, restated.values) == ("ledger_entries", "record_id", ("t7", "t7:in"))


def test_income_and_expense_are_what_the_app_shows() -> None:
    entries = decode(FORMAT, backup()).frames["ledger_entries"].filter(pl.col("currency_code") == "BDT")
    totals = dict(entries.group_by("entry_kind").agg(pl.col("entry_amount").sum()).rows())
    assert totals["income"] == Decimal("52000.5")
    assert totals["expense"] == Decimal("-1232.6235")
    balances = dict(entries.group_by("account_id").agg(pl.col("entry_amount").sum()).rows())
    assert balances == {"a1": Decimal("-1037.6235"), "a2": Decimal("51580.5")}


def test_mirrors_without_ids_are_found_by_accounts_and_moment_and_others_are_told() -> None:
    out = one(uid="o", DO_TYPE="3", assetUid="a2", toAssetUid="a3", AMOUNT_ACCOUNT=1220.0)
    back = one(uid="m", DO_TYPE="4", assetUid="a3", toAssetUid="a2", AMOUNT_ACCOUNT=10.0)
    assert decode(FORMAT, backup([out, back])).rows("ledger_entries", *MONEY)[1] == (
        "o:in", "a3", "transfer", Decimal(10), "USD",
    )  # fmt: skip
    alone = decode(FORMAT, backup([back, one()]))
    assert [reason for (reason,) in alone.rejects.select("reason").rows()] == [
        "one leg of a transfer: its other half is deleted or missing"
    ]
    unsure = decode(FORMAT, backup([out]))
    assert unsure.rows("ledger_entries", "record_id") == [("o",)]
    assert "is not told" in unsure.rejects["reason"][0]


def test_rows_without_an_id_are_known_by_what_they_say() -> None:
    whole = decode(FORMAT, backup([one(uid=None), one(uid="d"), one(uid="d", AMOUNT_ACCOUNT=6.0), one(uid="e")]))
    assert sorted(whole.rows("ledger_entries", "record_id", "entry_amount"), key=str) == [
        ("e", Decimal(-5)),
        (None, Decimal(-5)),
        (None, Decimal(-5)),
        (None, Decimal(-6)),
    ]


def test_an_iphones_tables_read_alike() -> None:
    rows = [
        {"ZUID": "i1", "ZDO_TYPE": "1", "ZASSETUID": "A", "ZAMOUNT": 12.5, "ZAMOUNTACCOUNT": 12.5, "ZCATEGORYUID": "C"},
        {"ZUID": "i2", "ZDO_TYPE": "0", "ZASSETUID": "A", "ZAMOUNT": 3, "ZTXDATESTR": None, "ZMEMO": "nota"},
    ]
    whole = decode(FORMAT, backup(rows, IPHONE))
    columns = ("record_id", "entry_date", "entry_at", "entry_amount", "currency_code", "category_name", "extra")
    moment = dt.datetime(2025, 9, 13, 10, tzinfo=dt.UTC)
    assert whole.rows("ledger_entries", *columns) == [
        ("i1", moment.date(), moment, Decimal("-12.5"), "EUR", "Comida", None),
        ("i2", moment.date(), moment, Decimal(3), "EUR", None, '{"memo":"nota"}'),
    ]
    assert whole.rows("accounts", "account_name", "account_group") == [("Bolsa", "Efectivo")]


def test_the_currency_is_asked_where_the_backup_names_none() -> None:
    bare = """
    CREATE TABLE INOUTCOME (do_type INTEGER, wdate TEXT, zmoney TEXT, assetuid TEXT);
    CREATE TABLE ASSETS (uid TEXT, NIC_NAME TEXT);
    INSERT INTO ASSETS VALUES ('a', 'Cash');
    INSERT INTO INOUTCOME VALUES (1, '2025-09-13', '12.50', 'a');
    """
    connection = sqlite3.connect(":memory:")
    connection.executescript(bare)
    raw = connection.serialize()
    assert asked(FORMAT, raw) == ["currency"]
    columns = ("account_id", "entry_amount", "currency_code")
    assert decode(FORMAT, raw, {"currency": "AED"}).rows("ledger_entries", *columns) == [("a", Decimal("-12.5"), "AED")]
    assert decode(FORMAT, raw).rejects["reason"].to_list() == ["the currency is empty"]


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"DO_TYPE": "9"}, "type", "of a type that Hisab does not know"),
        ({"DO_TYPE": None}, "type", "of a type that Hisab does not know"),
        ({"WDATE": "2025-02-31"}, "day", "no such day"),
        ({"AMOUNT_ACCOUNT": None}, "amount", "the amount is empty"),
        ({"AMOUNT_ACCOUNT": "much"}, "amount", "no digits"),
        ({"AMOUNT_ACCOUNT": float("inf")}, "amount", "no digits"),
        ({"assetUid": ""}, "asset", "the account is empty"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside(cells: dict[str, object], column: str, reason: str) -> None:
    whole = decode(FORMAT, backup([one(), one(uid="bad", **cells)]))
    ((row_no, found, why),) = whole.rejects.select("row_no", "column", "reason").rows()
    assert (row_no, found) == (2, column)
    assert reason in why


def made(*statements: str) -> bytes:
    connection = sqlite3.connect(":memory:")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    return connection.serialize()


def test_other_databases_are_refused_with_the_cure() -> None:
    other = made("CREATE TABLE notes (body TEXT)", "INSERT INTO notes VALUES ('x')")
    with pytest.raises(SourceError, match="SQLite database"):
        recognised(io.BytesIO(other), {})
    with pytest.raises(SourceError, match="no Money Manager backup"):
        decode(FORMAT, other)


def test_nothing_in_the_file_runs() -> None:
    bait = (
        "CREATE TABLE ASSETS (uid TEXT, NIC_NAME TEXT)",
        "CREATE TABLE t (x)",
        "CREATE VIEW INOUTCOME AS SELECT randomblob(1000000000) AS ZMONEY, 1 AS DO_TYPE, 'a' AS assetUid, '' AS WDATE",
    )
    assert not FORMAT.takes(io.BytesIO(made(*bait)))
    generated = made(
        bait[0],
        "CREATE TABLE INOUTCOME (DO_TYPE TEXT, assetUid TEXT, WDATE TEXT, ZMONEY TEXT, "
        "ZCONTENT AS (hex(zeroblob(1000000))))",
        "INSERT INTO INOUTCOME (DO_TYPE, assetUid, WDATE, ZMONEY) VALUES ('1', 'a', '2025-09-13', '5')",
    )
    assert decode(FORMAT, generated, {"currency": "BDT"}).rows("ledger_entries", "note") == [(None,)]


def test_reading_is_bounded_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mmbak_tables, "_SECONDS", -1)
    monkeypatch.setattr(mmbak_tables, "_INSTRUCTIONS", 10)
    with pytest.raises(SourceError, match="damaged or too large"):
        decode(FORMAT, backup())


@settings(max_examples=60)
@given(st.integers(0, 20_000), st.binary(min_size=1, max_size=400), st.booleans())
def test_damaged_backups_end_in_rows_or_one_line(place: int, junk: bytes, cut: bool) -> None:
    whole = backup()
    raw = whole[:place] if cut else whole[:place] + junk + whole[place + len(junk) :]
    said = []
    for step in (FORMAT.takes, FORMAT.questions):
        try:
            step(io.BytesIO(raw))
        except SourceError as error:
            said.append(str(error))
    try:
        decode(FORMAT, raw, {"currency": "BDT"})
    except SourceError as error:
        said.append(str(error))
    assert not any("\n" in line for line in said)


kinds = st.sampled_from(["0", "1", "3", "7", "8"])
ledgers = st.lists(
    st.tuples(kinds, st.sampled_from(["a1", "a2"]), st.integers(1, 10**9), st.booleans()), min_size=1, max_size=30
)


@given(ledgers)
def test_balances_are_those_the_app_derives(ledger: list[tuple[str, str, int, bool]]) -> None:
    rows, wanted = [], Counter[str]()
    for number, (kind, asset, cents, is_gone) in enumerate(ledger):
        other = {"a1": "a2", "a2": "a1"}[asset]
        cells = {"DO_TYPE": kind, "assetUid": asset, "AMOUNT_ACCOUNT": cents / 100, "IS_DEL": int(is_gone)}
        link = {"toAssetUid": other, "txUidTrans": f"x{number}"} if kind == "3" else {}
        rows.append({"uid": f"u{number}", **cells, **link})
        if kind == "3":
            rows.append({"uid": f"m{number}", **cells, **link, "DO_TYPE": "4", "assetUid": other, "toAssetUid": asset})
        if not is_gone:
            wanted[asset] += cents if kind in {"0", "7"} else -cents
            wanted[other] += cents if kind == "3" else 0
    whole = decode(FORMAT, backup(rows))
    assert whole.rejects.is_empty()
    sums = whole.frames["ledger_entries"].group_by("account_id").agg(pl.col("entry_amount").sum()).rows()
    assert {name: int(value * 100) for name, value in sums if value} == {n: c for n, c in wanted.items() if c}


def test_the_schemas_of_the_tests_are_those_of_the_reader() -> None:
    for schema in (ANDROID, IPHONE):
        assert mmbak_tables.is_backup(backup([], schema))
