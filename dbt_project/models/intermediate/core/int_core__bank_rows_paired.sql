{{ config(
    materialized='incremental', incremental_strategy='party_months', on_schema_change='fail'
) }}

-- depends_on: {{ ref('int_core__party_months_changed') }}

with entries as (
    select * from {{ ref('int_core__entries_unioned') }}
    {{ where_changed('connection_id') }}
),

-- few: rows of all other accounts stand for themselves and never get here
accounts as (
    select * from {{ ref('int_core__accounts_matched') }}
    where source_count > 1
),

-- two equal purchases on one day are two rows of each source: its first meets the others' first, and so on
numbered as (
    select
        entries.transaction_key,
        accounts.party_key,
        accounts.account_key,
        entries.connection_id,
        accounts.source_name,
        accounts.source_rank,
        entries.transaction_date,
        entries.month_date,
        entries.currency_code,
        entries.transaction_amount,
        row_number() over (
            partition by
                accounts.account_key, entries.transaction_date, entries.currency_code, entries.transaction_amount,
                entries.connection_id
            order by entries.transaction_key
        ) as event_no
    from entries
    inner join accounts
        on entries.connection_id = accounts.connection_id
        and entries.account_id = accounts.account_id
    where entries.evidence_kind = 'bank_transaction'
),

paired as (
    select
        *,
        count(*) over (
            partition by account_key, transaction_date, currency_code, transaction_amount, event_no
        ) as evidence_count,
        first_value(transaction_key) over (
            partition by account_key, transaction_date, currency_code, transaction_amount, event_no
            order by source_rank, connection_id
        ) as kept_transaction_key
    from numbered
)

select
    transaction_key,
    kept_transaction_key,
    party_key,
    account_key,
    connection_id,
    source_name,
    transaction_date,
    month_date,
    currency_code,
    transaction_key = kept_transaction_key as is_kept,
    transaction_amount,
    evidence_count
from paired
