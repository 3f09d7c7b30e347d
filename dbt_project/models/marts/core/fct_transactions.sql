{{ config(
    materialized='incremental', incremental_strategy='party_months', on_schema_change='fail'
) }}

-- depends_on: {{ ref('int_core__party_months_changed') }}

with entries as (
    select * from {{ ref('int_core__entries_unioned') }}
    {{ where_changed('connection_id') }}
),

connections as (
    select * from {{ ref('int_core__connections_described') }}
),

accounts as (
    select * from {{ ref('int_core__accounts_matched') }}
),

bank_rows_paired as (
    select * from {{ ref('int_core__bank_rows_paired') }}
),

categories_mapped as (
    select * from {{ ref('int_core__categories_mapped') }}
)

select
    entries.transaction_key,
    connections.party_key,
    -- computed only where the source never told of the account
    coalesce(
        accounts.account_key, {{ key_of(['entries.connection_id', 'entries.account_id']) }}
    ) as account_key,
    categories_mapped.category_id,
    entries.transaction_date,
    entries.month_date,
    connections.source_name,
    entries.evidence_kind,
    entries.transaction_kind,
    -- what a person keeps out of every report stays, and counts as nothing
    case when entries.excluded_from = 'reports' then 'none' else categories_mapped.flow_type end as flow_type,
    entries.excluded_from,
    categories_mapped.source_category,
    entries.payee_name,
    entries.currency_code,
    categories_mapped.flow_type = 'none' and entries.transaction_kind not in ('opening_balance', 'adjustment')
        as is_transfer,
    entries.transaction_amount,
    coalesce(bank_rows_paired.evidence_count, 1) as evidence_count,
    entries.loaded_at
from entries
left join connections
    on entries.connection_id = connections.connection_id
left join accounts
    on entries.connection_id = accounts.connection_id
    and entries.account_id = accounts.account_id
left join bank_rows_paired
    on entries.transaction_key = bank_rows_paired.transaction_key
left join categories_mapped
    on connections.source_name = categories_mapped.source_name
    and entries.transaction_kind = categories_mapped.transaction_kind
    and entries.category_group = categories_mapped.category_group
    and entries.category_name = categories_mapped.category_name
-- what a better source tells as well is left out here and listed in rpt_duplicates
where coalesce(bank_rows_paired.is_kept, true)
