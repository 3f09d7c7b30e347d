{{ config(group='core') }}
-- Every booked balance somebody reported stands in the daily balances on its day, unchanged, and nothing else is called
-- reported. A row here stands on one side only.
with built as (
    select
        account_key,
        currency_code,
        balance_date,
        balance_amount,
        disagreement_amount
    from {{ ref('fct_account_balances_daily') }}
    where balance_source = 'reported'
),

reported as (
    select
        account_key,
        currency_code,
        balance_date,
        balance_amount,
        disagreement_amount
    from {{ ref('int_core__balances_reported') }}
)

(select * from built except select * from reported)
union all
(select * from reported except select * from built)
