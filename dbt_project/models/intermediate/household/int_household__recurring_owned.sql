with templates as (
    select * from {{ ref('stg_recurring_entries') }}
),

connections as (
    select * from {{ ref('int_core__connections_described') }}
),

parties as (
    select * from {{ ref('int_core__parties_deduplicated') }}
),

accounts as (
    select * from {{ ref('int_core__accounts_matched') }}
)

select
    templates.recurring_entry_key,
    connections.party_key,
    parties.household_key,
    accounts.account_key,
    connections.source_name,
    templates.entry_kind,
    templates.frequency,
    templates.category_group,
    templates.category_name,
    templates.payee_name,
    templates.transfer_account,
    templates.currency_code,
    templates.entry_amount,
    templates.first_date,
    templates.next_date,
    templates.final_date,
    templates.loaded_at
from templates
left join connections on templates.connection_id = connections.connection_id
left join parties on connections.party_key = parties.party_key
left join accounts
    on templates.connection_id = accounts.connection_id
    and templates.account_id = accounts.account_id
