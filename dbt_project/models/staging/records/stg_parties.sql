with source as (
    select * from {{ source('raw', 'parties') }}
)

select
    -- keys
    connection_id,
    party_id,
    {{ key_of(['party_id']) }} as party_key,
    -- dimensions
    party_label,
    party_kind,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where not deleted
