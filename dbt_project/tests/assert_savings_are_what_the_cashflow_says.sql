-- Per month and currency, the savings report has the sums of the cash flow report. A row here is a month where they
-- differ.
with savings as (
    select
        month_date,
        currency_code,
        sum(income_amount) as income_amount,
        sum(expense_amount) as expense_amount,
        sum(net_amount) as net_amount
    from {{ ref('rpt_monthly_savings') }}
    group by month_date, currency_code
),

cashflow as (
    select
        month_date,
        currency_code,
        sum(income_amount) as income_amount,
        sum(expense_amount) as expense_amount,
        sum(net_amount) as net_amount
    from {{ ref('rpt_monthly_cashflow') }}
    group by month_date, currency_code
)

(select * from savings except select * from cashflow)
union all
(select * from cashflow except select * from savings)
