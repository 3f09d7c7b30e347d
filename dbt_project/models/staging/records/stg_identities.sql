with source as (
    select * from {{ source('raw', 'identities') }}
)

select
    -- keys
    _key as identity_key,
    connection_id,
    record_id as identity_id,
    account_id,
    -- dimensions: about a person, so nothing of it goes on into a mart
    holder_name,
    holder_kind,
    national_id,
    gender,
    email_address,
    phone_number,
    postal_address,
    -- dates
    birth_date,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where not deleted
