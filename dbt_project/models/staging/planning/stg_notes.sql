with source as (
    select * from {{ source('raw', 'notes') }}
)

select
    -- keys
    _key as note_key,
    connection_id,
    record_id as note_id,
    entry_id,
    -- dimensions: a person's own words
    note_text,
    labels,
    -- dates
    note_date,
    noted_at,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where not deleted
