with events as (
    select * from {{ ref('stg_webhook_events') }}
)

select
    sender_name,
    event_type,
    min(event_at) as first_event_at,
    max(event_at) as last_event_at,
    max(received_at) as last_received_at,
    count(*) as event_count,
    count(*) filter (where is_handled) as handled_count,
    -- one type is known or not as a whole; an update of Hisab may have learned it since
    count(*) filter (where is_known_type) > 0 as is_known_type
from events
group by sender_name, event_type
