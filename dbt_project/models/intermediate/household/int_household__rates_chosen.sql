{{ config(materialized='table') }}

-- few: the pairs of currencies and days that sums of somebody are to be converted for
with needed as (
    select distinct
        currency_code as from_currency_code,
        base_currency_code as to_currency_code,
        as_of_date
    from {{ ref('int_household__worth_listed') }}
    where currency_code <> base_currency_code
),

rates as (
    select * from {{ ref('fct_fx_rates') }}
),

-- every rate both ways: as it was published, and turned round
legs as (
    select
        fx_rate_key,
        base_currency_code as from_currency_code,
        quote_currency_code as to_currency_code,
        rate_date,
        rate_source,
        rate_kind,
        'direct' as rate_method,
        {{ rate_direct('quote_rate') }} as rate
    from rates

    union all

    select
        fx_rate_key,
        quote_currency_code as from_currency_code,
        base_currency_code as to_currency_code,
        rate_date,
        rate_source,
        rate_kind,
        'inverse' as rate_method,
        {{ rate_inverse('quote_rate') }} as rate
    from rates
),

-- of the week before the day, the day itself among it
recent as (
    select
        needed.to_currency_code as wanted_currency_code,
        needed.as_of_date,
        legs.*
    from needed
    inner join legs
        on needed.from_currency_code = legs.from_currency_code
        and legs.rate_date between {{ days_after('needed.as_of_date', '-7') }} and needed.as_of_date
),

candidates as (
    select
        from_currency_code,
        wanted_currency_code as to_currency_code,
        as_of_date,
        rate_date,
        rate_source,
        rate_kind,
        rate_method,
        cast(null as varchar) as pivot_currency_code,
        fx_rate_key,
        cast(null as uuid) as second_fx_rate_key,
        rate
    from recent
    where to_currency_code = wanted_currency_code

    union all

    -- over the euro or the dollar, both rates of one day, kind and publisher
    select
        recent.from_currency_code,
        recent.wanted_currency_code as to_currency_code,
        recent.as_of_date,
        recent.rate_date,
        recent.rate_source,
        recent.rate_kind,
        'cross' as rate_method,
        recent.to_currency_code as pivot_currency_code,
        recent.fx_rate_key,
        legs.fx_rate_key as second_fx_rate_key,
        {{ rate_crossed('recent.rate', 'legs.rate') }} as rate
    from recent
    inner join legs
        on recent.to_currency_code = legs.from_currency_code
        and recent.wanted_currency_code = legs.to_currency_code
        and recent.rate_date = legs.rate_date
        and recent.rate_source = legs.rate_source
        and recent.rate_kind = legs.rate_kind
    where recent.to_currency_code in ('EUR', 'USD')
),

ranked as (
    select
        *,
        row_number() over (
            partition by from_currency_code, to_currency_code, as_of_date
            order by
                {{ days_between('rate_date', 'as_of_date') }},
                case rate_method when 'direct' then 1 when 'inverse' then 2 else 3 end,
                case rate_kind
                    when 'by_hand' then 1 when 'reference' then 2 when 'mid' then 3 when 'buying' then 4 else 5
                end,
                coalesce(pivot_currency_code, ''), rate_source, fx_rate_key, second_fx_rate_key
        ) as place
    from candidates
    where rate > 0
)

select
    from_currency_code,
    to_currency_code,
    as_of_date,
    rate_date,
    rate_source,
    rate_kind,
    rate_method,
    pivot_currency_code,
    fx_rate_key,
    second_fx_rate_key,
    rate
from ranked
where place = 1
