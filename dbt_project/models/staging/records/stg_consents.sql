with source as (
    select * from {{ source('raw', 'consents') }}
)

select
    -- keys
    _key as consent_key,
    connection_id,
    record_id as consent_id,
    party_id,
    -- dimensions
    source_name,
    connection_label,
    scopes,
    purpose,
    -- timestamps
    granted_at,
    expires_at,
    ended_at,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where not deleted
