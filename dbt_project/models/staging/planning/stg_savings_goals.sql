with source as (
    select * from {{ source('raw', 'savings_goals') }}
)

select
    -- keys
    _key as savings_goal_key,
    connection_id,
    record_id as savings_goal_id,
    -- dimensions
    goal_name,
    goal_status,
    currency_code,
    note,
    -- measures
    target_amount,
    saved_amount,
    -- dates
    start_date,
    target_date,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where not deleted
