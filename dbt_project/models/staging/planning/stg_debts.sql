with source as (
    select * from {{ source('raw', 'debts') }}
)

select
    -- keys
    _key as debt_key,
    connection_id,
    record_id as debt_id,
    -- dimensions
    counterparty_name,
    debt_direction,
    debt_status,
    currency_code,
    note,
    -- measures
    principal_amount,
    paid_amount,
    outstanding_amount,
    -- dates
    start_date,
    due_date,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where not deleted
