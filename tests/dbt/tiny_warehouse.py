"""A working file made by hand for the dbt tests: raw tables filled as the road fills them, and built on.

Rows are written as a merge leaves them: one per key, with a tombstone for what is gone, and every touched month in
`raw.changes`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from warehouse import build as dbt
from warehouse.build import BuildResult, build
from warehouse.home import Home
from warehouse.mart_contents import BUILD_COLUMNS
from warehouse.record_kinds import KINDS
from warehouse.road_tables import ROAD_TABLES
from warehouse.schema_renderings import ddl
from warehouse.working_file import attach_encrypted, engine, pin_extensions

KEY = "5f" * 32
LOADED_AT = dt.datetime(2026, 11, 1, 2, 0, tzinfo=dt.UTC)
DATELESS = dt.date(1900, 1, 1)
_EVENT_DATE = {kind.name: kind.event_date for kind in KINDS.values() if kind.event_date}


@dataclass
class TinyWarehouse:
    """One encrypted working file; `write` adds rows, `build` runs dbt on it, `rows` reads what came out."""

    home: Home
    load_seq: int = 0
    proofs: dict[str, str] = field(default_factory=dict)
    _changed: set[tuple[str, str, dt.date]] = field(default_factory=set)

    def create(self) -> TinyWarehouse:
        """A fresh file with every raw table, empty."""
        for left in self.home.warehouse_file.parent.glob(f"{self.home.warehouse_file.name}*"):
            left.unlink()
        with self.open() as con:
            con.execute("create schema raw")
            for statement_of_table in [*map(ddl, KINDS.values()), *map(ddl, ROAD_TABLES.values())]:
                con.execute(statement_of_table)
        return self

    @contextmanager
    def open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection to the file, closed again before dbt needs it."""
        con = engine(self.home, "512MB")
        try:
            attach_encrypted(con, self.home.warehouse_file, "wh", KEY)
            con.execute("use wh")
            yield con
        finally:
            con.close()

    def load(self, *rows: dict[str, Any], connection_id: str = "c1", counts: dict[str, int] | None = None) -> None:
        """One merged load: rows name their `kind`, their `connection_id`, `record_id` and own fields."""
        self.load_seq += 1
        load_id, at = f"load-{self.load_seq}", LOADED_AT + dt.timedelta(days=self.load_seq)
        with self.open() as con:
            con.execute("begin")
            for row in rows:
                self._write(con, dict(row), load_id, at)
            con.executemany(
                "insert into raw.changes values (?, ?, ?, ?)", [[self.load_seq, *change] for change in self._changed]
            ) if self._changed else None
            values = [load_id, self.load_seq, connection_id, "hishebi", at, at, 1, 10, None, True, 0, "0.1.0"]
            con.execute(f"insert into raw.loads values ({', '.join('?' * len(values))})", values)
            told = counts or {"read": len(rows), "merged": len(rows), "unchanged": 0, "quarantined": 0}
            con.execute(
                "insert into raw.load_counts values (?, 'ledger_entries', ?, ?, ?, ?, 0)",
                [load_id, told["read"], told["merged"], told["unchanged"], told["quarantined"]],
            )
            con.execute("commit")
        self._changed = set()

    def _write(self, con: duckdb.DuckDBPyConnection, row: dict[str, Any], load_id: str, at: dt.datetime) -> None:
        kind = row.pop("kind")
        key = str(uuid.UUID(hashlib.md5(f"{row['connection_id']}|{row['record_id']}|{kind}".encode()).hexdigest()))  # noqa: S324
        event = _EVENT_DATE.get(kind)
        if event:
            for (day,) in con.execute(f"select {event} from raw.{kind} where _key = ?", [key]).fetchall():
                self._changed.add((kind, row["connection_id"], (day or DATELESS).replace(day=1)))
            self._changed.add((kind, row["connection_id"], (row.get(event) or DATELESS).replace(day=1)))
        else:
            self._changed.add((kind, row["connection_id"], DATELESS))
        con.execute(f"delete from raw.{kind} where _key = ?", [key])
        full = {
            "_key": key,
            "version": self.load_seq,
            "deleted": False,
            "_load_id": load_id,
            "_landed_sha256": "a" * 64,
            "_loaded_at": at,
            **row,
        }
        names = ", ".join(f'"{name}"' for name in full)
        con.execute(f"insert into raw.{kind} ({names}) values ({', '.join('?' * len(full))})", list(full.values()))

    def settle(self, party_id: str, household: str | None = None, currency: str | None = None) -> None:
        """What hisab.toml says of a party."""
        with self.open() as con:
            con.execute("delete from raw.party_settings where party_id = ?", [party_id])
            con.execute(
                "insert into raw.party_settings values (?, ?, ?, ?)", [party_id, household, household, currency]
            )

    def build(self, *, full_refresh: bool = False, tests: bool = True) -> BuildResult:
        """Run dbt on the file."""
        return build(
            warehouse_file=self.home.warehouse_file,
            key=KEY,
            extensions=pin_extensions(self.home),
            spill=self.home.spill,
            target=self.home.dbt / "target",
            logs=self.home.dbt / "logs",
            memory_limit="512MB",
            full_refresh=full_refresh,
            tests=tests,
        )

    def proven(self) -> list[str]:
        """Build, then ask every data test in one session: what failed, as a build with tests finds it, but sooner."""
        problems = list(self.build(tests=False).problems)
        with self.open() as con:
            return problems or [name for name, sql in self.proofs.items() if con.execute(sql).fetchone() is not None]

    def data_tests(self) -> dict[str, str]:
        """Every data test by its name, as dbt would run it on this file: a statement that gives the rows at fault."""
        values = (str(self.home.warehouse_file), KEY, str(pin_extensions(self.home)), str(self.home.spill), "512MB")
        answer = dbt._invoke(
            ["compile", "--select", "test_type:data", *dbt._where(self.home.dbt / "target", self.home.dbt / "logs")],
            environment=dict(zip(dbt._PROFILE_VARIABLES, values, strict=True)),
        )
        return {one.node.name: one.node.compiled_code for one in answer.results}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query on the working file."""
        with self.open() as con:
            return con.execute(sql).fetchall()

    def change(self, *statements: str) -> None:
        """Run statements on the file behind everyone's back; how faults are planted."""
        with self.open() as con:
            for statement in statements:
                con.execute(statement)

    def keep(self, name: str) -> None:
        """Put a copy of the closed file aside."""
        shutil.copyfile(self.home.warehouse_file, self.home.root / name)

    def bring_back(self, name: str) -> None:
        """Put the kept copy in the file's place."""
        for left in self.home.warehouse_file.parent.glob(f"{self.home.warehouse_file.name}*"):
            left.unlink()
        shutil.copyfile(self.home.root / name, self.home.warehouse_file)

    def copy_of_marts(self) -> duckdb.DuckDBPyConnection:
        """The mart tables in an engine of their own, to be read after the file is gone."""
        copy = engine(self.home, "512MB")
        attach_encrypted(copy, self.home.warehouse_file, "wh", KEY)
        tables = copy.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where database_name = 'wh' and schema_name in ('core', 'household', 'property', 'ops')"
        ).fetchall()
        for schema, table in tables:
            copy.execute(f"create schema if not exists {schema}")
            copy.execute(f"create table {schema}.{table} as select * from wh.{schema}.{table}")
        copy.execute("detach wh")
        return copy

    def marts(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every mart, in an order of its own, without what tells the moment of the build."""
        with self.open() as con:
            tables = con.execute(
                "select schema_name || '.' || table_name from duckdb_tables() "
                "where schema_name in ('core', 'household', 'property', 'ops') order by all"
            ).fetchall()
            found = {}
            for (table,) in tables:
                columns = [row[0] for row in con.execute(f"describe {table}").fetchall()]
                kept = [name for name in columns if name not in BUILD_COLUMNS - {"loaded_at"}]
                found[table] = con.execute(f"select {', '.join(kept)} from {table} order by all").fetchall()
            return found


def party(connection_id: str, party_id: str, label: str = "Karim") -> dict[str, Any]:
    """The party of a connection."""
    return {
        "kind": "parties",
        "connection_id": connection_id,
        "record_id": "party",
        "party_id": party_id,
        "party_label": label,
        "party_kind": "person",
    }


def consent(connection_id: str, party_id: str, source: str = "hishebi") -> dict[str, Any]:
    """The consent of a connection."""
    return {
        "kind": "consents",
        "connection_id": connection_id,
        "record_id": "consent",
        "party_id": party_id,
        "source_name": source,
        "connection_label": f"{source} of {party_id}",
        "scopes": "ledger.read",
        "purpose": "To show you your money.",
        "granted_at": LOADED_AT,
        "expires_at": LOADED_AT + dt.timedelta(days=180),
    }


def account(connection_id: str, record_id: str = "cash", **more: Any) -> dict[str, Any]:
    """An account of a connection; `number_key` lets other connections tell of the same one."""
    return {
        "kind": "accounts",
        "connection_id": connection_id,
        "record_id": record_id,
        "account_name": "নগদ টাকা",
        "account_kind": "cash",
        "currency_code": "BDT",
        **more,
    }


def entry(
    connection_id: str, record_id: str, day: str, amount: str, *, entry_kind: str = "", **more: Any
) -> dict[str, Any]:
    """A ledger entry; its kind goes by the sign when none is given."""
    return {
        "kind": "ledger_entries",
        "connection_id": connection_id,
        "record_id": record_id,
        "account_id": "cash",
        "entry_date": dt.date.fromisoformat(day),
        "entry_kind": entry_kind or ("expense" if Decimal(amount) < 0 else "income"),
        "entry_amount": Decimal(amount),
        "currency_code": "BDT",
        **more,
    }


def bank_row(connection_id: str, record_id: str, day: str, amount: str, **more: Any) -> dict[str, Any]:
    """A booked bank transaction."""
    return {
        "kind": "bank_transactions",
        "connection_id": connection_id,
        "record_id": record_id,
        "account_id": "current",
        "booked_date": dt.date.fromisoformat(day),
        "transaction_amount": Decimal(amount),
        "currency_code": "BDT",
        "booking_status": "booked",
        **more,
    }


def balance(connection_id: str, day: str, amount: str, kind: str = "ledger", **more: Any) -> dict[str, Any]:
    """A balance a bank reports; one per connection, kind and day."""
    return {
        "kind": "balances",
        "connection_id": connection_id,
        "record_id": f"{kind} {day} {more.get('account_id', '')}",
        "account_id": "current",
        "balance_kind": kind,
        "balance_amount": Decimal(amount),
        "currency_code": "BDT",
        "balance_date": dt.date.fromisoformat(day),
        **more,
    }


def statement(
    connection_id: str, days: tuple[str, str], opening: str, moved: str, closing: str, **more: Any
) -> dict[str, Any]:
    """A bank statement over the days from first to last, with what it says and what was read of it."""
    first, last = days
    return {
        "kind": "statements",
        "connection_id": connection_id,
        "record_id": f"{first} {last}",
        "account_id": "current",
        "first_date": dt.date.fromisoformat(first),
        "last_date": dt.date.fromisoformat(last),
        "opening_amount": Decimal(opening),
        "transactions_amount": Decimal(moved),
        "closing_amount": Decimal(closing),
        "transactions_count": 1,
        "currency_code": "BDT",
        **more,
    }


def record(kind: str, connection_id: str, record_id: str, **fields: Any) -> dict[str, Any]:
    """A row of any kind, in taka where nothing else is said; days may be given as text and sums as digits."""
    told: dict[str, Any] = {"currency_code": "BDT"} if "currency_code" in KINDS[kind].own_names else {}
    for name, value in {**told, **fields}.items():
        if name.endswith(("_date", "_month")) and value is not None:
            told[name] = dt.date.fromisoformat(value)
        else:
            told[name] = Decimal(value) if name.endswith(("_amount", "_rate")) and value is not None else value
    return {"kind": kind, "connection_id": connection_id, "record_id": record_id, **told}


def home_of(folder: Path) -> Home:
    """A home in a folder, with its subfolders."""
    made = Home(folder)
    made.make_folders()
    return made


def fill_with_karim(tiny: TinyWarehouse) -> TinyWarehouse:
    """Karim with a ledger and a bank, in April and May 2026; every number of the golden tests is from here."""
    tiny.load(
        party("c1", "p1"),
        consent("c1", "p1"),
        account("c1"),
        entry("c1", "open", "2026-04-01", "1000", entry_kind="opening_balance"),
        entry("c1", "pay", "2026-04-05", "42000", category_name="salary"),
        entry("c1", "food", "2026-04-06", "-1850.50", category_name="মুদি বাজার", payee_name="আগোরা"),
        entry("c1", "back", "2026-04-07", "50.50", category_name="Groceries", entry_kind="expense"),
        entry("c1", "rahim", "2026-04-12", "-5000", entry_kind="debt_payment", counterparty_name="Rahim"),
        entry("c1", "kites", "2026-04-13", "-200", category_group="Fun", category_name="Kites"),
        entry("c1", "dps", "2026-04-14", "-3000", category_name="dps"),
        entry("c1", "move", "2026-04-15", "-700", entry_kind="transfer", transfer_account="bKash"),
        entry("c1", "usd", "2026-04-16", "-12.3456", category_name="software", currency_code="USD"),
        entry("c1", "may", "2026-05-02", "-100", category_name="rent"),
    )
    tiny.load(
        party("c2", "p1"),
        consent("c2", "p1", "ofx"),
        bank_row("c2", "b1", "2026-05-03", "-40", payee_name="WASA"),
        connection_id="c2",
    )
    return tiny
