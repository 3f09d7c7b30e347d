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
),

turned as (
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
),

months as (
    select
        party_key,
        month_date,
        currency_code,
        cast(sum(income_amount) as decimal(18, 4)) as income_amount,
        cast(sum(expense_amount) as decimal(18, 4)) as expense_amount,
        cast(sum(debt_amount) as decimal(18, 4)) as debt_amount
    from turned
    group by party_key, month_date, currency_code
)

select
    turned.party_key,
    turned.month_date,
    turned.category_id,
    turned.flow_type,
    turned.currency_code,
    turned.income_amount,
    turned.expense_amount,
    turned.debt_amount,
    turned.saving_amount,
    turned.net_amount,
    turned.transaction_count,
    -- the whole month's, as rpt_monthly_savings has it: borrowed money never raises it, without income there is none
    cast(
        case
            when months.income_amount > 0
                then months.income_amount - months.expense_amount - greatest(months.debt_amount, 0)
        end
        / nullif(months.income_amount, 0) as double precision
    ) as savings_rate
from turned
-- left, so that a row without a key fails the contract instead of disappearing
left join months
    on turned.party_key = months.party_key
    and turned.month_date = months.month_date
    and turned.currency_code = months.currency_code
