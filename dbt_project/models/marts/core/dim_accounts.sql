with matched as (
    select * from {{ ref('int_core__accounts_matched') }}
),

transactions as (
    select * from {{ ref('fct_transactions') }}
),

pendings as (
    select * from {{ ref('fct_pending_transactions') }}
),

balances as (
    select * from {{ ref('fct_account_balances_daily') }}
),

statements as (
    select * from {{ ref('int_core__statements_described') }}
),

reported as (
    select * from {{ ref('int_core__balances_reported') }}
),

-- the source that is believed first names the account; what it leaves open another may say
filled as (
    select
        account_key,
        max(institution_name) as institution_name,
        max(account_group) as account_group,
        max(masked_number) as masked_number,
        max(currency_code) as currency_code
    from matched
    group by account_key
),

declared as (
    select
        matched.account_key,
        matched.party_key,
        matched.connection_key,
        matched.source_name,
        matched.account_name,
        matched.account_kind,
        coalesce(matched.institution_name, filled.institution_name) as institution_name,
        coalesce(matched.account_group, filled.account_group) as account_group,
        coalesce(matched.masked_number, filled.masked_number) as masked_number,
        coalesce(matched.currency_code, filled.currency_code) as currency_code,
        matched.source_count
    from matched
    inner join filled on matched.account_key = filled.account_key
    where matched.source_no = 1
),

-- accounts that rows name and their source never told of: kept, and marked as such
named as (
    select
        account_key,
        party_key,
        source_name
    from transactions
    union all
    select
        account_key,
        party_key,
        source_name
    from pendings
    union all
    select
        account_key,
        party_key,
        source_name
    from statements
    union all
    select
        account_key,
        party_key,
        source_name
    from reported
),

mentioned as (
    select
        account_key,
        min(party_key) as party_key,
        min(source_name) as source_name
    from named
    where account_key not in (select declared.account_key from declared)
    group by account_key
),

with_balance as (
    select distinct account_key from balances
),

accounts as (
    select
        account_key,
        party_key,
        connection_key,
        source_name,
        account_name,
        account_kind,
        institution_name,
        account_group,
        masked_number,
        currency_code,
        true as is_declared,
        source_count
    from declared

    union all

    select
        account_key,
        party_key,
        cast(null as uuid) as connection_key,
        source_name,
        'Undeclared account' as account_name,
        'other' as account_kind,
        cast(null as varchar) as institution_name,
        cast(null as varchar) as account_group,
        cast(null as varchar) as masked_number,
        cast(null as varchar) as currency_code,
        false as is_declared,
        1 as source_count
    from mentioned
)

select
    accounts.account_key,
    accounts.party_key,
    accounts.connection_key,
    accounts.source_name,
    accounts.account_name,
    accounts.account_kind,
    accounts.institution_name,
    accounts.account_group,
    accounts.masked_number,
    accounts.currency_code,
    accounts.is_declared,
    with_balance.account_key is not null as has_balance,
    accounts.source_count
from accounts
left join with_balance on accounts.account_key = with_balance.account_key
