with source as (
    select * from {{ source('raw', 'party_settings') }}
)

select
    -- keys
    party_id,
    {{ key_of(['party_id']) }} as party_key,
    {{ key_of(['household_id']) }} as household_key,
    -- dimensions
    household_label,
    base_currency_code
from source
