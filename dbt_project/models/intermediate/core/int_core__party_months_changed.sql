{{ config(materialized='table') }}

with changes as (
    select * from {{ ref('int_core__changes_since_built') }}
),

connections as (
    select * from {{ ref('int_core__connections_described') }}
),

party_months as (
    select distinct
        party_key,
        month_date
    from changes
    where record_kind in ('ledger_entries', 'bank_transactions')
)

select
    party_months.party_key,
    connections.connection_id,
    party_months.month_date
from party_months
left join connections on party_months.party_key = connections.party_key
