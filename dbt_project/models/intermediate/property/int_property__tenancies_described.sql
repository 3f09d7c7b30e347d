with tenancies as (
    select * from {{ ref('stg_tenancies') }}
),

properties as (
    select * from {{ ref('stg_properties') }}
),

units as (
    select * from {{ ref('stg_units') }}
),

connections as (
    select * from {{ ref('int_core__connections_described') }}
)

select
    {{ key_of(['tenancies.connection_id', 'tenancies.tenancy_id']) }} as tenancy_key,
    connections.party_key,
    connections.source_name,
    properties.property_name,
    properties.property_kind,
    units.unit_name,
    units.unit_kind,
    tenancies.tenant_name,
    tenancies.tenancy_status,
    tenancies.currency_code,
    tenancies.contract_rent_amount,
    units.market_rent_amount,
    tenancies.deposit_amount,
    tenancies.dues_amount,
    tenancies.start_date,
    tenancies.end_date,
    tenancies.loaded_at
from tenancies
left join connections on tenancies.connection_id = connections.connection_id
left join properties
    on tenancies.connection_id = properties.connection_id
    and tenancies.property_id = properties.property_id
left join units
    on tenancies.connection_id = units.connection_id
    and tenancies.property_id = units.property_id
    and tenancies.unit_id = units.unit_id
