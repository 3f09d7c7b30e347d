with source as (
    select * from {{ source('raw', 'budgets') }}
)

select
    -- keys
    _key as budget_key,
    connection_id,
    record_id as budget_id,
    -- dimensions
    plan_name,
    category_group,
    category_name,
    budget_kind,
    currency_code,
    -- measures
    budgeted_amount,
    activity_amount,
    available_amount,
    -- dates
    {{ month_of('month_date') }} as month_date,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where not deleted
