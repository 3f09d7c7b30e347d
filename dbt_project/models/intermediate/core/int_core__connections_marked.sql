with connections as (
    select * from {{ ref('int_core__connections_described') }}
),

accounts as (
    select * from {{ ref('int_core__accounts_matched') }}
),

-- only accounts that other sources tell of as well: the key and the rows of any other stand for themselves
shared as (
    select
        connection_id,
        {{
            fingerprint_of("account_id || '|' || cast(account_key as varchar) || '|' || cast(source_count as varchar)")
        }} as fingerprint
    from accounts
    where source_count > 1
    group by connection_id
)

select
    connections.connection_id,
    connections.party_key,
    connections.source_name,
    coalesce(cast(shared.fingerprint as varchar), '') as accounts_mark
from connections
left join shared on connections.connection_id = shared.connection_id
