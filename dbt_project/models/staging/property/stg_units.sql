with source as (
    select * from {{ source('raw', 'units') }}
)

select
    -- keys
    _key as unit_key,
    connection_id,
    record_id as unit_id,
    property_id,
    -- dimensions
    unit_name,
    unit_kind,
    currency_code,
    -- measures
    market_rent_amount,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where not deleted
