with source as (
    select * from {{ source('raw', 'balances') }}
)

select
    -- keys
    _key as balance_key,
    connection_id,
    record_id as balance_id,
    account_id,
    -- dimensions
    balance_kind,
    currency_code,
    -- measures
    balance_amount,
    -- dates
    balance_date,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where not deleted
