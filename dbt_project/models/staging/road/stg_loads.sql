with source as (
    select * from {{ source('raw', 'loads') }}
)

select
    -- keys
    load_id,
    load_seq,
    connection_id,
    -- dimensions
    source_name,
    code_version,
    -- flags
    is_complete,
    -- measures
    page_count,
    byte_count,
    held_back_count,
    -- timestamps
    pulled_at,
    merged_at
from source
