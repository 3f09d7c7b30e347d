"""The generated entries are the same everywhere, and every form of them holds the same money."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest

from benchmarks import peers
from benchmarks.entries import SEED, Scale, entries_sql
from benchmarks.journals import category_account, write_beancount, write_journal
from benchmarks.measure import run_once
from benchmarks.raw_tables import add_few, add_night, fill_home, open_home
from benchmarks.vocabulary import CATEGORIES, MERCHANTS
from benchmarks.wallet_files import write_wallet_csv
from pipelines.sources.apps.wallet import FORMAT
from warehouse.working_file import working_file

SMALL = Scale(3000)
GOLDEN = "e9f54b261c0125f230012808cadc1b4942eb45801e92660f2b268b939ea62633"
Totals = dict[tuple[str, str, str], Decimal]


def _entries(scale: Scale, first: int = 0, count: int | None = None) -> list[tuple[object, ...]]:
    with duckdb.connect() as con:
        return con.execute(entries_sql(scale, first, count)).fetchall()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bench") / "home"
    fill_home(root, SMALL)
    return root


def _monthly(root: Path) -> Totals:
    home, keyring = open_home(root)
    slugs = {one.name: category_account(one.slug, one.kind) for one in CATEGORIES}
    with working_file(home, keyring, "test", "1GB") as con:
        rows = con.execute(
            "select strftime(entry_date, '%Y-%m'), category_name, currency_code, -sum(entry_amount) "
            "from raw.ledger_entries group by all"
        ).fetchall()
    return {(month, slugs[name], currency): total for month, name, currency, total in rows if total}


def test_the_same_seed_gives_the_same_bytes_on_every_machine(tmp_path: Path) -> None:
    write_wallet_csv(tmp_path / "a.csv", SMALL)
    assert hashlib.sha256((tmp_path / "a.csv").read_bytes()).hexdigest() == GOLDEN


def test_another_seed_gives_other_entries() -> None:
    assert _entries(SMALL) != _entries(Scale(3000, SEED + 1))


def test_any_stretch_can_be_made_again_by_itself() -> None:
    assert _entries(SMALL, 1200, 300) == _entries(SMALL)[1200:1500]


def test_entries_look_like_real_ones() -> None:
    with duckdb.connect() as con:
        entries = con.sql(entries_sql(Scale(20_000)))
        facts = entries.aggregate(
            "count(distinct currency_code), count(distinct category_name), count(distinct entry_date), "
            "count(*) filter (entry_kind = 'transfer'), sum(amount) filter (entry_kind = 'transfer'), "
            "count(*) filter (amount = 0), min(entry_date)::varchar, max(entry_date)::varchar"
        ).fetchone()
        payees = {row[0] for row in entries.project("payee_name").fetchall()}
    assert facts == (3, len(CATEGORIES), 730, 800, Decimal("0.00"), 0, "2024-01-01", "2025-12-30")
    assert len(MERCHANTS) >= 500
    assert any(re.search("[\u0980-\u09ff]", payee) for payee in payees)
    assert any(re.search("[\u0600-\u06ff]", payee) for payee in payees)


def test_the_wallet_export_reads_back_to_the_money_of_the_raw_tables(tmp_path: Path, filled: Path) -> None:
    write_wallet_csv(tmp_path / "w.csv", SMALL)
    with (tmp_path / "w.csv").open("rb") as body:
        decoded = list(FORMAT.read(body, {}))
    assert all(one.rejects.is_empty() for one in decoded)
    frame = pl.concat(batch.frame for one in decoded for batch in one.batches if batch.kind == "ledger_entries")
    slugs = {one.name: category_account(one.slug, one.kind) for one in CATEGORIES}
    totals: Totals = defaultdict(Decimal)
    for day, name, currency, amount in frame.select(
        "entry_date", "category_name", "currency_code", "entry_amount"
    ).iter_rows():
        totals[f"{day:%Y-%m}", slugs[name], currency] -= amount
    assert {key: total for key, total in totals.items() if total} == _monthly(filled)


def test_the_journal_holds_the_money_of_the_raw_tables(tmp_path: Path, filled: Path) -> None:
    """The journal is added up here by hand, and by hledger and ledger where they are installed."""
    journal = tmp_path / "e.journal"
    write_journal(journal, SMALL)
    totals: Totals = defaultdict(Decimal)
    month = ""
    for line in journal.read_text(encoding="utf-8").splitlines():
        if line[:1].isdigit():
            month = line[:7]
        elif line.startswith("  ") and not line.startswith("  Assets"):
            account, amount, currency = line.split()
            totals[month, account, currency] += Decimal(amount)
    assert {key: total for key, total in totals.items() if total} == _monthly(filled)


@pytest.mark.parametrize(
    ("name", "command", "read"),
    [
        ("hledger", peers.hledger_command, peers.hledger_answers),
        ("ledger", peers.ledger_command, peers.ledger_answers),
        ("beancount", peers.beancount_command, peers.beancount_answers),
    ],
)
def test_a_peer_gives_the_totals_of_the_raw_tables(
    tmp_path: Path, filled: Path, name: str, command: object, read: object
) -> None:
    if reason := peers.missing(name):
        pytest.skip(reason)
    journal, monthly, balances = tmp_path / "e.journal", tmp_path / "monthly", tmp_path / "balances"
    (write_beancount if name == "beancount" else write_journal)(journal, SMALL)
    run_once(command(journal, monthly, balances))  # type: ignore[operator]
    answers = read(monthly, balances)  # type: ignore[operator]
    assert answers.monthly == _monthly(filled)
    assert sum(answers.balances.values()) == -sum(answers.monthly.values())


def test_a_night_adds_new_rows_and_corrects_old_ones_of_all_days(tmp_path: Path) -> None:
    root, scale = tmp_path / "home", Scale(20_000)
    fill_home(root, scale)
    before = sum(_monthly(root).values())
    add_night(root, scale)
    home, keyring = open_home(root)
    with working_file(home, keyring, "test", "1GB") as con:
        kinds = con.execute(
            "select version, entry_date = date '2025-12-31', count(*), count(distinct date_trunc('month', entry_date)) "
            "from raw.ledger_entries group by 1, 2 order by 1, 2"
        ).fetchall()
        keys = con.execute("select count(*) = count(distinct _key) from raw.ledger_entries").fetchone()
        untold = con.execute(
            "select count(*) from raw.ledger_entries as e where version = 2 and not exists ("
            "select 1 from raw.changes as c inner join raw.loads as l using (load_seq) where l.load_id = e._load_id "
            "and c.connection_id = e.connection_id and c.month_date = date_trunc('month', e.entry_date))"
        ).fetchone()
    assert kinds == [(1, False, 19_980, 24), (2, False, 20, 20), (2, True, 180, 1)]
    assert keys == (True,)
    assert untold == (0,)
    assert sum(_monthly(root).values()) != before


def test_a_small_night_adds_exactly_ten_rows(tmp_path: Path) -> None:
    root = tmp_path / "home"
    fill_home(root, SMALL)
    add_few(root, SMALL)
    home, keyring = open_home(root)
    with working_file(home, keyring, "test", "1GB") as con:
        assert con.execute("select count(*) from raw.ledger_entries").fetchone() == (3010,)
        counted = con.execute("select sum(merged_count) from raw.load_counts where load_id like 'n_%'").fetchone()
    assert counted == (10,)
