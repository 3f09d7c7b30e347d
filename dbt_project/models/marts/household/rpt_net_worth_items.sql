with items as (
    select * from {{ ref('int_household__worth_listed') }}
),

rates as (
    select * from {{ ref('int_household__rates_chosen') }}
),

rated as (
    select
        items.*,
        rates.rate_date,
        rates.rate_source,
        rates.rate_kind,
        rates.pivot_currency_code,
        rates.fx_rate_key,
        rates.second_fx_rate_key,
        rates.rate as conversion_rate,
        case
            when items.currency_code = items.base_currency_code then 'same'
            else rates.rate_method
        end as rate_method,
        case
            when items.currency_code = items.base_currency_code then items.item_amount
            else {{ converted('items.item_amount', 'rates.rate', 'items.base_currency_code') }}
        end as base_amount
    from items
    left join rates
        on items.currency_code = rates.from_currency_code
        and items.base_currency_code = rates.to_currency_code
        and items.as_of_date = rates.as_of_date
)

select
    worth_item_key,
    party_key,
    household_key,
    account_key,
    as_of_date,
    item_date,
    item_kind,
    item_name,
    currency_code,
    base_currency_code,
    base_amount is not null as is_converted,
    item_amount,
    base_amount,
    case when base_amount is not null then rate_method end as rate_method,
    case when base_amount is not null then conversion_rate end as conversion_rate,
    rate_date,
    rate_source,
    rate_kind,
    pivot_currency_code,
    fx_rate_key,
    second_fx_rate_key
from rated
