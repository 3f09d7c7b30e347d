with source as (
    select * from {{ source('raw', 'ledger_entries') }}
)

select
    -- keys
    _key as ledger_entry_key,
    connection_id,
    record_id as ledger_entry_id,
    account_id,
    -- dimensions
    entry_kind,
    currency_code,
    category_group,
    category_name,
    payee_name,
    counterparty_name,
    transfer_account,
    note,
    labels,
    cleared_status,
    split_group,
    transfer_group,
    excluded_from,
    original_currency_code,
    -- measures
    entry_amount,
    original_amount,
    -- dates
    entry_date,
    entry_at,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where not deleted
