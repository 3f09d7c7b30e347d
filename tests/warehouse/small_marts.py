"""A working file with two small marts that must always agree, for the tests of publishing and reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from warehouse.home import Home
from warehouse.keys import Keyring
from warehouse.publish import publish
from warehouse.snapshots import Published
from warehouse.working_file import working_file


def fill(con: duckdb.DuckDBPyConnection, version: int) -> None:
    """Make the marts of one version: the report is the sum of the facts, and every row carries the version."""
    con.execute("create schema if not exists wh.core")
    con.execute("create schema if not exists wh.household")
    con.execute(
        """
        create or replace table wh.core.fct_transactions (
            transaction_key varchar not null primary key,
            payee_name varchar,
            currency_code varchar not null,
            transaction_amount decimal(18, 4) not null check (transaction_amount <> 0),
            version bigint
        )
        """
    )
    con.execute("comment on table wh.core.fct_transactions is 'One row per entry; it''s signed.'")
    con.execute("comment on column wh.core.fct_transactions.payee_name is 'Who was paid: বাংলা, العربية.'")
    con.execute(
        f"""
        insert into wh.core.fct_transactions
        select 'k' || i, case when i % 3 = 0 then 'আগোরা' end, case when i % 2 = 0 then 'BDT' else 'AED' end,
               cast(i + {version} as decimal(18, 4)) / 100 + 0.0001, {version}
        from range(1, 400) as r(i)
        """
    )
    con.execute(
        """
        create or replace table wh.household.rpt_totals as
        select currency_code, sum(transaction_amount)::decimal(38, 4) as total_amount, max(version) as version
        from wh.core.fct_transactions group by currency_code
        """
    )


@contextmanager
def filled(home: Home, keyring: Keyring, version: int = 1) -> Iterator[duckdb.DuckDBPyConnection]:
    """The open working file holding one version of the marts."""
    with working_file(home, keyring, "test", "500MB") as con:
        fill(con, version)
        yield con


def publish_version(home: Home, keyring: Keyring, version: int, keep: int = 7) -> Published:
    """Fill and publish one version as run `r<version>`."""
    with filled(home, keyring, version) as con:
        return publish(con, home, keyring, run_id=f"r{version}", facts={"version": version}, keep=keep)
