with connections as (
    select * from {{ ref('int_core__connections_described') }}
)

select
    connection_key,
    connection_id,
    party_key,
    source_name,
    connection_label,
    scopes,
    purpose,
    ended_at is not null as is_ended,
    granted_at,
    expires_at,
    ended_at
from connections
