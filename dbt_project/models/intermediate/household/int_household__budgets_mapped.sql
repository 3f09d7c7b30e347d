with budgets as (
    select * from {{ ref('stg_budgets') }}
),

connections as (
    select * from {{ ref('int_core__connections_described') }}
),

parties as (
    select * from {{ ref('int_core__parties_deduplicated') }}
),

categories_mapped as (
    select * from {{ ref('int_core__categories_mapped') }}
)

select
    budgets.budget_key,
    budgets.connection_id,
    connections.party_key,
    parties.household_key,
    categories_mapped.category_id,
    budgets.month_date,
    connections.source_name,
    budgets.plan_name,
    budgets.category_group,
    budgets.category_name,
    budgets.budget_kind,
    budgets.currency_code,
    budgets.budgeted_amount,
    budgets.activity_amount,
    budgets.available_amount,
    budgets.loaded_at
from budgets
left join connections on budgets.connection_id = connections.connection_id
left join parties on connections.party_key = parties.party_key
left join categories_mapped
    on connections.source_name = categories_mapped.source_name
    and categories_mapped.transaction_kind = 'expense'
    and coalesce(budgets.category_group, '') = categories_mapped.category_group
    and budgets.category_name = categories_mapped.category_name
