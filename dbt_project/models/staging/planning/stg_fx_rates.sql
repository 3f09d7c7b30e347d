with source as (
    select * from {{ source('raw', 'fx_rates') }}
)

select
    -- keys
    _key as fx_rate_key,
    connection_id,
    record_id as fx_rate_id,
    -- dimensions
    base_currency_code,
    quote_currency_code,
    rate_kind,
    rate_source,
    -- measures
    quote_rate,
    -- dates
    rate_date,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where not deleted
