with parties as (
    select * from {{ ref('int_core__parties_deduplicated') }}
)

select
    party_key,
    party_id,
    party_label,
    party_kind,
    connection_count
from parties
