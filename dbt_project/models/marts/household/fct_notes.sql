with notes as (
    select * from {{ ref('int_household__notes_linked') }}
)

select
    note_key,
    party_key,
    household_key,
    transaction_key,
    note_date,
    source_name,
    note_text,
    labels,
    is_entry_missing,
    noted_at,
    loaded_at
from notes
