{{ config(group='core') }}
-- Every booked balance somebody reported stands in the daily balances on its day, unchanged, and no other does. The
-- day's balance has nothing more than it but, where it was read while the day went on, the transactions read later. A
-- row here stands on one side only.
with late as (
    select
        reported.account_key,
        reported.currency_code,
        reported.balance_date,
        sum(transactions.transaction_amount) as late_amount
    from {{ ref('int_core__balances_reported') }} as reported
    inner join {{ ref('fct_transactions') }} as transactions
        on reported.account_key = transactions.account_key
        and reported.currency_code = transactions.currency_code
        and reported.balance_date = transactions.transaction_date
    where reported.is_running and transactions.loaded_at > reported.read_at
    group by reported.account_key, reported.currency_code, reported.balance_date
),

reported as (
    select
        reported.account_key,
        reported.currency_code,
        reported.balance_date,
        reported.balance_amount as reported_amount,
        reported.disagreement_amount,
        reported.balance_amount + coalesce(late.late_amount, 0) as balance_amount
    from {{ ref('int_core__balances_reported') }} as reported
    left join late
        on reported.account_key = late.account_key
        and reported.currency_code = late.currency_code
        and reported.balance_date = late.balance_date
),

built as (
    select
        account_key,
        currency_code,
        balance_date,
        reported_amount,
        disagreement_amount,
        balance_amount
    from {{ ref('fct_account_balances_daily') }}
    where reported_amount is not null
)

(select * from built except select * from reported)
union all
(select * from reported except select * from built)
