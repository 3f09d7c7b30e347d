with source as (
    select * from {{ source('raw', 'accounts') }}
)

select
    -- keys
    {{ key_of(['connection_id', 'record_id']) }} as source_account_key,
    connection_id,
    record_id as account_id,
    -- dimensions
    account_name,
    account_kind,
    currency_code,
    institution_name,
    account_group,
    masked_number,
    number_key,
    -- audit
    version,
    _loaded_at as loaded_at
from source
where not deleted
