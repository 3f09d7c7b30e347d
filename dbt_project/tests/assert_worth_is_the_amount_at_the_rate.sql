-- Every converted amount is its item's amount at the cited rate, in whole minor units of the base currency.
with items as (
    select * from {{ ref('rpt_net_worth_items') }}
)

select *
from items
where
    base_amount is not null
    and base_amount <> case
        when currency_code = base_currency_code then item_amount
        else {{ in_minor_units('item_amount * conversion_rate', 'base_currency_code') }}
    end
