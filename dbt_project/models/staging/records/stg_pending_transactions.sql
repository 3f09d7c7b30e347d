with source as (
    select * from {{ source('raw', 'bank_transactions') }}
)

select
    -- keys
    _key as pending_transaction_key,
    connection_id,
    record_id as bank_transaction_id,
    account_id,
    -- dimensions
    currency_code,
    payee_name,
    -- flags: its tombstone is kept, for it says that the bank gave the row up
    deleted as is_gone,
    -- measures
    transaction_amount,
    -- dates
    booked_date as pending_date,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where booking_status = 'pending'
