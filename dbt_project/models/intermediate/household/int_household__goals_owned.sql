with goals as (
    select * from {{ ref('stg_savings_goals') }}
),

connections as (
    select * from {{ ref('int_core__connections_described') }}
),

parties as (
    select * from {{ ref('int_core__parties_deduplicated') }}
)

select
    goals.savings_goal_key,
    connections.party_key,
    parties.household_key,
    connections.source_name,
    goals.goal_name,
    goals.goal_status,
    goals.currency_code,
    goals.target_amount,
    goals.saved_amount,
    goals.start_date,
    goals.target_date,
    goals.loaded_at
from goals
left join connections on goals.connection_id = connections.connection_id
left join parties on connections.party_key = parties.party_key
