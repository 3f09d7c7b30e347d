with parties as (
    select * from {{ ref('int_core__parties_deduplicated') }}
)

select
    party_key,
    party_id,
    household_key,
    party_label,
    party_kind,
    household_label,
    base_currency_code,
    connection_count
from parties
