-- Every uncategorised transaction is counted in the report about them. A row here is a difference in count or money.
with reported as (
    select
        currency_code,
        sum(transaction_count) as row_count,
        sum(in_amount) - sum(out_amount) as total_amount
    from {{ ref('rpt_uncategorised') }}
    group by currency_code
),

transactions as (
    select
        currency_code,
        count(*) as row_count,
        sum(transaction_amount) as total_amount
    from {{ ref('fct_transactions') }}
    where category_id = 'uncategorised'
    group by currency_code
)

(select * from reported except select * from transactions)
union all
(select * from transactions except select * from reported)
