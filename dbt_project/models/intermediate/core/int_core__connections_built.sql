{{ config(materialized='table') }}

-- Written last: a build that dies before this line leaves the old mark, and the next one redoes the same months.
-- depends_on: {{ ref('fct_transactions') }}
-- depends_on: {{ ref('rpt_monthly_cashflow') }}
-- depends_on: {{ ref('rpt_monthly_savings') }}
-- depends_on: {{ ref('rpt_monthly_balances') }}

with connections as (
    select * from {{ ref('int_core__connections_marked') }}
),

changes as (
    select * from {{ ref('stg_changes') }}
),

-- the writer's lock is held over the whole build, so no load can slip in after the months were listed
last_change as (
    select coalesce(max(load_seq), 0) as load_seq from changes
)

select
    connections.connection_id,
    connections.party_key,
    connections.source_name,
    connections.accounts_mark,
    last_change.load_seq
from connections
cross join last_change
