with connections as (
    select * from {{ ref('int_core__connections_described') }}
),

accounts as (
    select * from {{ ref('int_core__accounts_matched') }}
),

-- only accounts that go by a number: the key of any other never changes
numbered as (
    select
        connection_id,
        {{ fingerprint_of("account_id || '|' || cast(account_key as varchar)") }} as fingerprint
    from accounts
    where account_key <> source_account_key
    group by connection_id
)

select
    connections.connection_id,
    connections.party_key,
    connections.source_name,
    coalesce(cast(numbered.fingerprint as varchar), '') as accounts_mark
from connections
left join numbered on connections.connection_id = numbered.connection_id
