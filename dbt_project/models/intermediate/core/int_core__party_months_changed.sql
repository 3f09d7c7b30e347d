{{ config(materialized='table') }}

with changes as (
    select * from {{ ref('stg_changes') }}
    where record_kind in ('ledger_entries', 'bank_transactions')
),

connections as (
    select
        connection_id,
        party_key,
        source_name
    from {{ ref('int_core__connections_described') }}
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

-- connections whose party or source is another than at the last build: all their months are to be redone
moved as (
    select as_built.connection_id
    from as_built
    left join connections on as_built.connection_id = connections.connection_id
    where
        connections.party_key is null
        or connections.party_key <> as_built.party_key
        or connections.source_name <> as_built.source_name
),

changed as (
    select distinct
        connection_id,
        month_date
    from changes
    where
        load_seq > (select coalesce(max(as_built.load_seq), 0) from as_built)
        or connection_id in (select moved.connection_id from moved)
),

party_months as (
    select distinct
        owners.party_key,
        changed.month_date
    from changed
    inner join owners on changed.connection_id = owners.connection_id
)

select
    party_months.party_key,
    connections.connection_id,
    party_months.month_date
from party_months
left join connections on party_months.party_key = connections.party_key
