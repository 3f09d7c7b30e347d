-- Per month and currency, the cash flow report holds the transactions that are neither transfers, opening balances nor
-- adjustments and that nobody keeps out of reports: as many, and the same money. A row here is a month where the two
-- sides differ.
with reported as (
    select
        month_date,
        currency_code,
        sum(transaction_count) as row_count,
        sum(net_amount) as total_amount
    from {{ ref('rpt_monthly_cashflow') }}
    group by month_date, currency_code
),

transactions as (
    select
        month_date,
        currency_code,
        count(*) as row_count,
        sum(transaction_amount) as total_amount
    from {{ ref('fct_transactions') }}
    where
        not is_transfer
        and transaction_kind not in ('opening_balance', 'adjustment')
        and coalesce(excluded_from, '') <> 'reports'
    group by month_date, currency_code
)

(select * from reported except select * from transactions)
union all
(select * from transactions except select * from reported)
