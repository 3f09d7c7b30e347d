{{ config(
    materialized='incremental', incremental_strategy='party_months', on_schema_change='fail'
) }}

with cashflow as (
    select * from {{ ref('rpt_monthly_cashflow') }}
    {{ where_changed('party_key') }}
),

months as (
    select
        party_key,
        month_date,
        currency_code,
        cast(sum(income_amount) as decimal(18, 4)) as income_amount,
        cast(sum(expense_amount) as decimal(18, 4)) as expense_amount,
        cast(sum(debt_amount) as decimal(18, 4)) as debt_amount,
        cast(sum(saving_amount) as decimal(18, 4)) as saving_amount,
        cast(sum(net_amount) as decimal(18, 4)) as net_amount
    from cashflow
    group by party_key, month_date, currency_code
)

select
    party_key,
    month_date,
    currency_code,
    income_amount,
    expense_amount,
    debt_amount,
    saving_amount,
    net_amount,
    -- borrowed money never raises the rate; without income there is no rate
    cast(
        case when income_amount > 0 then income_amount - expense_amount - greatest(debt_amount, 0) end
        / nullif(income_amount, 0) as double precision
    ) as savings_rate
from months
