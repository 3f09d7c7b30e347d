"""Ledgers for the tests of exports: any entries people write, a warehouse that holds them, and a file written and read.

A ledger is generated as people make it: plain entries, transfers as pairs or alone, splits. What a target should give
back is in the tests; here is only what went in and what came out.
"""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

import duckdb
import polars as pl
from hypothesis import strategies as st

from pipelines.outputs.entries.selecting import Wanted, choose
from pipelines.outputs.entries.target import Report
from pipelines.outputs.entries.writing import TARGETS, _report, _write
from pipelines.outputs.minor_units import digits_of
from pipelines.sources.apps import actual, firefly, hisab_csv, wallet, ynab_register
from pipelines.sources.source import FileFormat
from warehouse.keys import Keyring
from warehouse.record_kinds import KINDS
from warehouse.road_tables import ROAD_TABLES
from warehouse.schema_renderings import ddl, polars_schema

READERS: dict[str, FileFormat] = {
    "ynab": ynab_register.FORMAT,
    "actual": actual.FORMAT,
    "firefly": firefly.FORMAT,
    "wallet": wallet.FORMAT,
    "csv": hisab_csv.FORMAT,
}
"""What reads back what each target writes."""
UTC = dt.UTC


@dataclass(frozen=True)
class Entry:
    """One entry, by the names of the record kind; `pair` is equal on both legs of a transfer."""

    account: str
    date: dt.date
    amount: Decimal
    kind: str = "expense"
    currency: str = "USD"
    at: dt.datetime | None = None
    group: str | None = None
    category: str | None = None
    payee: str | None = None
    counterparty: str | None = None
    transfer_account: str | None = None
    note: str | None = None
    labels: str | None = None
    cleared: str | None = None
    split: str | None = None
    transfer_group: str | None = None
    excluded: str | None = None
    original: Decimal | None = None
    original_currency: str | None = None
    pair: str | None = field(default=None, compare=False)

    @property
    def by_sign(self) -> str:
        return "income" if self.amount > 0 else "expense"


_WORDS = [
    "=1+1",
    "+880",
    "-x",
    "@sum",
    "চাল, ডাল",
    "إيجار",
    'say "so"',
    "two\nlines",
    "cr\ronly",
    "a;b",
    "O'Neil",
    "|",
    "€",
]
TEXTS = st.lists(
    st.one_of(st.sampled_from(_WORDS), st.text(st.sampled_from("abক্ষسﷺ ,;\"'\n\\-=0🙂"), min_size=1, max_size=6)),
    min_size=1,
    max_size=2,
).map(" ".join).filter(lambda text: bool(text.strip()))  # fmt: skip
NAMES = st.sampled_from(["Cash", "নগদ", "بنك", 'My "bank"', "=Card", "Savings; EUR", "a,b"])
CURRENCIES = ("USD", "BDT", "JPY", "KWD")
DATES = st.dates(dt.date(2025, 12, 30), dt.date(2026, 1, 3))
TIMES = st.none() | st.builds(dt.datetime.combine, DATES, st.times(), st.just(UTC))


@st.composite
def amounts(draw: st.DrawFn, currency: str, *, fine: bool = False) -> Decimal:
    """A signed amount in the currency's own decimals, or in four."""
    digits = 4 if fine else digits_of(currency)
    return Decimal(draw(st.integers(-(10**9), 10**9))).scaleb(-digits)


@st.composite
def plain_entries(draw: st.DrawFn, names: list[str]) -> list[Entry]:
    """One entry of any kind but a transfer."""
    currency = draw(st.sampled_from(CURRENCIES))
    original = draw(st.sampled_from([None, None, "EUR"]))
    amount = draw(amounts(currency, fine=draw(st.integers(0, 9)) == 0))
    entry = Entry(
        account=draw(st.sampled_from(names)),
        date=draw(DATES),
        amount=amount,
        kind=draw(st.sampled_from(["income", "expense", "expense", "opening_balance", "adjustment", "debt_payment"])),
        currency=currency,
        at=draw(TIMES),
        group=draw(st.none() | TEXTS),
        category=draw(st.none() | TEXTS.map(str.strip)),
        payee=draw(st.none() | TEXTS),
        counterparty=draw(st.none() | TEXTS),
        note=draw(st.none() | TEXTS),
        labels=draw(
            st.none() | st.lists(st.sampled_from(["home", "ঈদ", "سفر", "=x"]), min_size=1, max_size=2).map(", ".join)
        ),
        cleared=draw(st.sampled_from([None, "Cleared", "Not cleared", "reconciled", "odd"])),
        excluded=draw(st.sampled_from([None, None, "budget"])),
    )
    if original:
        sign = -1 if amount < 0 else 1
        entry = replace(entry, original=sign * Decimal("7.25"), original_currency=original)
    return [entry]


@st.composite
def splits(draw: st.DrawFn, names: list[str]) -> list[Entry]:
    """The parts of one split."""
    whole = replace(draw(plain_entries(names))[0], original=None, original_currency=None)
    count = draw(st.integers(2, 3))
    return [
        replace(
            whole,
            amount=draw(amounts(whole.currency)),
            kind=draw(st.sampled_from(["income", "expense"])),
            category=draw(st.none() | TEXTS.map(str.strip)),
            note=draw(st.none() | TEXTS),
            split="s",
        )
        for _ in range(count)
    ]


@st.composite
def transfers(draw: st.DrawFn, names: list[str]) -> list[Entry]:
    """Both legs of a transfer that names them one movement, in one currency or two; or a leg without a partner."""
    leaving = draw(st.sampled_from(names))
    others = [name for name in names if name != leaving]
    currency = draw(st.sampled_from(CURRENCIES))
    amount = abs(draw(amounts(currency))) or Decimal(1)
    shared = Entry(leaving, draw(DATES), -amount, "transfer", currency, draw(TIMES), note=draw(st.none() | TEXTS))
    if not others or draw(st.booleans()):
        return [
            replace(shared, transfer_account=draw(st.sampled_from([None, "Elsewhere"])), payee=draw(st.none() | TEXTS))
        ]
    arriving = draw(st.sampled_from(others))
    other_currency = draw(st.sampled_from([currency, currency, *CURRENCIES]))
    arrived = amount if other_currency == currency else abs(draw(amounts(other_currency))) or Decimal(2)
    legs = [
        replace(shared, transfer_account=arriving, transfer_group="t", pair="p"),
        replace(
            shared,
            account=arriving,
            amount=arrived,
            currency=other_currency,
            transfer_account=leaving,
            transfer_group="t",
            pair="p",
        ),
    ]
    if draw(st.integers(0, 4)) == 0:
        legs[1] = replace(legs[1], note=draw(TEXTS), date=draw(DATES))
    return legs


@st.composite
def ledgers(draw: st.DrawFn) -> list[Entry]:
    """Any ledger."""
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    groups = draw(st.lists(st.one_of(plain_entries(names), splits(names), transfers(names)), min_size=1, max_size=6))
    return [
        replace(
            entry,
            split=entry.split and f"{entry.split}{number}",
            transfer_group=entry.transfer_group and f"{entry.transfer_group}{number}",
            pair=entry.pair and f"{entry.pair}{number}",
        )
        for number, group in enumerate(groups)
        for entry in group
    ]


_COLUMNS = {
    "account": "account_id",
    "date": "entry_date",
    "at": "entry_at",
    "kind": "entry_kind",
    "amount": "entry_amount",
    "currency": "currency_code",
    "group": "category_group",
    "category": "category_name",
    "payee": "payee_name",
    "counterparty": "counterparty_name",
    "transfer_account": "transfer_account",
    "note": "note",
    "labels": "labels",
    "cleared": "cleared_status",
    "split": "split_group",
    "transfer_group": "transfer_group",
    "excluded": "excluded_from",
    "original": "original_amount",
    "original_currency": "original_currency_code",
}


def warehouse_of(entries: Iterable[Entry], connection: str = "c_1") -> duckdb.DuckDBPyConnection:
    """An engine whose raw tables hold the entries, each account named by its id."""
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    con.execute("create schema raw")
    for table in (
        *(KINDS[name] for name in ("parties", "accounts", "ledger_entries", "budgets")),
        ROAD_TABLES["loads"],
    ):
        con.execute(ddl(table))
    fill(con, entries, connection)
    return con


def fill(con: duckdb.DuckDBPyConnection, entries: Iterable[Entry], connection: str) -> None:
    """Put entries of one more connection into the raw tables."""
    rows = [
        {column: getattr(entry, name) for name, column in _COLUMNS.items()}
        | {"row_no": number, "record_id": f"r{number}"}
        for number, entry in enumerate(entries, 1)
    ]
    frame = pl.DataFrame(rows, schema=polars_schema(KINDS["ledger_entries"])).to_arrow()  # noqa: F841 - the engine's
    own = ", ".join(f'"{column.name}"' for column in KINDS["ledger_entries"].fields)
    con.execute(
        f"insert into raw.ledger_entries select md5(? || row_no)::uuid, ?, record_id, {own}, extra, 1, false, "
        "'l', 'x', now() from frame",
        [connection, connection],
    )
    con.execute(
        "insert into raw.accounts (_key, connection_id, record_id, account_name, account_kind, version, deleted, "
        "_load_id, _landed_sha256, _loaded_at) select distinct md5(? || account_id)::uuid, ?, account_id, account_id, "
        "'other', 1, false, 'l', 'x', now() from frame",
        [connection, connection],
    )


@dataclass(frozen=True)
class Trip:
    """A file written for a target and what its reader makes of it."""

    report: Report
    body: bytes
    entries: list[Entry]
    rejects: int


def written(
    con: duckdb.DuckDBPyConnection, form: str, keyring: Keyring, wanted: Wanted | None = None
) -> tuple[Report, bytes, str]:
    """The report, the file and its one currency (or empty)."""
    target = TARGETS[form]
    chosen = choose(con, keyring, wanted or Wanted(), one_currency=target.one_currency)
    report, file = _report(target, chosen), io.BytesIO()
    _write(con, target, chosen, file, report, lambda _done, _total: None)
    return report, file.getvalue(), chosen.currency


def round_trip(entries: Iterable[Entry], form: str, keyring: Keyring) -> Trip:
    """Write a ledger for a target and read the file back with the target's own reader, its questions answered."""
    con = warehouse_of(entries)
    try:
        report, body, currency = written(con, form, keyring)
    finally:
        con.close()
    reader = READERS[form]
    assert reader.sniff(body[:65536])
    answers = {"currency": currency, "decimal_mark": "point"}
    asked = {question.name for question in reader.questions(io.BytesIO(body))}
    assert asked <= set(answers)
    stretches = list(reader.read(io.BytesIO(body), {name: answers[name] for name in asked}))
    batches = [batch for stretch in stretches for batch in stretch.batches]
    frame = pl.concat(batch.frame for batch in batches if batch.kind == "ledger_entries")
    read = [Entry(**{name: row[column] for name, column in _COLUMNS.items()}) for row in frame.iter_rows(named=True)]
    return Trip(report, body, read, sum(stretch.rejects.height for stretch in stretches))


def bag(entries: Iterable[Entry], forget: Mapping[str, object] | None = None) -> Counter[Entry]:
    """The entries without the names of their groups, counted."""
    nothing = {"split": None, "transfer_group": None, **(forget or {})}
    return Counter(replace(entry, **nothing) for entry in entries)  # type: ignore[arg-type]


def groups(entries: Iterable[Entry], of: Callable[[Entry], str | None]) -> Counter[frozenset[tuple[Entry, int]]]:
    """Which entries belong together, whatever their group is called."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        if (name := of(entry)) is not None:
            found.setdefault(name, []).append(entry)
    return Counter(frozenset(bag(members).items()) for members in found.values())
