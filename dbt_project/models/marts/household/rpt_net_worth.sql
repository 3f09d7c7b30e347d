with items as (
    select * from {{ ref('rpt_net_worth_items') }}
)

select
    party_key,
    household_key,
    as_of_date,
    base_currency_code as currency_code,
    cast(sum(case when base_amount > 0 then base_amount when is_converted then 0 end) as decimal(18, 4))
        as assets_amount,
    cast(sum(case when base_amount < 0 then -base_amount when is_converted then 0 end) as decimal(18, 4))
        as debts_amount,
    cast(sum(base_amount) as decimal(18, 4)) as net_amount,
    count(*) as item_count,
    count(base_amount) as converted_count,
    count(*) - count(base_amount) as unconverted_count
from items
group by party_key, household_key, as_of_date, base_currency_code
