{{ config(materialized='table') }}

with changes as (
    select * from {{ ref('stg_changes') }}
),

connections as (
    select * from {{ ref('int_core__connections_marked') }}
),

as_built as (
    {{ connections_as_built() }}
),

-- every party that has, or at the last build had, a connection
owners as (
    select
        connection_id,
        party_key
    from connections
    union
    select
        connection_id,
        party_key
    from as_built
),

-- connections whose party or source is another than at the last build, or whose accounts others tell of as well since
-- (or no longer do): all their months are to be redone
moved as (
    select as_built.connection_id
    from as_built
    left join connections on as_built.connection_id = connections.connection_id
    where
        connections.party_key is null
        or connections.party_key <> as_built.party_key
        or connections.source_name <> as_built.source_name
        or connections.accounts_mark <> as_built.accounts_mark
),

changed as (
    select distinct
        connection_id,
        record_kind,
        month_date
    from changes
    where
        load_seq > (select coalesce(max(as_built.load_seq), 0) from as_built)
        or connection_id in (select moved.connection_id from moved)
)

select distinct
    owners.party_key,
    changed.record_kind,
    changed.month_date
from changed
inner join owners on changed.connection_id = owners.connection_id
