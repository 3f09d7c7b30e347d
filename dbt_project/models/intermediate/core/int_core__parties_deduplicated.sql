with connections as (
    select * from {{ ref('stg_parties') }}
),

ordered as (
    select
        party_key,
        party_id,
        party_label,
        party_kind,
        count(*) over (partition by party_key) as connection_count,
        -- people may rename a party through any of its connections: the last word counts
        row_number() over (
            partition by party_key order by loaded_at desc, version desc, connection_id desc
        ) as recency
    from connections
)

select
    party_key,
    party_id,
    party_label,
    party_kind,
    connection_count
from ordered
where recency = 1
