with lines as (
    select * from {{ ref('stg_cash_counts') }}
),

connections as (
    select * from {{ ref('int_core__connections_described') }}
),

parties as (
    select * from {{ ref('int_core__parties_deduplicated') }}
)

select
    lines.cash_count_key,
    {{ key_of(['lines.connection_id', 'lines.session_id']) }} as session_key,
    connections.party_key,
    parties.household_key,
    connections.source_name,
    lines.line_kind,
    lines.till_name,
    coalesce({{ name_key('lines.till_name') }}, '') as till_word,
    lines.currency_code,
    lines.denomination_amount,
    lines.pieces_count,
    lines.counted_amount,
    lines.expected_amount,
    lines.count_date,
    lines.counted_at,
    lines.loaded_at
from lines
left join connections on lines.connection_id = connections.connection_id
left join parties on connections.party_key = parties.party_key
