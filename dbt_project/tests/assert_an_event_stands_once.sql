{{ config(group='core') }}
-- Of an account that several sources tell of, a day's equal amounts are as many transactions as the source has that
-- tells most of them: counted here from staging, by another road than the pairing. A row here is an account, day and
-- amount that is there too often or too seldom.
with accounts as (
    select * from {{ ref('int_core__accounts_matched') }}
    where source_count > 1
),

told as (
    select
        accounts.account_key,
        entries.transaction_date,
        entries.currency_code,
        entries.transaction_amount,
        entries.connection_id,
        count(*) as row_count
    from {{ ref('int_core__entries_unioned') }} as entries
    inner join accounts
        on entries.connection_id = accounts.connection_id
        and entries.account_id = accounts.account_id
    where entries.evidence_kind = 'bank_transaction'
    group by all
),

events as (
    select
        account_key,
        transaction_date,
        currency_code,
        transaction_amount,
        max(row_count) as event_count,
        sum(row_count) as evidence_count
    from told
    group by all
),

built as (
    select
        account_key,
        transaction_date,
        currency_code,
        transaction_amount,
        count(*) as event_count,
        sum(evidence_count) as evidence_count
    from {{ ref('fct_transactions') }}
    where
        evidence_kind = 'bank_transaction'
        and account_key in (select accounts.account_key from accounts)
    group by all
)

(select * from events except select * from built)
union all
(select * from built except select * from events)
