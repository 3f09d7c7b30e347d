with connections as (
    select * from {{ ref('stg_parties') }}
),

settings as (
    select * from {{ ref('stg_party_settings') }}
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
    ordered.party_key,
    ordered.party_id,
    -- who belongs to no household keeps house alone
    coalesce(settings.household_key, ordered.party_key) as household_key,
    ordered.party_label,
    ordered.party_kind,
    settings.household_label,
    settings.base_currency_code,
    ordered.connection_count
from ordered
left join settings on ordered.party_key = settings.party_key
where ordered.recency = 1
