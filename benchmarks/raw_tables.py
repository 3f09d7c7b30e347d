"""The entries as raw tables inside a home's encrypted working file, as if every party had imported a Wallet export.

This is where a build starts, so that builds can be measured apart from imports. Put here the filling of raw tables
and the nights that change them; keep out landing (nothing is landed: such a home cannot be rebuilt) and builds.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from benchmarks.entries import Scale, entries_sql
from warehouse.home import Home
from warehouse.keys import Keyring, make_keyring, open_keyring
from warehouse.working_file import working_file

FILL_MEMORY = "4GB"
"""Engine memory while data is made; not part of any measurement."""

NIGHT_SHARE = 100
"""A night changes one row in so many: nine tenths of them new, a tenth late corrections of any day."""

_FIRST_PULL = "2026-01-02 02:00:00+00"
_NIGHT_PULL = "2026-01-03 02:00:00+00"
_BANK_AND_CASH = "(values ('Bank', 'other'), ('Cash', 'cash')) as kinds (account_name, account_kind)"
_CONNECTION = "printf('c_%06d', party_no)"


def open_home(root: Path) -> tuple[Home, Keyring]:
    """The home at `root` and its keys; it is made when there is none."""
    home = Home(root.absolute())
    if home.keys.is_dir():
        return home, open_keyring(home)
    home.make_folders()
    return home, make_keyring(home)


def fill_home(root: Path, scale: Scale) -> None:
    """Make a home whose raw tables hold the entries of `scale`, one connection and one load a party."""
    home, keyring = open_home(root)
    with working_file(home, keyring, "benchmark data", FILL_MEMORY) as con:
        con.execute("begin transaction")
        _fill_parties(con, scale)
        _insert_entries(con, entries_sql(scale), version=1, pulled_at=_FIRST_PULL, load_prefix="l")
        _write_books(con, load_prefix="l", pulled_at=_FIRST_PULL)
        con.execute("commit")


def add_night(root: Path, scale: Scale) -> None:
    """Change one row in NIGHT_SHARE: new ones on the day after the last, corrections scattered over all days."""
    changed = scale.entries // NIGHT_SHARE
    late = changed // 10
    _add_rows(root, scale, new=changed - late, correct_every=scale.entries // late)


def add_few(root: Path, scale: Scale, count: int = 10) -> None:
    """Add a handful of new entries on the day after the last."""
    _add_rows(root, scale, new=count, correct_every=0)


def _add_rows(root: Path, scale: Scale, *, new: int, correct_every: int) -> None:
    """Merge `new` entries and a corrected amount for every so-manieth old one, as the road's merge leaves them."""
    home, keyring = open_home(root)
    with working_file(home, keyring, "benchmark data", FILL_MEMORY) as con:
        con.execute("begin transaction")
        incoming = entries_sql(scale, first=scale.entries, count=new)
        if correct_every:
            # The eighth of each stretch is never a transfer's leg, so a correction keeps its entry's kind.
            old = entries_sql(scale)
            incoming += f"""
                union all by name
                select * replace (amount + sign(amount) as amount) from ({old})
                where entry_no % {correct_every} = 7
            """
        con.execute(f"create temp table _incoming as {incoming}")
        con.execute(f"delete from raw.ledger_entries where _key in (select {_entry_key()} from _incoming)")
        _insert_entries(con, "from _incoming", version=2, pulled_at=_NIGHT_PULL, load_prefix="n")
        _write_books(con, load_prefix="n", pulled_at=_NIGHT_PULL)
        con.execute("drop table _incoming")
        con.execute("commit")


def _fill_parties(con: duckdb.DuckDBPyConnection, scale: Scale) -> None:
    """One party, consent and connection each, with two accounts in the party's currency."""
    road = f"""
        cast(null as varchar) as extra, 1 as version, false as deleted, printf('l_%06d', party_no) as _load_id,
        '{"0" * 64}' as _landed_sha256, timestamptz '{_FIRST_PULL}' as _loaded_at
    """
    parties = f"(select range as party_no from range({scale.parties})) as parties"
    con.execute(f"""
        insert into raw.parties by name
        select {_key(_CONNECTION, "'party'")} as _key, {_CONNECTION} as connection_id, 'party' as record_id,
            printf('p_%06d', party_no) as party_id, printf('Person %06d', party_no) as party_label,
            'person' as party_kind, {road}
        from {parties}
    """)
    con.execute(f"""
        insert into raw.consents by name
        select {_key(_CONNECTION, "'consent'")} as _key, {_CONNECTION} as connection_id, 'consent' as record_id,
            printf('p_%06d', party_no) as party_id, 'wallet' as source_name,
            'Wallet by BudgetBakers (CSV)' as connection_label, '' as scopes,
            'kept for the party that handed the file over' as purpose,
            timestamptz '{_FIRST_PULL}' as granted_at, {road}
        from {parties}
    """)
    con.execute(f"""
        insert into raw.accounts by name
        select {_key(_CONNECTION, "account_name")} as _key, {_CONNECTION} as connection_id,
            account_name as record_id, account_name, account_kind, {road}
        from {parties}, {_BANK_AND_CASH}
    """)


def _key(connection: str, record: str) -> str:
    """The raw key of a row, made as the road makes it."""
    return f"md5({connection} || chr(31) || {record})::uuid"


def _entry_key() -> str:
    return _key(_CONNECTION, "'e_' || entry_no")


def _insert_entries(
    con: duckdb.DuckDBPyConnection, entries: str, *, version: int, pulled_at: str, load_prefix: str
) -> None:
    """Insert the entries in one statement; `_written` remembers each connection's months and row counts."""
    con.execute(f"""
        insert into raw.ledger_entries by name
        select
            {_entry_key()} as _key,
            {_CONNECTION} as connection_id,
            'e_' || entry_no as record_id,
            account_name as account_id,
            entry_date,
            entry_at::timestamptz as entry_at,
            entry_kind,
            amount as entry_amount,
            currency_code,
            category_name,
            nullif(payee_name, '') as payee_name,
            case
                when entry_kind = 'transfer' then case account_name when 'Cash' then 'Bank' else 'Cash' end
            end as transfer_account,
            nullif(note, '') as note,
            nullif(labels, '') as labels,
            case account_name when 'Cash' then '{{"payment_type":"Cash"}}' else '{{"payment_type":"Debit card"}}' end
                as extra,
            {version} as version,
            false as deleted,
            printf('{load_prefix}_%06d', party_no) as _load_id,
            '{"0" * 64}' as _landed_sha256,
            timestamptz '{pulled_at}' as _loaded_at
        from ({entries})
    """)
    con.execute(f"""
        create temp table _written as
        select connection_id, date_trunc('month', entry_date)::date as month_date, count(*) as row_count
        from raw.ledger_entries where starts_with(_load_id, '{load_prefix}_')
        group by all
    """)


def _write_books(con: duckdb.DuckDBPyConnection, *, load_prefix: str, pulled_at: str) -> None:
    """One load a touched connection, its counts, and its changed months, from what `_insert_entries` noted."""
    con.execute(f"""
        create temp table _loads as
        select
            connection_id,
            '{load_prefix}' || substr(connection_id, 2) as load_id,
            (select coalesce(max(load_seq), 0) from raw.loads) + row_number() over (order by connection_id) as load_seq,
            sum(row_count)::bigint as row_count
        from _written group by connection_id
    """)
    con.execute(f"""
        insert into raw.loads by name
        select load_id, load_seq, connection_id, 'wallet' as source_name,
            timestamptz '{pulled_at}' as pulled_at, timestamptz '{pulled_at}' as merged_at,
            1 as page_count, row_count * 130 as byte_count, true as is_complete, 0 as held_back_count,
            '0' as code_version
        from _loads
    """)
    con.execute("""
        insert into raw.load_counts by name
        select load_id, 'ledger_entries' as record_kind, row_count as read_count, row_count as merged_count,
            0 as unchanged_count, 0 as quarantined_count, 0 as deleted_count
        from _loads
    """)
    con.execute("""
        insert into raw.changes by name
        select load_seq, 'ledger_entries' as record_kind, connection_id, month_date
        from _written inner join _loads using (connection_id)
    """)
    con.execute("drop table _loads")
    con.execute("drop table _written")
