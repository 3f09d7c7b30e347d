{{ config(group='core') }}
-- Where a balance is told, every transaction of the account and currency is in it, and no other money. A row here is an
-- account and currency whose days add up to something else than its transactions.
with days as (
    select
        account_key,
        currency_code,
        sum(transactions_amount) as total_amount
    from {{ ref('fct_account_balances_daily') }}
    group by account_key, currency_code
),

transactions as (
    select
        account_key,
        currency_code,
        sum(transaction_amount) as total_amount
    from {{ ref('fct_transactions') }}
    where account_key in (select days.account_key from days)
    group by account_key, currency_code
)

select
    days.account_key,
    days.currency_code,
    days.total_amount,
    transactions.total_amount as transactions_amount
from days
left join transactions
    on days.account_key = transactions.account_key
    and days.currency_code = transactions.currency_code
where days.total_amount <> coalesce(transactions.total_amount, 0)
