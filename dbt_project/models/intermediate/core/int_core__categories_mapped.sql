{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

with connections as (
    select * from {{ ref('int_core__connections_described') }}
),

-- depends_on: {{ ref('int_core__party_months_changed') }}
entries as (
    select * from {{ ref('int_core__entries_unioned') }}
    {{ where_changed('connection_id') }}
),

budgets as (
    select * from {{ ref('stg_budgets') }}
),

categories as (
    select * from {{ ref('categories') }}
),

rules as (
    select
        source_name,
        coalesce(entry_kind, '') as entry_kind,
        coalesce({{ category_key('source_group') }}, '') as group_key,
        {{ category_key('source_category') }} as name_key,
        category_id
    from {{ ref('category_map') }}
),

-- from here on a row is one way of naming a category: thousands, where entries are millions
named as (
    select distinct
        connections.source_name,
        entries.transaction_kind,
        entries.category_group,
        entries.category_name
    from entries
    inner join connections on entries.connection_id = connections.connection_id
    union
    -- a plan names what is to be spent, also where nothing was yet
    select
        connections.source_name,
        'expense' as transaction_kind,
        coalesce(budgets.category_group, '') as category_group,
        budgets.category_name
    from budgets
    inner join connections on budgets.connection_id = connections.connection_id
),

keyed as (
    select
        named.*,
        {{ category_key('category_group') }} as group_key,
        {{ category_key('category_name') }} as name_key
    from named
    where not exists ({{ already_mapped('named') }})
),

candidates as (
    select
        keyed.source_name,
        keyed.transaction_kind,
        keyed.category_group,
        keyed.category_name,
        rules.category_id,
        row_number() over (
            partition by
                keyed.source_name, keyed.transaction_kind, keyed.category_group, keyed.category_name
            order by
                -- the source outweighs the group, the group outweighs the kind
                case when rules.source_name <> '*' then 4 else 0 end
                + case when rules.group_key <> '' then 2 else 0 end
                + case when rules.entry_kind <> '' then 1 else 0 end desc
        ) as rank_no
    from keyed
    inner join rules
        on keyed.name_key = rules.name_key
        and rules.source_name in ('*', keyed.source_name)
        and rules.group_key in ('', keyed.group_key)
        and rules.entry_kind in ('', keyed.transaction_kind)
    where keyed.name_key <> ''
),

chosen as (
    select
        keyed.source_name,
        keyed.transaction_kind,
        keyed.category_group,
        keyed.category_name,
        coalesce(
            candidates.category_id,
            case keyed.transaction_kind
                when 'transfer' then 'account_transfer'
                when 'opening_balance' then 'opening_balance'
                when 'adjustment' then 'balance_adjustment'
                when 'debt_payment' then 'debt_repayment'
                else 'uncategorised'
            end
        ) as category_id
    from keyed
    left join candidates
        on keyed.source_name = candidates.source_name
        and keyed.transaction_kind = candidates.transaction_kind
        and keyed.category_group = candidates.category_group
        and keyed.category_name = candidates.category_name
        and candidates.rank_no = 1
)

select
    chosen.source_name,
    chosen.transaction_kind,
    chosen.category_group,
    chosen.category_name,
    chosen.category_id,
    case
        when chosen.category_name = '' then null
        when chosen.category_group = '' then chosen.category_name
        else chosen.category_group || ': ' || chosen.category_name
    end as source_category,
    case
        when chosen.transaction_kind in ('transfer', 'opening_balance', 'adjustment') then 'none'
        when chosen.transaction_kind = 'debt_payment' then 'debt'
        when chosen.category_id = 'uncategorised' then chosen.transaction_kind
        when categories.category_kind = 'transfer' then 'none'
        else categories.category_kind
    end as flow_type
from chosen
inner join categories on chosen.category_id = categories.category_id
