{{ config(
    materialized='incremental', incremental_strategy='party_months', on_schema_change='fail'
) }}

with transactions as (
    select * from {{ ref('fct_transactions') }}
    {{ where_changed('party_key') }}
),

-- the flow is part of the grain: one narrow sum per row, where a column per flow would need four
by_flow as (
    select
        party_key,
        month_date,
        category_id,
        flow_type,
        currency_code,
        count(*) as transaction_count,
        cast(sum(transaction_amount) as decimal(18, 4)) as net_amount
    from transactions
    where flow_type <> 'none'
    group by party_key, month_date, category_id, flow_type, currency_code
)

select
    party_key,
    month_date,
    category_id,
    flow_type,
    currency_code,
    cast(case when flow_type = 'income' then net_amount else 0 end as decimal(18, 4)) as income_amount,
    cast(case when flow_type = 'expense' then -net_amount else 0 end as decimal(18, 4)) as expense_amount,
    cast(case when flow_type = 'debt' then -net_amount else 0 end as decimal(18, 4)) as debt_amount,
    cast(case when flow_type = 'saving' then -net_amount else 0 end as decimal(18, 4)) as saving_amount,
    net_amount,
    transaction_count
from by_flow
