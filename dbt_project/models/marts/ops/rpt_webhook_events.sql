with events as (
    select * from {{ ref('int_ops__webhook_events_summed') }}
)

select
    sender_name,
    event_type,
    is_known_type,
    event_count > handled_count as has_waiting_events,
    cast(event_count as bigint) as event_count,
    cast(handled_count as bigint) as handled_count,
    cast(event_count - handled_count as bigint) as waiting_count,
    first_event_at,
    last_event_at,
    last_received_at
from events
