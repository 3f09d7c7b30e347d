with ledger_entries as (
    select * from {{ ref('stg_ledger_entries') }}
),

bank_transactions as (
    select * from {{ ref('stg_bank_transactions') }}
)

select
    ledger_entry_key as transaction_key,
    connection_id,
    account_id,
    'ledger_entry' as evidence_kind,
    entry_kind as transaction_kind,
    coalesce(category_group, '') as category_group,
    coalesce(category_name, '') as category_name,
    coalesce(counterparty_name, payee_name) as payee_name,
    currency_code,
    entry_amount as transaction_amount,
    entry_date as transaction_date,
    {{ month_of('entry_date') }} as month_date,
    excluded_from,
    loaded_at
from ledger_entries

union all

select
    bank_transaction_key as transaction_key,
    connection_id,
    account_id,
    'bank_transaction' as evidence_kind,
    -- a bank says how much, not why: the sign is all there is to go by
    case when transaction_amount > 0 then 'income' else 'expense' end as transaction_kind,
    '' as category_group,
    '' as category_name,
    payee_name,
    currency_code,
    transaction_amount,
    booked_date as transaction_date,
    {{ month_of('booked_date') }} as month_date,
    cast(null as varchar) as excluded_from,
    loaded_at
from bank_transactions
-- what is pending is no economic event yet: see fct_pending_transactions
where booking_status = 'booked'
