with connections as (
    select * from {{ ref('dim_connections') }}
),

loads as (
    select * from {{ ref('int_ops__loads_summed') }}
),

as_of as (
    select {{ as_of_instant() }} as as_of_at
)

select
    connections.connection_key,
    connections.party_key,
    connections.connection_label,
    connections.source_name,
    connections.is_ended,
    coalesce(loads.held_back_count, 0) > 0 as has_held_back_rows,
    cast({{ days_between('loads.last_success_at', 'as_of.as_of_at') }} as integer) as lag_days,
    cast({{ days_between('as_of.as_of_at', 'connections.expires_at') }} as integer) as consent_left_days,
    cast(coalesce(loads.load_count, 0) as bigint) as load_count,
    cast(coalesce(loads.read_count, 0) as bigint) as read_count,
    cast(coalesce(loads.merged_count, 0) as bigint) as merged_count,
    cast(coalesce(loads.unchanged_count, 0) as bigint) as unchanged_count,
    cast(coalesce(loads.quarantined_count, 0) as bigint) as quarantined_count,
    cast(coalesce(loads.held_back_count, 0) as bigint) as held_back_count,
    loads.last_success_at,
    connections.expires_at as consent_expires_at,
    as_of.as_of_at
from connections
cross join as_of
left join loads on connections.connection_id = loads.connection_id
