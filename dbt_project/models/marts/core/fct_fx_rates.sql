with rates as (
    select * from {{ ref('int_core__fx_rates_sourced') }}
)

select
    fx_rate_key,
    rate_date,
    base_currency_code,
    quote_currency_code,
    rate_kind,
    rate_source,
    source_name,
    quote_rate,
    loaded_at
from rates
