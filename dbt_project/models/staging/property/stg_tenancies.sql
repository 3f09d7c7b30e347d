with source as (
    select * from {{ source('raw', 'tenancies') }}
)

select
    -- keys
    _key as tenancy_key,
    connection_id,
    record_id as tenancy_id,
    property_id,
    unit_id,
    -- dimensions
    tenant_name,
    tenancy_status,
    currency_code,
    -- measures
    contract_rent_amount,
    deposit_amount,
    dues_amount,
    -- dates
    start_date,
    end_date,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where not deleted
