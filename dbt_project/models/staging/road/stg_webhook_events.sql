with source as (
    select * from {{ source('raw', 'webhook_events') }}
)

select
    -- keys
    event_key,
    event_id,
    entity_ref,
    -- dimensions
    sender_name,
    event_type,
    -- flags
    is_known_type,
    is_handled,
    -- timestamps
    event_at,
    received_at
from source
