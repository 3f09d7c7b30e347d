{{ config(
    materialized='incremental', incremental_strategy='parties', on_schema_change='fail'
) }}

with days as (
    select
        *,
        {{ month_of('balance_date') }} as month_date
    from {{ ref('fct_account_balances_daily') }}
    {{ where_party_changed() }}
),

months as (
    select
        account_key,
        currency_code,
        month_date,
        max(balance_date) as balance_date,
        sum(transactions_amount) as transactions_amount,
        sum(unexplained_amount) as unexplained_amount
    from days
    group by account_key, currency_code, month_date
)

select
    months.account_key,
    days.party_key,
    months.month_date,
    months.balance_date,
    days.balance_source,
    months.currency_code,
    cast(months.transactions_amount as decimal(18, 4)) as transactions_amount,
    cast(coalesce(months.unexplained_amount, 0) as decimal(18, 4)) as unexplained_amount,
    days.balance_amount
from months
inner join days
    on months.account_key = days.account_key
    and months.currency_code = days.currency_code
    and months.balance_date = days.balance_date
