with source as (
    select * from {{ source('raw', 'bank_transactions') }}
)

select
    -- keys
    _key as bank_transaction_key,
    connection_id,
    record_id as bank_transaction_id,
    account_id,
    -- dimensions
    transaction_type,
    booking_status,
    currency_code,
    payee_name,
    description,
    bank_reference,
    merchant_category_code,
    bank_category,
    original_currency_code,
    -- measures
    transaction_amount,
    original_amount,
    -- dates
    booked_date,
    value_date,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where not deleted
