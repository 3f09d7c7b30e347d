with source as (
    select * from {{ source('raw', 'rent_charges') }}
)

select
    -- keys
    _key as rent_charge_key,
    connection_id,
    record_id as rent_charge_id,
    property_id,
    tenancy_id,
    -- dimensions
    charge_kind,
    currency_code,
    note,
    -- measures
    charge_amount,
    -- dates
    due_date,
    period_date,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where not deleted
