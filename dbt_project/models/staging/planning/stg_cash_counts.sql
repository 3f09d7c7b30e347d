with source as (
    select * from {{ source('raw', 'cash_counts') }}
)

select
    -- keys
    _key as cash_count_key,
    connection_id,
    record_id as cash_count_id,
    session_id,
    -- dimensions
    line_kind,
    till_name,
    currency_code,
    note,
    -- measures
    denomination_amount,
    pieces_count,
    counted_amount,
    expected_amount,
    -- dates
    count_date,
    counted_at,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where not deleted
