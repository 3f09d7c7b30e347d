with described as (
    select * from {{ ref('int_property__tenancies_described') }}
),

moves as (
    select * from {{ ref('int_property__rent_moves_unioned') }}
),

-- tenancies that a charge or payment names and the source never told of: kept, and marked as such
mentioned as (
    select
        tenancy_key,
        party_key,
        min(source_name) as source_name,
        min(currency_code) as currency_code
    from moves
    where tenancy_key not in (select described.tenancy_key from described)
    group by tenancy_key, party_key
)

select
    tenancy_key,
    party_key,
    source_name,
    property_name,
    property_kind,
    unit_name,
    unit_kind,
    tenant_name,
    tenancy_status,
    currency_code,
    true as is_declared,
    contract_rent_amount,
    market_rent_amount,
    deposit_amount,
    dues_amount,
    start_date,
    end_date
from described

union all

select
    tenancy_key,
    party_key,
    source_name,
    cast(null as varchar) as property_name,
    cast(null as varchar) as property_kind,
    cast(null as varchar) as unit_name,
    cast(null as varchar) as unit_kind,
    'Undeclared tenancy' as tenant_name,
    cast(null as varchar) as tenancy_status,
    currency_code,
    false as is_declared,
    cast(null as decimal(18, 4)) as contract_rent_amount,
    cast(null as decimal(18, 4)) as market_rent_amount,
    cast(null as decimal(18, 4)) as deposit_amount,
    cast(null as decimal(18, 4)) as dues_amount,
    cast(null as date) as start_date,
    cast(null as date) as end_date
from mentioned
