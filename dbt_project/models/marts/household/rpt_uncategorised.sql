{{ config(
    materialized='incremental', incremental_strategy='party_months', on_schema_change='fail'
) }}

with transactions as (
    select * from {{ ref('fct_transactions') }} as fct_transactions
    {{ where_changed('fct_transactions', 'party_key') }}
)

select
    party_key,
    month_date,
    source_name,
    coalesce(source_category, '') as source_category,
    currency_code,
    count(*) as transaction_count,
    cast(sum(case when transaction_amount > 0 then transaction_amount else 0 end) as decimal(18, 4))
        as in_amount,
    cast(sum(case when transaction_amount < 0 then -transaction_amount else 0 end) as decimal(18, 4))
        as out_amount
from transactions
where category_id = 'uncategorised'
group by party_key, month_date, source_name, coalesce(source_category, ''), currency_code
