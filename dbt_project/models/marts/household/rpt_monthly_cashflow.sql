{{ config(
    materialized='incremental', incremental_strategy='party_months', on_schema_change='fail'
) }}

with transactions as (
    select * from {{ ref('fct_transactions') }} as fct_transactions
    {{ where_changed('fct_transactions', 'party_key') }}
),

-- one sum per flow keeps the aggregate narrow; the flows become columns afterwards
by_flow as (
    select
        party_key,
        month_date,
        category_id,
        currency_code,
        flow_type,
        count(*) as transaction_count,
        sum(transaction_amount) as flow_amount
    from transactions
    where flow_type <> 'none'
    group by party_key, month_date, category_id, currency_code, flow_type
)

select
    party_key,
    month_date,
    category_id,
    currency_code,
    cast(sum(case when flow_type = 'income' then flow_amount else 0 end) as decimal(18, 4)) as income_amount,
    cast(sum(case when flow_type = 'expense' then -flow_amount else 0 end) as decimal(18, 4)) as expense_amount,
    cast(sum(case when flow_type = 'debt' then -flow_amount else 0 end) as decimal(18, 4)) as debt_amount,
    cast(sum(case when flow_type = 'saving' then -flow_amount else 0 end) as decimal(18, 4)) as saving_amount,
    cast(sum(flow_amount) as decimal(18, 4)) as net_amount,
    cast(sum(transaction_count) as bigint) as transaction_count
from by_flow
group by party_key, month_date, category_id, currency_code
