{{ config(materialized='table') }}

with parties as (
    select * from {{ ref('stg_parties') }}
),

consents as (
    select * from {{ ref('stg_consents') }}
),

consents_ordered as (
    select
        *,
        row_number() over (partition by connection_id order by granted_at desc, consent_id desc) as recency
    from consents
)

select
    parties.connection_id,
    {{ key_of(['parties.connection_id']) }} as connection_key,
    parties.party_key,
    parties.party_id,
    coalesce(latest.source_name, 'unknown') as source_name,
    coalesce(latest.connection_label, parties.connection_id) as connection_label,
    latest.scopes,
    latest.purpose,
    latest.granted_at,
    latest.expires_at,
    latest.ended_at
from parties
left join consents_ordered as latest
    on parties.connection_id = latest.connection_id
    and latest.recency = 1
