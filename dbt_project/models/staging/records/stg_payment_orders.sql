with source as (
    select * from {{ source('raw', 'payment_orders') }}
)

select
    -- keys
    _key as payment_order_key,
    connection_id,
    record_id as payment_order_id,
    account_id,
    -- dimensions
    order_kind,
    order_status,
    payee_name,
    currency_code,
    frequency,
    bank_reference,
    -- measures
    order_amount,
    -- dates
    next_date,
    final_date,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where not deleted
