with source as (
    select * from {{ source('raw', 'statements') }}
)

select
    -- keys
    _key as statement_key,
    connection_id,
    record_id as statement_id,
    account_id,
    -- dimensions
    statement_number,
    currency_code,
    -- measures
    opening_amount,
    closing_amount,
    transactions_amount,
    transactions_count,
    stated_credit_amount,
    stated_debit_amount,
    -- dates
    first_date,
    last_date,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where not deleted
