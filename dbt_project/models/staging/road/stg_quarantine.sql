with source as (
    select * from {{ source('raw', 'quarantine') }}
)

select
    -- keys
    load_id,
    connection_id,
    landed_sha256,
    -- dimensions
    record_kind,
    file_name,
    row_no,
    column_name,
    reason,
    cure,
    -- timestamps
    quarantined_at
from source
