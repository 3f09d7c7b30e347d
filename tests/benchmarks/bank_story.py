"""What three banks' sources tell of a few people, as raw rows: so alike that they meet, pend, contradict and miss days.

Bits come from MD5, so every run tells the same. Not part of the benchmarks' own data: these have no bank rows yet.
"""

from __future__ import annotations

import duckdb

_PEOPLE = 120
_ROWS = 60
"""Bank rows of each of a person's six source accounts; half as many balances, a tenth as many statements."""

_READ = """
    null::varchar as extra, 1 as version, 'l_bank' as _load_id, repeat('0', 64) as _landed_sha256
"""
_ROAD = f"{_READ}, timestamptz '2026-01-02 02:00:00+00' as _loaded_at"
_SOON = f"""{_READ}, timestamptz '2025-02-01 00:00:00+00'
    + to_days((bits % 90)::integer) + to_hours((bits // 53 % 96)::integer) as _loaded_at
"""
"""Read within four days of its own day, or while it goes on."""

_TELLERS = f"""(
    select printf('p_%06d', person) as party_id, source || '_' || person as connection_id, source, person,
        account_id
    from range({_PEOPLE}) as people (person), (values ('lean'), ('ofx'), ('qif')) as sources (source),
        (values ('current'), ('card')) as accounts (account_id)
)"""
_CONNECTIONS = f"(select distinct on (connection_id) * from {_TELLERS})"


def tell_of_banks(con: duckdb.DuckDBPyConnection) -> None:
    """Add the rows to the raw tables, and their months to the changes of the last load."""

    def bits(*parts: str) -> str:
        return f"md5_number_lower(concat_ws('|', {', '.join(parts)}))"

    def key(kind: str, record: str) -> str:
        return f"md5(concat_ws('|', connection_id, '{kind}', {record}))::uuid as _key, {record} as record_id"

    day = "date '2025-02-01' + (bits % 90)::integer"
    con.execute(f"""
        insert into raw.parties by name
        select {key("party", "'party'")}, connection_id, party_id, party_id as party_label, 'person' as party_kind,
            false as deleted, {_ROAD}
        from {_CONNECTIONS};
        insert into raw.consents by name
        select {key("consent", "'consent'")}, connection_id, party_id, source as source_name, source as
            connection_label, '' as scopes, '' as purpose, timestamptz '2025-01-01 00:00:00+00' as granted_at,
            false as deleted, {_ROAD}
        from {_CONNECTIONS};
        insert into raw.accounts by name
        select {key("accounts", "account_id")}, connection_id, source || ' ' || account_id as account_name,
            'current' as account_kind, if(bits % 3 = 0, null, 'AED') as currency_code,
            -- most know the number, some take the card for the account, and one in ten tells of no account at all
            case when bits % 4 > 0 then 'n' || person || if(bits % 5 = 0, 'current', account_id) end as number_key,
            if(bits % 2 = 0, null, '1234') as masked_number, bits % 10 = 9 as deleted, {_ROAD}
        from (select *, {bits("connection_id", "account_id")} as bits from {_TELLERS});
        insert into raw.bank_transactions by name
        select {key("bank_transactions", "account_id || no")}, connection_id, account_id, {day} as booked_date,
            [-15, -15, -20, 7.25, 900][1 + (bits // 97 % 5)::integer] as transaction_amount,
            if(bits // 11 % 20 = 0, 'USD', 'AED') as currency_code,
            if(bits // 7 % 6 = 0, 'pending', 'booked') as booking_status, bits // 13 % 10 = 0 as deleted, {_SOON}
        from (select *, {bits("connection_id", "account_id", "no")} as bits
              from {_TELLERS}, range({_ROWS}) as numbers (no));
        insert into raw.balances by name
        select {key("balances", "account_id || no")}, connection_id, account_id, {day} as balance_date,
            ['ledger', 'opening', 'available'][1 + (bits // 97 % 3)::integer] as balance_kind,
            (bits // 89 % 90000)::decimal(18, 4) / 100 as balance_amount, 'AED' as currency_code,
            bits // 13 % 10 = 0 as deleted, {_SOON}
        from (select *, {bits("connection_id", "account_id", "'b'", "no")} as bits
              from {_TELLERS}, range({_ROWS // 2}) as numbers (no));
        insert into raw.statements by name
        select {key("statements", "account_id || no")}, connection_id, account_id,
            if(bits // 17 % 9 = 0, null, {day}) as first_date, {day} + (bits // 19 % 9)::integer as last_date,
            no::varchar as statement_number,
            if(bits // 23 % 9 = 0, null, 10 * (bits // 29 % 2)) as opening_amount, -10 as transactions_amount,
            1 as transactions_count, if(bits // 31 % 9 = 0, null, 10 * (bits // 37 % 2)) as closing_amount,
            if(bits // 41 % 2 = 0, 0, null) as stated_credit_amount, 9 + bits // 43 % 2 as stated_debit_amount,
            'AED' as currency_code, bits // 13 % 10 = 0 as deleted, {_ROAD}
        from (select *, {bits("connection_id", "account_id", "'s'", "no")} as bits
              from {_TELLERS}, range({_ROWS // 10}) as numbers (no));
        insert into raw.changes by name
        select distinct (select max(load_seq) from raw.loads) as load_seq, record_kind, connection_id,
            date_trunc('month', day)::date as month_date
        from (
            select 'bank_transactions' as record_kind, connection_id, booked_date as day from raw.bank_transactions
            union all
            select 'balances', connection_id, balance_date from raw.balances
        );
    """)
