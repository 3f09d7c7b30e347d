with source as (
    select * from {{ source('raw', 'properties') }}
)

select
    -- keys
    _key as property_key,
    connection_id,
    record_id as property_id,
    -- dimensions
    property_name,
    property_kind,
    postal_address,
    currency_code,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where not deleted
