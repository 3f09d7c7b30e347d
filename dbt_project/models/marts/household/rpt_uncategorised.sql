with transactions as (
    select * from {{ ref('fct_transactions') }}
)

select
    party_key,
    source_name,
    coalesce(source_category, '') as source_category,
    currency_code,
    min(transaction_date) as first_date,
    max(transaction_date) as last_date,
    count(*) as transaction_count,
    cast(sum(case when transaction_amount > 0 then transaction_amount else 0 end) as decimal(18, 4)) as in_amount,
    cast(sum(case when transaction_amount < 0 then -transaction_amount else 0 end) as decimal(18, 4)) as out_amount
from transactions
where category_id = 'uncategorised'
group by party_key, source_name, coalesce(source_category, ''), currency_code
