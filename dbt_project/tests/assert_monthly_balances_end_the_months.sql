{{ config(group='household') }}
-- A month's balance goes on from the month before by its transactions and what was unexplained, and the months hold all
-- that the days hold. Asked of the parties this build redid. A row here is a month that does not follow.
with months as (
    select
        account_key,
        currency_code,
        month_date,
        balance_amount - transactions_amount - unexplained_amount as opening_amount,
        lag(balance_amount) over (partition by account_key, currency_code order by month_date) as former_amount
    from {{ ref('rpt_monthly_balances') }}
    where party_key in ({{ parties_changed() }})
)

select * from months
where opening_amount <> former_amount
