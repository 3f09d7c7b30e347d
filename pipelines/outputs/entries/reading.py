"""The entries of the warehouse as a stream of frames, in order, with what splits and transfers need of each other.

Put here what is true of an entry whatever app it goes to. Keep out any app's layout. Memory stays bounded: some days
are sorted at a time, and one batch is held.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import duckdb
import polars as pl

from pipelines.outputs.entries.selecting import CHOSEN, Chosen
from warehouse.record_kinds import LEDGER_ENTRIES

BATCH_ROWS = 50_000
SLICE_ROWS = 400_000
"""Entries that are sorted at once; ten million would need more memory than the engine may take."""
ACCOUNT_FACTS = ("account_kind", "account_group", "institution_name", "masked_number", "number_key")
"""What is told of an account beside its name and currency."""


def read_entries(con: duckdb.DuckDBPyConnection, chosen: Chosen) -> Iterator[pl.DataFrame]:
    """The chosen entries, by day and account, the parts of a split one after another.

    Columns: the record kind's own (`account_id` and the groups unique over connections, `""` read as null), and
        entry_key: the row's key in the warehouse.
        account, account_name, account_currency_code, ACCOUNT_FACTS, party_label, source_name: whose and where.
        other_account: name, in the file, of a transfer's other account; null where nobody knows it.
        other_amount, other_currency_code, is_arrival, is_paired, is_told_by_time: of a transfer, its other leg; whether
            this leg is the one that arrives; whether the two were found; whether time and worth alone tell them.
        worth_amount: a transfer's worth in the currency it left in, else the amount; not negative.
        is_mirror: whether the other leg, where it was found, tells the same beside its account and amount.
        part_no, part_count, total_amount: of a split on one day, in one account and currency; else null.
        first_key, is_one_way: of such a split, its first part's key; whether no part is a transfer and all have one
            sign.
    """
    only = f"and entries.currency_code = '{chosen.currency}'" if chosen.currency else ""
    con.execute(_SPLITS.format(only=only))
    con.execute(_LEGS.format(only=only))
    con.execute(_PAIRS)
    con.execute(_TWINS)
    own = _own_columns("''" if chosen.is_one_connection else "entries.connection_id || '/'")
    entries = _ENTRIES.format(only=only, own=own, facts=_facts())
    for first, last in _slices(con, only):
        for batch in con.execute(entries, {"first": first, "last": last}).to_arrow_reader(BATCH_ROWS):
            frame = pl.from_arrow(batch)
            if isinstance(frame, pl.DataFrame) and frame.height:
                yield frame


def _slices(con: duckdb.DuckDBPyConnection, only: str) -> list[tuple[dt.date, dt.date]]:
    """Spans of whole days, in order, each of few enough entries that the engine sorts it in memory."""
    days = con.execute(f"select entries.entry_date, count(*) {CHOSEN} {only} group by all order by all").fetchall()
    spans: list[tuple[dt.date, dt.date]] = []
    held = SLICE_ROWS
    for day, count in days:
        if held + count > SLICE_ROWS:
            spans.append((day, day))
            held = 0
        spans[-1] = (spans[-1][0], day)
        held += count
    return spans


def _own_columns(prefix: str) -> str:
    grouped = {"account_id", "split_group", "transfer_group"}
    columns = ["nullif(entries.record_id, '') as record_id"]
    for field in LEDGER_ENTRIES.fields:
        cell = f"entries.{field.name}"
        if field.name in grouped:
            columns.append(f"{prefix} || nullif({cell}, '') as {field.name}")
        else:
            columns.append(f"nullif({cell}, '') as {field.name}" if field.type.value == "text" else cell)
    return ", ".join([*columns, "entries.extra"])


def _facts() -> str:
    return ", ".join(f"facts.{name}" for name in ACCOUNT_FACTS)


_SPLITS = f"""
    create or replace temp table export_splits as
    select
        _key,
        part_no,
        part_count,
        total_amount,
        first_at,
        min(_key) over whole as first_key,
        coalesce(max(entry_kind = 'transfer') over whole, false) = false
        and (min(entry_amount) over whole > 0 or max(entry_amount) over whole <= 0) as is_one_way
    from (
        select
            entries._key,
            entries.connection_id,
            entries.split_group,
            entries.entry_kind,
            entries.entry_amount,
            row_number() over (
                partition by entries.connection_id, entries.split_group
                order by try_cast(regexp_extract(entries.extra, '"split":"([0-9]+)/', 1) as integer), entries.record_id,
                    entries._key
            ) as part_no,
            count(*) over whole as part_count,
            sum(entries.entry_amount) over whole as total_amount,
            min(entries.entry_at) over whole as first_at,
            min(entries.account_id) over whole = max(entries.account_id) over whole
            and min(entries.entry_date) over whole = max(entries.entry_date) over whole
            and min(entries.currency_code) over whole = max(entries.currency_code) over whole as is_one_place
        {CHOSEN} and entries.split_group is not null and entries.split_group <> '' {{only}}
        window whole as (partition by entries.connection_id, entries.split_group)
    ) as parts
    where is_one_place and part_count > 1
    window whole as (partition by connection_id, split_group)
"""
_LEGS = f"""
    create or replace temp table export_legs as
    select
        entries._key,
        entries.connection_id,
        entries.account_id,
        entries.entry_date,
        entries.entry_amount,
        entries.currency_code,
        nullif(entries.transfer_group, '') as transfer_group,
        accounts.account,
        named.account_id as other_id,
        coalesce(named.account, nullif(trim(entries.transfer_account), '')) as other_account,
        case
            when entries.entry_at is null or entries.entry_at::date <> entries.entry_date
                then entries.entry_date::timestamp
            else date_trunc('millisecond', entries.entry_at::timestamp)
        end as stamp,
        hash(
            entries.entry_date, entries.entry_at, nullif(entries.note, ''), nullif(entries.labels, ''),
            nullif(entries.category_name, ''), nullif(entries.cleared_status, '')
        ) as told
    from (select entries.* {CHOSEN} and entries.entry_kind = 'transfer' {{only}}) as entries
    inner join export_accounts as accounts
        on entries.connection_id = accounts.connection_id and entries.account_id = accounts.account_id
    left join (
        select connection_id, account_name, min(account_id) as account_id, min(account) as account
        from export_accounts group by connection_id, account_name having count(*) = 1
    ) as named
        on entries.connection_id = named.connection_id and trim(entries.transfer_account) = named.account_name
"""
_PAIRS = """
    create or replace temp table export_pairs as
    with numbered as (
        select
            *,
            row_number() over (
                partition by connection_id, entry_date, currency_code, entry_amount, account_id, other_id order by _key
            ) as number
        from export_legs where transfer_group is null and other_id is not null
    ), told as (
        select
            arg_min(_key, entry_amount) as out_key,
            arg_max(_key, entry_amount) as in_key
        from export_legs where transfer_group is not null
        group by connection_id, transfer_group
        having count(*) = 2 and count(distinct account_id) = 2 and min(entry_amount) < 0 and max(entry_amount) > 0
    ), found as (
        select left_legs._key as out_key, came_legs._key as in_key
        from numbered as left_legs
        inner join numbered as came_legs
            on left_legs.connection_id = came_legs.connection_id
            and left_legs.entry_date = came_legs.entry_date
            and left_legs.currency_code = came_legs.currency_code
            and left_legs.entry_amount = -came_legs.entry_amount
            and left_legs.account_id = came_legs.other_id
            and left_legs.other_id = came_legs.account_id
            and left_legs.number = came_legs.number
        where left_legs.entry_amount < 0
    ), pairs as (select * from told union all select * from found)
    select out_key as _key, in_key as other_key, false as is_arrival from pairs
    union all
    select in_key, out_key, true from pairs
"""
_TWINS = """
    create or replace temp table export_transfers as
    select
        legs._key,
        coalesce(other.account, legs.other_account) as other_account,
        other.entry_amount as other_amount,
        other.currency_code as other_currency_code,
        coalesce(pairs.is_arrival, legs.entry_amount > 0) as is_arrival,
        pairs.other_key is not null as is_paired,
        abs(case when pairs.is_arrival then other.entry_amount else legs.entry_amount end) as worth_amount,
        count(*) over (partition by legs.stamp, worth_amount) = 2
        and coalesce(legs.stamp = other.stamp, false) as is_told_by_time,
        coalesce(legs.told is not distinct from other.told, false) as is_mirror
    from export_legs as legs
    left join export_pairs as pairs on legs._key = pairs._key
    left join export_legs as other on pairs.other_key = other._key
"""
_ENTRIES = f"""
    select
        entries._key::varchar as entry_key,
        {{own}},
        accounts.account,
        accounts.account_name,
        facts.currency_code as account_currency_code,
        {{facts}},
        accounts.party_label,
        accounts.source_name,
        legs.other_account,
        legs.other_amount,
        legs.other_currency_code,
        coalesce(legs.is_arrival, false) as is_arrival,
        coalesce(legs.is_paired, false) as is_paired,
        coalesce(legs.is_told_by_time, false) as is_told_by_time,
        coalesce(legs.is_mirror, false) as is_mirror,
        coalesce(legs.worth_amount, abs(entries.entry_amount)) as worth_amount,
        splits.part_no,
        splits.part_count,
        splits.total_amount::decimal(18, 4) as total_amount,
        splits.first_key::varchar as first_key,
        coalesce(splits.is_one_way, false) as is_one_way
    from (select entries.* {CHOSEN} {{only}} and entries.entry_date between $first and $last) as entries
    inner join export_accounts as accounts
        on entries.connection_id = accounts.connection_id and entries.account_id = accounts.account_id
    left join raw.accounts as facts
        on entries.connection_id = facts.connection_id and entries.account_id = facts.record_id
    left join export_splits as splits on entries._key = splits._key
    left join export_transfers as legs on entries._key = legs._key
    order by
        entries.entry_date,
        accounts.account,
        coalesce(splits.first_at, entries.entry_at),
        entries.split_group,
        splits.part_no,
        entries._key
"""
