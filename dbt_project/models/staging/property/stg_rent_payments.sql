with source as (
    select * from {{ source('raw', 'rent_payments') }}
)

select
    -- keys
    _key as rent_payment_key,
    connection_id,
    record_id as rent_payment_id,
    property_id,
    tenancy_id,
    -- dimensions
    payment_method,
    currency_code,
    note,
    -- measures
    payment_amount,
    -- dates
    payment_date,
    period_date,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where not deleted
