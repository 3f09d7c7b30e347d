with source as (
    select * from {{ source('raw', 'changes') }}
)

select
    -- keys
    load_seq,
    connection_id,
    -- dimensions
    record_kind,
    month_date
from source
