with source as (
    select * from {{ source('raw', 'beneficiaries') }}
)

select
    -- keys
    _key as beneficiary_key,
    connection_id,
    record_id as beneficiary_id,
    account_id,
    -- dimensions
    beneficiary_name,
    beneficiary_kind,
    institution_name,
    masked_number,
    bank_reference,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where not deleted
