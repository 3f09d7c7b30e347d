with notes as (
    select * from {{ ref('stg_notes') }}
),

connections as (
    select * from {{ ref('int_core__connections_described') }}
),

parties as (
    select * from {{ ref('int_core__parties_deduplicated') }}
),

named as (
    select distinct
        connection_id,
        entry_id
    from notes
    where entry_id is not null
),

-- entries are millions and notes few: only those that a note names are looked at
entries as (
    select
        ledger_entries.connection_id,
        ledger_entries.ledger_entry_id,
        ledger_entries.ledger_entry_key
    from {{ ref('stg_ledger_entries') }} as ledger_entries
    inner join named
        on ledger_entries.connection_id = named.connection_id
        and ledger_entries.ledger_entry_id = named.entry_id
)

select
    notes.note_key,
    connections.party_key,
    parties.household_key,
    entries.ledger_entry_key as transaction_key,
    connections.source_name,
    notes.entry_id is not null and entries.ledger_entry_key is null as is_entry_missing,
    notes.note_text,
    notes.labels,
    notes.note_date,
    notes.noted_at,
    notes.loaded_at
from notes
left join connections on notes.connection_id = connections.connection_id
left join parties on connections.party_key = parties.party_key
left join entries
    on notes.connection_id = entries.connection_id
    and notes.entry_id = entries.ledger_entry_id
