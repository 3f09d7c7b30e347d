with accounts as (
    select * from {{ ref('stg_accounts') }}
),

connections as (
    select * from {{ ref('int_core__connections_described') }}
)

select
    accounts.source_account_key,
    accounts.connection_id,
    accounts.account_id,
    connections.party_key,
    connections.connection_key,
    connections.source_name,
    {{ source_rank('connections.source_name') }} as source_rank,
    accounts.account_name,
    accounts.account_kind,
    accounts.institution_name,
    accounts.account_group,
    accounts.masked_number,
    accounts.number_key,
    accounts.currency_code
from accounts
left join connections on accounts.connection_id = connections.connection_id
