with source as (
    select * from {{ source('raw', 'recurring_entries') }}
)

select
    -- keys
    _key as recurring_entry_key,
    connection_id,
    record_id as recurring_entry_id,
    account_id,
    -- dimensions
    entry_kind,
    frequency,
    category_group,
    category_name,
    payee_name,
    transfer_account,
    currency_code,
    note,
    labels,
    -- measures
    entry_amount,
    -- dates
    first_date,
    next_date,
    final_date,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where not deleted
