with source as (
    select * from {{ source('raw', 'load_counts') }}
)

select
    -- keys
    load_id,
    record_kind,
    -- measures
    read_count,
    merged_count,
    unchanged_count,
    quarantined_count,
    deleted_count
from source
