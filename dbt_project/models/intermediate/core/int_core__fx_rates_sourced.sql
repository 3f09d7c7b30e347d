with rates as (
    select * from {{ ref('stg_fx_rates') }}
),

connections as (
    select * from {{ ref('int_core__connections_described') }}
)

select
    rates.fx_rate_key,
    rates.rate_date,
    rates.base_currency_code,
    rates.quote_currency_code,
    rates.rate_kind,
    rates.rate_source,
    connections.source_name,
    rates.quote_rate,
    rates.loaded_at
from rates
left join connections on rates.connection_id = connections.connection_id
