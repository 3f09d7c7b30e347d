with debts as (
    select * from {{ ref('stg_debts') }}
),

connections as (
    select * from {{ ref('int_core__connections_described') }}
),

parties as (
    select * from {{ ref('int_core__parties_deduplicated') }}
)

select
    debts.debt_key,
    connections.party_key,
    parties.household_key,
    connections.source_name,
    debts.counterparty_name,
    {{ name_key('debts.counterparty_name') }} as counterparty_word,
    debts.debt_direction,
    debts.debt_status,
    debts.currency_code,
    debts.principal_amount,
    debts.paid_amount,
    debts.outstanding_amount,
    debts.start_date,
    debts.due_date,
    debts.loaded_at
from debts
left join connections on debts.connection_id = connections.connection_id
left join parties on connections.party_key = parties.party_key
